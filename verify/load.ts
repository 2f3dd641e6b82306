import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { Document, LineCounter, parseAllDocuments } from 'yaml';
import { Fault, refuse, show } from '../base/faults';
import { groupOf, isBootstrapped, KubernetesObject, ManifestObject, Synthesized, TerraformStack } from './objects';

const WAVE = 'argocd.argoproj.io/sync-wave';
const ARGO_GROUP = 'argoproj.io/';

/** Folder of what an environment starts from: no Application syncs what is below it. */
const BOOTSTRAP = 'bootstrap';

/** Path below dist/ to content, as a synthesis gives it before anything is written. */
export type Manifests = ReadonlyMap<string, string>;

/**
 * Reads manifests laid out as dist/: `<environment>/<application>/<object>.yaml`, `<environment>/bootstrap/<install>/<object>.yaml` and `<environment>/root.yaml`.
 *
 * @param source the folder, or what would be in it
 * @param options `stacks`: folder with one `<stack>/cdk.tf.json` per stack; nothing is read where it is absent
 * @throws FaultError naming file and line of everything that is not an object, every object that is there twice, and every file that Argo CD would read otherwise
 */
export function loadObjects(source: string | Manifests, options: { readonly stacks?: string } = {}): Synthesized {
  const faults: Fault[] = [];
  const manifests = typeof source === 'string' ? readFolder(source) : source;
  const parsed = [...manifests].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([file, content]) => (placeFaults(file, faults) ? [] : parseFile(file, content, faults)));
  if (manifests.size === 0) faults.push({ where: typeof source === 'string' ? source : 'manifests', got: 'no manifest', allowed: 'files laid out as dist/', do: 'run npx projen update:manifests' });
  const seen = new Map<string, string>();
  for (const { file, environment, object } of parsed) {
    // The version is left out: autoscaling/v1 and autoscaling/v2 show the same object.
    const key = `${environment} ${groupOf(object)} ${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, file);
    else faults.push({ where: file, got: `${object.kind} ${object.metadata.name}, which ${first} holds too`, allowed: 'each object once per environment', do: 'remove one of them' });
  }
  const stacks = options.stacks && existsSync(options.stacks) ? filesBelow(options.stacks).filter((file) => basename(file) === 'cdk.tf.json').flatMap((file) => parseStack(options.stacks!, file, faults)) : [];
  refuse('the manifests cannot be read', faults);
  const waves = wavesOf(parsed);
  return {
    objects: parsed.map((each) => ({ ...each, wave: isBootstrapped(each) ? -3 : each.application === 'root' ? -2 : each.application === 'delivery' ? -1 : waves.get(`${each.environment}/${each.application}`) })),
    stacks,
  };
}

function readFolder(folder: string): Manifests {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    refuse('there is nothing to verify', [{ where: folder, got: existsSync(folder) ? 'not a folder' : 'no such folder', allowed: 'a folder laid out as dist/', do: 'run npx projen update:manifests' }]);
  }
  return new Map(filesBelow(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')).sort();
}

/** A file that is not read here but by Argo CD, or the other way round, would go unproven. True if it is to be left out. */
function placeFaults(file: string, faults: Fault[]): boolean {
  if (!/\.(ya?ml|json)$/.test(file)) return true;
  const fits = /^[^/]+\/(root|(bootstrap\/)?(?!bootstrap\/)[^/]+\/[^/]+)\.yaml$/.test(file);
  if (!fits) faults.push({ where: file, got: 'a manifest in a place or format where nobody expects one', allowed: '<environment>/<application>/<object>.yaml, <environment>/bootstrap/<install>/<object>.yaml or <environment>/root.yaml', do: 'move it, or remove it and run npx projen update:manifests' });
  return !fits;
}

function parseFile(file: string, content: string, faults: Fault[]): Omit<ManifestObject, 'wave'>[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(content, { lineCounter: lines, logLevel: 'error' });
  const [environment = '', second = '', third = ''] = file.split('/');
  const application = second === BOOTSTRAP ? `${BOOTSTRAP}/${third}` : second.replace(/\.yaml$/, '');
  const result: Omit<ManifestObject, 'wave'>[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    const problem = document.errors[0];
    if (problem) {
      faults.push({ where: `${file}:${lines.linePos(problem.pos[0]).line}`, got: problem.message.split('\n')[0] ?? 'malformed YAML', allowed: 'YAML', do: 'run npx projen update:manifests' });
      continue;
    }
    const where = `${file}:${lines.linePos(document.contents?.range?.[0] ?? document.range[0]).line}`;
    const value = valueOf(document, where, faults);
    if (value === null || value === undefined) continue;
    const missing = missingIn(value);
    if (missing.length > 0) faults.push({ where, got: `no ${missing.join(', ')} in ${show(value)}`, allowed: 'a Kubernetes object', do: 'name them' });
    else result.push({ file, environment, application, object: value as KubernetesObject });
  }
  if (result.length === 0 && faults.every(({ where }) => !where.startsWith(`${file}:`))) {
    faults.push({ where: `${file}:1`, got: 'no object', allowed: 'one Kubernetes object', do: 'remove the file, or run npx projen update:manifests' });
  }
  return result;
}

/** The value of a document; aliases that multiply without end are found only here. */
function valueOf(document: Document.Parsed, where: string, faults: Fault[]): unknown {
  try {
    return document.toJS() as unknown;
  } catch (error) {
    faults.push({ where, got: (error as Error).message.split('\n')[0] ?? 'malformed YAML', allowed: 'YAML without aliases', do: 'run npx projen update:manifests' });
    return undefined;
  }
}

function missingIn(value: unknown): string[] {
  const { apiVersion, kind, metadata } = (typeof value === 'object' ? value : {}) as { apiVersion?: unknown; kind?: unknown; metadata?: { name?: unknown } | null };
  const parts = { apiVersion, kind, 'metadata.name': metadata?.name };
  return Object.entries(parts).filter(([, part]) => typeof part !== 'string' || part === '').map(([key]) => key);
}

function parseStack(folder: string, file: string, faults: Fault[]): TerraformStack[] {
  const refused = (got: string) => {
    faults.push({ where: join(folder, file), got, allowed: 'the JSON of a stack', do: 'run npx projen synth' });
    return [];
  };
  try {
    const json = JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown;
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? [{ name: file.split('/')[0] ?? file, file, json: json as Record<string, unknown> }] : refused(show(json));
  } catch (error) {
    return refused((error as Error).message);
  }
}

/** Wave of each folder, by `<environment>/<application>`, as the Applications say. */
function wavesOf(objects: readonly Omit<ManifestObject, 'wave'>[]): Map<string, number> {
  const result = new Map<string, number>();
  for (const { environment, application, object } of objects) {
    if (application !== 'delivery' || object.kind !== 'Application' || !object.apiVersion.startsWith(ARGO_GROUP)) continue;
    result.set(`${environment}/${object.metadata.name}`, Number(object.metadata.annotations?.[WAVE] ?? 0));
  }
  return result;
}
