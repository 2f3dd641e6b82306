import { catalogue, Environment, Release, ServiceName, servicesOf } from '../../config';
import type { ImageDeclaration } from './contract';

/** Entry points of our own images, by the last part of their name. */
const ENTRY_POINTS: Readonly<Record<ServiceName, string>> = {
  catalog: 'apps/catalog/server.ts',
  cost: 'apps/cost/server.ts',
  forecaster: 'forecaster/service/server.ts',
  loadgen: 'apps/loadgen/server.ts',
};

/** Our own images, as the charts of an environment name them. */
export function serviceDeclarations(environment: Environment): ImageDeclaration[] {
  const { repository, tag } = environment.images;
  return servicesOf(environment).map((name) => ({ reference: `${repository}/${name}:${tag}`, source: { bundle: ENTRY_POINTS[name] }, ours: true }));
}

/** The images of all releases that the platform installs. */
export function releaseDeclarations(releases: Readonly<Record<string, Release>> = catalogue): ImageDeclaration[] {
  return Object.values(releases).flatMap((release) => Object.values(release.images)).map(({ name, tag, digest, source }) => (
    // What is named by its digest can be nothing but that: a build of ours has another one.
    digest === 'unpinned' ? { reference: `${name}:${tag}`, source } : { reference: `${name}:${tag}@${digest}` }
  ));
}

/**
 * A declaration for each reference, in their order: the known one, or one without a source, so that an image that nobody declared is looked for in its registry and
 * else reported as missing, never forgotten.
 */
export function declarationsFor(references: readonly string[], known: readonly ImageDeclaration[]): ImageDeclaration[] {
  const declared = new Map(known.map((each) => [each.reference, each]));
  return [...new Set(references)].map((reference) => declared.get(reference) ?? { reference });
}

/** The images that objects of Kubernetes run, sorted: those of every container, wherever the object holds its pods. */
export function imagesOf(objects: readonly unknown[]): string[] {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (CONTAINERS.includes(key) && Array.isArray(child)) {
        for (const container of child as readonly { readonly image?: unknown }[]) if (typeof container?.image === 'string') found.add(container.image);
      }
      visit(child);
    }
  };
  visit(objects);
  return [...found].sort();
}

const CONTAINERS: readonly string[] = ['containers', 'initContainers', 'ephemeralContainers'];
