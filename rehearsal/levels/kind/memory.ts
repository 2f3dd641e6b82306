import { Engine, lines } from './engine';

const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** Bytes that containers use, without the page cache, as the engine tells it. */
export async function memoryOf(engine: Engine, containers: readonly string[]): Promise<number> {
  const output = await engine.output(['stats', '--no-stream', '--format', '{{.MemUsage}}', ...containers]);
  return lines(output).reduce((sum, line) => sum + bytesIn(line.split('/')[0]!.trim()), 0);
}

/** `1.5GiB` as bytes; 0 for what is no size. */
export function bytesIn(text: string): number {
  const [, number = '', unit = ''] = /^([\d.]+)\s*([A-Za-z]+)$/.exec(text) ?? [];
  return Math.round(Number(number) * (UNITS[unit] ?? 0));
}
