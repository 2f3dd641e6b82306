import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import type { BenchRow } from './forecast.bench';

export const name = 'synth';
export const description = 'Synthesis of every stack of every environment, beside the same stacks through the provider barrel with ts-node, as its template does (medians of 3, in turn)';

const ROOT = resolve(__dirname, '..');
const WORK = join(ROOT, 'node_modules', '.cache', 'bench-synth');
const RUNS = 3;

/** Seconds of wall time, and MiB of the largest process. */
interface Sample {
  readonly seconds: number;
  readonly mebibytes: number;
}

/** Runs in turn, so that a machine that slows down slows all of them. */
export async function run(): Promise<{ rows: BenchRow[] }> {
  prepare();
  try {
    const variants = {
      tsx: () => measure(['--import', 'tsx', join(ROOT, 'stacks', 'main.ts')], ROOT),
      bundle: () => measure([join(WORK, 'bundle', 'main.cjs')], ROOT),
      barrel: () => measure([join(ROOT, 'node_modules', 'ts-node', 'dist', 'bin.js'), join(WORK, 'barrel', 'stacks', 'main.ts')], join(WORK, 'barrel')),
    };
    const samples = { tsx: [] as Sample[], bundle: [] as Sample[], barrel: [] as Sample[] };
    for (let index = 0; index < RUNS; index += 1) {
      for (const key of ['tsx', 'bundle', 'barrel'] as const) samples[key].push(variants[key]());
    }
    const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
    const of = (key: keyof typeof samples, figure: keyof Sample) => median(samples[key].map((sample) => sample[figure]));
    return {
      rows: [
        { what: 'every stack, tsx', value: of('tsx', 'seconds'), unit: 's', baseline: `barrel with ts-node: ${of('barrel', 'seconds').toFixed(1)} s` },
        { what: 'every stack, bundled', value: of('bundle', 'seconds'), unit: 's', baseline: `barrel with ts-node: ${of('barrel', 'seconds').toFixed(1)} s` },
        { what: 'times as fast as the barrel, tsx', value: of('barrel', 'seconds') / of('tsx', 'seconds'), unit: 'ratio' },
        { what: 'times as fast as the barrel, bundled', value: of('barrel', 'seconds') / of('bundle', 'seconds'), unit: 'ratio' },
        { what: 'memory, tsx', value: of('tsx', 'mebibytes'), unit: 'MiB', baseline: `barrel: ${of('barrel', 'mebibytes').toFixed(0)} MiB` },
      ],
    };
  } finally {
    rmSync(WORK, { recursive: true, force: true });
  }
}

/** A copy of the stacks whose deep provider imports go through the barrel, as the engine own template writes them; and a bundle. */
function prepare(): void {
  rmSync(WORK, { recursive: true, force: true });
  const barrel = join(WORK, 'barrel');
  for (const room of ['base', 'config', 'components', 'stacks', 'dist']) cpSync(join(ROOT, room), join(barrel, room), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(barrel, 'node_modules'));
  const options = { module: 'nodenext', moduleResolution: 'nodenext', target: 'ES2022', lib: ['es2023'], types: ['node'], strict: true, esModuleInterop: true, skipLibCheck: true };
  writeFileSync(join(barrel, 'tsconfig.json'), JSON.stringify({ compilerOptions: options }));
  writeFileSync(join(barrel, 'package.json'), '{}');
  for (const file of readdirSync(barrel, { recursive: true, withFileTypes: true })) {
    if (!file.isFile() || !file.name.endsWith('.ts') || file.parentPath.includes('node_modules')) continue;
    const path = join(file.parentPath, file.name);
    writeFileSync(path, throughBarrel(readFileSync(path, 'utf8')));
  }
  mkdirSync(join(WORK, 'bundle'), { recursive: true });
  buildSync({ entryPoints: [join(ROOT, 'stacks', 'main.ts')], outfile: join(WORK, 'bundle', 'main.cjs'), bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'silent' });
}

/** `import { EksCluster } from '@cdktf/provider-aws/lib/eks-cluster'` becomes a name of the barrel's namespace `eksCluster`. */
function throughBarrel(source: string): string {
  return source.replace(/import (type )?\{([^}]*)\} from '(@cdktf\/provider-[a-z]+)\/lib\/([a-z0-9-]+)';/g, (_all, _type, names: string, provider: string, file: string) => {
    const namespace = file.replace(/-([a-z0-9])/g, (_dash, letter: string) => letter.toUpperCase());
    const aliases = names.split(',').map((each) => each.trim().replace(/^type /, '')).filter((each) => each !== '');
    const local = `_${namespace}`;
    return [`import { ${namespace} as ${local} } from '${provider}';`, ...aliases.map((each) => {
      const [from = '', to = from] = each.split(' as ').map((word) => word.trim());
      return `import ${to} = ${local}.${from};`;
    })].join('\n');
  });
}

function measure(args: readonly string[], cwd: string): Sample {
  const out = join(WORK, 'out');
  rmSync(out, { recursive: true, force: true });
  const report = 'process.on("exit", () => process.stderr.write(`\\nrss ${process.resourceUsage().maxRSS}\\n`));';
  writeFileSync(join(WORK, 'rss.cjs'), report);
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--require', join(WORK, 'rss.cjs'), ...args], {
    cwd, encoding: 'utf8', env: { ...process.env, CDKTF_OUTDIR: out, CHECKPOINT_DISABLE: '1' },
  });
  const seconds = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`${args.at(-1)} ended with ${status}: ${stderr.split('\n').slice(0, 14).join(' | ')}`);
  return { seconds, mebibytes: Number(/rss (\d+)/.exec(stderr)?.[1] ?? NaN) / 1024 };
}
