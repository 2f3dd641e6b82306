import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { writeFileAtomic } from '../base/atomic-file';
import type { BenchRow } from './forecast.bench';
import { scatter } from './scatter';

export const name = 'environments';
export const description = 'Synthesis of every stack of 3 to 100 environments, by tsx and bundled (medians of 3, in turn), with the straight line through them; draws docs/images/synth-environments.svg';

const ROOT = resolve(__dirname, '..');
const WORK = join(ROOT, 'node_modules', '.cache', 'bench-environments');
const COUNTS = [3, 10, 25, 50, 75, 100];
const RUNS = 3;

interface Sample {
  readonly count: number;
  readonly seconds: number;
  readonly mebibytes: number;
}

/** Runs in turn, so that a machine that slows down slows all of them. */
export async function run(): Promise<{ rows: BenchRow[] }> {
  rmSync(WORK, { recursive: true, force: true });
  mkdirSync(WORK, { recursive: true });
  try {
    const main = join(ROOT, 'bench', 'environments', 'main.ts');
    const bundle = join(WORK, 'main.cjs');
    buildSync({ entryPoints: [main], outfile: bundle, bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'silent' });
    const variants = { tsx: ['--import', 'tsx', main], bundled: [bundle] } as const;
    const samples: Record<keyof typeof variants, Sample[]> = { tsx: [], bundled: [] };
    for (let round = 0; round < RUNS; round += 1) {
      for (const count of COUNTS) for (const key of ['tsx', 'bundled'] as const) samples[key].push(measure([...variants[key], String(count)], count));
    }
    const medians = { tsx: COUNTS.map((count) => medianOf(samples.tsx, count)), bundled: COUNTS.map((count) => medianOf(samples.bundled, count)) };
    writeFileAtomic(join(ROOT, 'docs', 'images', 'synth-environments.svg'), scatter({
      title: 'Synthesis of every stack, by number of environments', x: 'environments', y: 'seconds',
      series: (['tsx', 'bundled'] as const).map((key) => ({ label: key, points: medians[key].map(({ count, seconds }) => [count, seconds] as const), line: fit(medians[key]) })),
    }));
    return {
      rows: (['tsx', 'bundled'] as const).flatMap((key) => {
        const { slope, r2 } = fit(medians[key]);
        const last = medians[key].at(-1)!;
        return [
          ...medians[key].map(({ count, seconds }): BenchRow => ({ what: `${count} environments, ${key}`, value: seconds, unit: 's' })),
          { what: `one environment more, ${key}`, value: slope * 1000, unit: 'ms' },
          { what: `how straight the line is (R²), ${key}`, value: r2, unit: 'ratio' },
          { what: `memory of ${last.count} environments, ${key}`, value: last.mebibytes, unit: 'MiB', baseline: `of ${medians[key][0]!.count}: ${medians[key][0]!.mebibytes.toFixed(0)} MiB` },
        ];
      }),
    };
  } finally {
    rmSync(WORK, { recursive: true, force: true });
  }
}

function medianOf(samples: readonly Sample[], count: number): Sample {
  return samples.filter((each) => each.count === count).sort((a, b) => a.seconds - b.seconds)[Math.floor(RUNS / 2)]!;
}

/** Least squares. */
function fit(samples: readonly Sample[]): { readonly slope: number; readonly intercept: number; readonly r2: number } {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(samples.map(({ count }) => count)), mean(samples.map(({ seconds }) => seconds))];
  const covariance = mean(samples.map(({ count, seconds }) => (count - x) * (seconds - y)));
  const slope = covariance / mean(samples.map(({ count }) => (count - x) ** 2));
  const intercept = y - slope * x;
  const rest = mean(samples.map(({ count, seconds }) => (seconds - intercept - slope * count) ** 2));
  return { slope, intercept, r2: 1 - rest / mean(samples.map(({ seconds }) => (seconds - y) ** 2)) };
}

function measure(args: readonly string[], count: number): Sample {
  const out = join(WORK, 'out');
  rmSync(out, { recursive: true, force: true });
  writeFileSync(join(WORK, 'rss.cjs'), 'process.on("exit", () => process.stderr.write(`\\nrss ${process.resourceUsage().maxRSS}\\n`));');
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--require', join(WORK, 'rss.cjs'), ...args], {
    cwd: ROOT, encoding: 'utf8', env: { ...process.env, CDKTF_OUTDIR: out, CHECKPOINT_DISABLE: '1' },
  });
  const seconds = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`${args.at(-1)} environments ended with ${status}: ${stderr.split('\n').slice(0, 14).join(' | ')}`);
  return { count, seconds, mebibytes: Number(/rss (\d+)/.exec(stderr)?.[1] ?? NaN) / 1024 };
}
