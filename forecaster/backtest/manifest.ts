import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { type Fault, FaultError, refuse, show } from '../../base/faults';
import { readText } from './csv';

const seriesEntry = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 300, description: 'a name that no other series has' }),
  dataset: Type.String({ minLength: 1, maxLength: 100, description: 'where the series comes from; at most 16 of a dataset are scored' }),
  kind: Type.String({ minLength: 1, maxLength: 100, description: 'what is measured, for example cpu, requests, latency, memory' }),
  track: Type.String({ minLength: 1, maxLength: 20, description: 'the track that scores it: ops5m or short; other tracks are passed over' }),
  file: Type.String({ minLength: 1, maxLength: 1000, description: 'CSV or gzip, relative to the folder of the manifest' }),
  unit: Type.Optional(Type.String()),
  license: Type.Optional(Type.String()),
  source: Type.Optional(Type.String()),
});

/** The schema of `manifest.json`; fields beyond it are allowed and ignored. */
export const manifestSchema = Type.Object({ series: Type.Array(seriesEntry, { minItems: 1, maxItems: 100_000 }) });

/** A series of the manifest. */
export type ManifestSeries = Static<typeof seriesEntry>;

/**
 * Reads `DIR/manifest.json`.
 *
 * @throws FaultError with everything that is wrong with it
 */
export function readManifest(dataDir: string): ManifestSeries[] {
  const path = join(dataDir, 'manifest.json');
  if (!existsSync(dataDir)) {
    throw new FaultError('there is nothing to backtest', [{ where: '--data', got: `no folder ${show(dataDir)}`, allowed: 'a folder that holds manifest.json', do: 'correct the path' }]);
  }
  const faults: Fault[] = [];
  const content = parseJson(readText(path), path);
  for (const error of [...Value.Errors(manifestSchema, content)].slice(0, 20)) {
    faults.push({
      where: `${path}${error.path.replaceAll('/', '.')}`, got: show(error.value), allowed: String(error.schema.description ?? error.message.toLowerCase()),
      do: 'see docs/forecasting.md, Your own series',
    });
  }
  refuse('the manifest is not usable', faults);
  const { series } = content as Static<typeof manifestSchema>;
  const seen = new Map<string, number>();
  series.forEach(({ id, file }, index) => {
    const before = seen.get(id);
    if (before !== undefined) faults.push({ where: `${path}.series.${index}.id`, got: show(id), allowed: 'an id of its own', do: `rename it or remove series ${before}, which has the same` });
    seen.set(id, index);
    const inside = normalize(file);
    if (inside.startsWith('..') || inside.startsWith('/')) faults.push({ where: `${path}.series.${index}.file`, got: show(file), allowed: 'a path within the folder of the manifest', do: 'copy the file there' });
  });
  refuse('the manifest is not usable', faults);
  return series;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new FaultError('the manifest is not usable', [{ where: path, got: (error as Error).message, allowed: 'JSON', do: 'mend the file' }]);
  }
}

/** No dataset decides the result: this many series of each are scored. */
const CAP = 16;

/**
 * The series that a track scores, sorted by id: at most 16 of a dataset (`short`: of a dataset and kind), drawn in the order of
 * SHA-1 of `eval:<id>`, so that everybody draws the same.
 *
 * @param cap series per dataset @default 16
 */
export function selectSeries(series: readonly ManifestSeries[], track: 'ops5m' | 'short', cap = CAP): ManifestSeries[] {
  const drawn = series
    .filter((entry) => entry.track === track)
    .map((entry) => ({ entry, order: createHash('sha1').update(`eval:${entry.id}`).digest('hex') }))
    .sort((a, b) => (a.order < b.order ? -1 : 1));
  const counts = new Map<string, number>();
  return drawn
    .filter(({ entry }) => {
      const group = track === 'short' ? JSON.stringify([entry.dataset, entry.kind]) : entry.dataset;
      const count = (counts.get(group) ?? 0) + 1;
      counts.set(group, count);
      return count <= cap;
    })
    .map(({ entry }) => entry)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
