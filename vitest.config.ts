import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './test/support/summary-reporter';

export default defineConfig({
  test: {
    teardownTimeout: 120_000,
    reporters: ['default', new SummaryReporter()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.integration.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.integration.test.ts'],
          // They start real programs on this machine: one after the other, and never in a hurry.
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
});
