import { LineCounter, parseAllDocuments } from 'yaml';
import { Fault, FaultError } from '../../base/faults';
import { EnvironmentFacts, PricedObject } from '../manifests/contract';
import { at, listAt } from '../manifests/objects';
import { readEnvironmentModel } from '../model-schema';

/** Content of files by path. */
export type Files = ReadonlyMap<string, string>;

/** The ConfigMap the cost service reads; it says what manifests do not: region, node pools, budget. */
const MODELS = 'cost-environments';
const MEND = 'run npx projen update:manifests, or state the facts of the environment in the usage file';

/**
 * What an environment starts from where there is no EKS. There a chart of a stack and an add-on bring the same, so nothing below it is in the price of EKS: neither what the
 * chart runs nor what the add-on does ever was.
 */
const ELSEWHERE = 'bootstrap';

/** Manifests of a folder that is laid out `<environment>/**`, read once however often their content is seen. */
export class ManifestReader {
  private readonly parsed = new Map<string, readonly PricedObject[]>();

  /** Objects of every environment. */
  environments(files: Files): ReadonlyMap<string, readonly PricedObject[]> {
    const found = new Map<string, PricedObject[]>();
    const faults: Fault[] = [];
    for (const [path, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const [environment, ...rest] = path.split('/');
      if (!environment || rest.length === 0 || (rest.length > 1 && rest[0] === ELSEWHERE) || !/\.(ya?ml|json)$/.test(path)) continue;
      const objects = found.get(environment) ?? [];
      found.set(environment, objects);
      objects.push(...this.parse(path, text, faults));
    }
    if (faults.length > 0) throw new FaultError('the manifests cannot be read', faults);
    return found;
  }

  private parse(path: string, text: string, faults: Fault[]): readonly PricedObject[] {
    const known = this.parsed.get(text);
    if (known) return known;
    if (isOfNoMatter(text)) return [];
    const lines = new LineCounter();
    const objects: PricedObject[] = [];
    for (const document of parseAllDocuments(text, { lineCounter: lines })) {
      const error = document.errors[0];
      if (error) {
        faults.push({ where: `${path}:${lines.linePos(error.pos[0]).line}`, got: error.message.split('\n')[0] ?? '', allowed: 'YAML or JSON', do: 'correct the file' });
        continue;
      }
      objects.push(...objectsIn(document.toJS()));
    }
    this.parsed.set(text, objects);
    return objects;
  }
}

/** Kinds that cost nothing by themselves and say nothing of what does. Most of an environment's YAML is theirs, and to parse it takes longer than everything else. */
const OF_NO_MATTER: ReadonlySet<string> = new Set([
  'APIService', 'AppProject', 'Application', 'ClusterRole', 'ClusterRoleBinding', 'CustomResourceDefinition', 'Namespace', 'NetworkPolicy', 'PodDisruptionBudget', 'PrometheusRule',
  'Role', 'RoleBinding', 'ServiceAccount', 'TriggerAuthentication',
]);

/** Whether every document of a text is plainly of such a kind. In doubt it is not. */
function isOfNoMatter(text: string): boolean {
  const documents = text.split(/^---.*$/m).filter((document) => document.trim() !== '');
  return documents.every((document) => {
    const kinds = [...document.matchAll(/^kind: *(\w+) *$/gm)];
    const kind = kinds[0]?.[1];
    return kinds.length === 1 && kind !== undefined && (OF_NO_MATTER.has(kind) || (kind === 'ConfigMap' && !document.includes(MODELS)));
  });
}

/** Objects of a document; those of a List one by one, and nothing of what is no object. */
function objectsIn(value: unknown): PricedObject[] {
  if (at(value, 'kind') === 'List') return listAt(value, 'items').flatMap(objectsIn);
  return typeof at(value, 'kind') === 'string' && typeof at(value, 'metadata', 'name') === 'string' ? [value as PricedObject] : [];
}

/**
 * Facts of an environment as its own manifests state them, in what the cost service is given.
 *
 * @returns undefined if they state none
 * @throws FaultError if they cannot be used
 */
export function factsIn(environment: string, objects: readonly PricedObject[]): EnvironmentFacts | undefined {
  const map = objects.find((object) => object.kind === 'ConfigMap' && object.metadata.name === MODELS);
  const text = at(map, 'data', `${environment}.json`);
  if (typeof text !== 'string') return undefined;
  const where = `${environment}: ConfigMap ${MODELS}, ${environment}.json`;
  const refuse = (faults: readonly Fault[]) => new FaultError(`what ${environment} consists of cannot be read`, faults);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refuse([{ where, got: (error as Error).message, allowed: 'JSON', do: MEND }]);
  }
  const shaped = readEnvironmentModel(value, where, MEND);
  if ('faults' in shaped) throw refuse(shaped.faults);
  return shaped.model;
}

/** What is said of an environment whose facts nobody states. */
export function missingFacts(environment: string): Fault {
  return {
    where: environment, got: `no ConfigMap ${MODELS} and no facts in a usage file`, allowed: 'region, node pools and budget of the environment', do: `state environments.${environment}.facts in a usage file (--usage)`,
  };
}
