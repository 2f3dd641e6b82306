import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { LineCounter, parseAllDocuments } from 'yaml';
import { Fault, refuse, show } from '../base/faults';
import type { KubernetesObject, ManifestObject, Synthesized, TerraformStack } from './objects';

const WAVE = 'argocd.argoproj.io/sync-wave';
const ARGO_GROUP = 'argoproj.io/';

/**
 * Reads manifests laid out as dist/: `<environment>/<application>/<object>.yaml` and `<environment>/root.yaml`.
 *
 * @param options `stacks`: folder with one `<stack>/cdk.tf.json` per stack; nothing is read where it is absent
 * @throws FaultError naming file and line of everything that is not an object, and every object that is there twice
 */
export function loadObjects(folder: string, options: { readonly stacks?: string } = {}): Synthesized {
  const faults: Fault[] = [];
  if (!existsSync(folder)) {
    refuse('there is nothing to verify', [{ where: folder, got: 'no such folder', allowed: 'a folder laid out as dist/', do: 'run npx projen update:manifests' }]);
  }
  const parsed = filesBelow(folder, '.yaml').flatMap((file) => parseFile(folder, file, faults));
  const seen = new Map<string, string>();
  for (const { file, environment, object } of parsed) {
    const key = `${environment} ${object.apiVersion} ${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    const first = seen.get(key);
    if (first !== undefined) faults.push({ where: file, got: `${object.kind} ${object.metadata.name}, which ${first} holds too`, allowed: 'each object once per environment', do: 'remove one of them' });
    seen.set(key, file);
  }
  const stacks = options.stacks && existsSync(options.stacks) ? filesBelow(options.stacks, 'cdk.tf.json').flatMap((file) => parseStack(options.stacks!, file, faults)) : [];
  refuse('the manifests cannot be read', faults);
  const waves = wavesOf(parsed);
  return {
    objects: parsed.map((each) => ({ ...each, wave: each.application === 'root' ? -2 : each.application === 'delivery' ? -1 : waves.get(`${each.environment}/${each.application}`) })),
    stacks,
  };
}

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')).sort();
}

function parseFile(folder: string, file: string, faults: Fault[]): Omit<ManifestObject, 'wave'>[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(readFileSync(join(folder, file), 'utf8'), { lineCounter: lines });
  const [environment = '', second = ''] = file.split('/');
  const application = file.split('/').length > 2 ? second : second.replace(/\.yaml$/, '');
  const result: Omit<ManifestObject, 'wave'>[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    const problem = document.errors[0];
    if (problem) {
      faults.push({ where: `${file}:${lines.linePos(problem.pos[0]).line}`, got: problem.message.split('\n')[0] ?? 'malformed YAML', allowed: 'YAML', do: 'run npx projen update:manifests' });
      continue;
    }
    const value = document.toJS() as KubernetesObject | null;
    if (value === null) continue;
    const missing = ['apiVersion', 'kind'].filter((key) => typeof value[key] !== 'string' || value[key] === '');
    if (typeof value.metadata?.name !== 'string' || value.metadata.name === '') missing.push('metadata.name');
    if (missing.length > 0) {
      faults.push({ where: `${file}:${lines.linePos(document.range[0]).line}`, got: `no ${missing.join(', ')} in ${show(value)}`, allowed: 'a Kubernetes object', do: 'name them' });
      continue;
    }
    result.push({ file, environment, application, object: value });
  }
  return result;
}

function parseStack(folder: string, file: string, faults: Fault[]): TerraformStack[] {
  try {
    return [{ name: file.split('/')[0] ?? file, file, json: JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, unknown> }];
  } catch (error) {
    faults.push({ where: file, got: (error as Error).message, allowed: 'JSON', do: 'run npx projen synth' });
    return [];
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
