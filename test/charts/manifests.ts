import { parseAllDocuments } from 'yaml';
import { synthesize } from '../../charts/synthesize';
import type { Manifest } from '../../components';
import { environments } from '../../config';

/** Everything the charts give for every environment. */
export const files = synthesize(environments());

/** Names of the environments. */
export const names: readonly string[] = environments().map(({ name }) => name);

export function parseObjects(content: string): Manifest[] {
  return parseAllDocuments(content).map((document) => document.toJS() as Manifest);
}

/** The objects of an environment below a folder of it, e.g. `keda/`; all of them by default. */
export function objectsOf(environment: string, folder = ''): Manifest[] {
  const found = [...files].filter(([path]) => path.startsWith(`${environment}/${folder}`)).flatMap(([, content]) => parseObjects(content));
  if (found.length === 0) throw new Error(`the charts give nothing in ${environment}/${folder}`);
  return found;
}
