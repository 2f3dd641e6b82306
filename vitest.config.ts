import { defineConfig } from 'vitest/config';
import { kindTests } from './test/support/kind-tests';
import { SummaryReporter } from './test/support/summary-reporter';

export default defineConfig(async () => {
  const kind = await kindTests();
  console.log(kind.why);
  return {
    test: {
      teardownTimeout: 120_000,
      reporters: ['default', new SummaryReporter()],
      projects: [
        {
          test: {
            name: 'unit',
            include: ['test/**/*.test.ts'],
            exclude: ['test/**/*.integration.test.ts', 'test/**/*.kind.test.ts'],
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
        ...(kind.run ? [{
          test: {
            name: 'kind',
            include: ['test/**/*.kind.test.ts'],
            fileParallelism: false, // one engine, one cluster at a time
            sequence: { groupOrder: 1 }, // when the others have left the cores
            testTimeout: 1_800_000,
            hookTimeout: 1_800_000,
          },
        }] : []),
      ],
    },
  };
});
