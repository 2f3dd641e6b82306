import { readdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file';
import { FaultError, show } from '../base/faults';
import type { BenchRow } from './forecast.bench';

/** A benchmark: one file `<name>.bench.ts`. */
interface Bench {
  readonly name: string;
  readonly description: string;
  readonly run: () => Promise<{ readonly rows: readonly BenchRow[] }>;
}

function benches(): Bench[] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- found by name, so that adding one needs no list
  return readdirSync(__dirname).filter((file) => file.endsWith('.bench.ts')).sort().map((file) => require(join(__dirname, file)) as Bench);
}

/** Runs the named benchmarks, or all, and writes `bench/results/<name>.json` beside the baselines they were measured with. */
async function main(names: readonly string[]): Promise<void> {
  const all = benches();
  const unknown = names.filter((name) => !all.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    throw new FaultError('no such benchmark', unknown.map((name) => ({ where: 'arguments', got: show(name), allowed: all.map((bench) => bench.name).join(', '), do: 'npx projen bench -- <name>' })));
  }
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${process.platform}`;
  for (const { name, description, run } of all.filter((bench) => names.length === 0 || names.includes(bench.name))) {
    console.log(`\n${name}: ${description}`);
    const { rows } = await run();
    for (const { what, value, unit, baseline } of rows) console.log(`  ${what.padEnd(72)} ${value.toPrecision(4).padStart(10)} ${unit}${baseline ? `  (${baseline})` : ''}`);
    writeFileAtomic(join(__dirname, 'results', `${name}.json`), `${JSON.stringify({ name, description, machine, date: new Date().toISOString().slice(0, 10), rows }, null, 2)}\n`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof FaultError ? error.message : `the benchmark failed: ${(error as Error).message}`);
  process.exitCode = 1;
});
