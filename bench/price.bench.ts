import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { compareSides } from '../pricing/change/compare';
import { ManifestReader } from '../pricing/change/manifests';
import { priceSide } from '../pricing/change/price-side';
import { synthesizeTree } from '../pricing/change/synthesis';
import { SynthesisCache } from '../pricing/change/synthesis-cache';
import { SOURCES, workingTree } from '../pricing/change/source-tree';
import { priceBook } from '../pricing/price-book';
import type { BenchRow } from './forecast.bench';

export const name = 'price';
export const description = 'The price of a change of every environment, both sides synthesized, beside a synthesis of every stack (medians of 7, in turn)';

const ROOT = resolve(__dirname, '..');
const RUNS = 7;

/** Runs in turn, so that a machine that slows down slows all of them. */
export async function run(): Promise<{ rows: BenchRow[] }> {
  const work = mkdtempSync(join(tmpdir(), 'bench-price-'));
  try {
    const cache = new SynthesisCache(join(work, 'price'));
    const synthesis = async (folder: SynthesisCache) => synthesizeTree(workingTree(ROOT), { root: ROOT, cache: folder, signal: new AbortController().signal });
    const seconds: Record<'engine' | 'cached' | 'synth' | 'process', number[]> = { engine: [], cached: [], synth: [], process: [] };
    let counted = 0;
    await synthesis(cache);
    const project = committed(work);
    for (let index = 0; index < RUNS; index += 1) {
      seconds.synth.push(await timed(() => synthesis(new SynthesisCache(join(work, `fresh-${index}`)))));
      let synthesized = await synthesis(cache);
      seconds.cached.push(await timed(async () => { synthesized = await synthesis(cache); }));
      if (!('stacks' in synthesized)) throw new Error(`the stacks cannot be synthesized: ${JSON.stringify(synthesized.why)}`);
      const { stacks } = synthesized;
      seconds.engine.push(await timed(async () => {
        counted = 0;
        const sides = [0, 1].map(() => ({ manifests: new ManifestReader().environments(dist()), stacks }));
        for (const environment of sides[0]!.manifests.keys()) {
          const [before, after] = sides.map((side) => priceSide(side, environment, {}, priceBook));
          counted += compareSides({ before, after }, priceBook, true).priced.after.length;
        }
      }));
      seconds.process.push(await timed(async () => {
        const args = ['--require', require.resolve('tsx/cjs'), join(ROOT, 'pricing', 'change', 'main.ts'), '--against', 'HEAD', '--format', 'json', '--out', join(work, 'report.json')];
        const { status, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8', env: { ...process.env, TIDELINE_CACHE: work } });
        if (status !== 0 || stderr.includes('unknown')) throw new Error(`the price ended with ${status}: ${stderr.slice(0, 400)}`);
      }));
    }
    const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
    const synth = median(seconds.synth);
    const beside = `every stack synthesized: ${synth.toFixed(2)} s`;
    return {
      rows: [
        { what: 'manifests of both sides read, priced and compared', value: median(seconds.engine), unit: 's', baseline: beside },
        { what: 'stacks of one side from the cache, sources hashed', value: median(seconds.cached), unit: 's', baseline: beside },
        { what: 'the whole program against a commit, both sides in the cache', value: median(seconds.process), unit: 's', baseline: beside },
        { what: 'a synthesis over the price of a change', value: synth / median(seconds.engine), unit: 'ratio' },
        { what: 'charges priced on each side', value: counted, unit: 'lines' },
      ],
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The sources as they lie here, committed to a repository of their own: whatever is being edited, both sides can be synthesized. */
function committed(work: string): string {
  const folder = join(work, 'project');
  for (const path of SOURCES) if (existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'dir');
  for (const args of [['init', '-q'], ['add', ...SOURCES.filter((path) => existsSync(join(folder, path)))], ['-c', 'user.name=b', '-c', 'user.email=b@example.com', 'commit', '-q', '-m', 'as it is']]) {
    const { status, stderr } = spawnSync('git', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`git ${args[0]} ended with ${status}: ${stderr}`);
  }
  return folder;
}

function dist(): ReadonlyMap<string, string> {
  const folder = join(ROOT, 'dist');
  return new Map(readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name)).map((path) => [relative(folder, path).split(sep).join('/'), readFileSync(path, 'utf8')]));
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await action();
  return (performance.now() - began) / 1000;
}
