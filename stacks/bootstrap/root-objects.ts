import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { Fault, refuse, show } from '../../base/faults';

/** A Kubernetes object of a root. */
export interface RootObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/**
 * The objects an environment starts from, as committed: what bootstrap applies is what was reviewed, byte for byte.
 *
 * @param dist folder of the manifests
 * @throws FaultError if the file is missing or is not an AppProject and then its Application
 */
export function rootObjects(dist: string, environment: string): readonly RootObject[] {
  const path = join(dist, environment, 'root.yaml');
  const todo = 'run npx projen update:manifests';
  const missing: Fault[] = existsSync(path) ? [] : [{ where: path, got: 'no such file', allowed: 'the root of the environment', do: todo }];
  refuse(`${environment} cannot be bootstrapped`, missing);
  const objects = parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS() as RootObject);
  const kinds = objects.map((object) => object?.kind);
  refuse(`${environment} cannot be bootstrapped`, show(kinds) === show(['AppProject', 'Application']) ? [] : [
    { where: path, got: show(kinds), allowed: 'an AppProject, then the Application that belongs to it', do: todo },
  ]);
  return objects;
}
