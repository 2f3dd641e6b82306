import type { KubeObject } from '../../../control-plane/kube-objects';
import type { MissingImage } from '../../../images/contract';
import type { Tree } from './tree';

/** An Application that this rehearsal goes without, and why. */
export interface LeftOutApplication {
  readonly name: string;
  readonly why: string;
}

/** Applications that no machine without an AWS account can run. */
export const NEEDS_AWS: readonly LeftOutApplication[] = [
  { name: 'karpenter-crds', why: 'Karpenter starts EC2 instances, and there are none here' },
  { name: 'karpenter', why: 'it starts EC2 instances, and there are none here' },
  { name: 'node-pools', why: 'they describe EC2 instances, and there are none here' },
];

/** Name of the Application whose folder of `dist/<environment>/` a file is in. */
const applicationOf = (path: string): string => path.split('/').at(-2) ?? '';

/** Applications that need an image that can be had neither way. */
export function withoutImages(tree: Tree, missing: readonly MissingImage[]): LeftOutApplication[] {
  const found = new Map<string, string>();
  for (const [path, objects] of tree) {
    for (const { spec } of objects) {
      const pod = spec?.template?.spec as { containers?: { image: string }[]; initContainers?: { image: string }[] } | undefined;
      for (const { image } of [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])]) {
        const gone = missing.find(({ reference }) => reference === image);
        if (gone) found.set(applicationOf(path), `its image ${image} can be had neither way: ${gone.why}`);
      }
    }
  }
  return [...found].map(([name, why]) => ({ name, why }));
}

const isApplication = (object: KubeObject): boolean => object.kind === 'Application' && object.apiVersion.startsWith('argoproj.io/');

/** A tree without Applications and what is in their folders. Those that are not in it are not told of. */
export function leaveOut(tree: Tree, applications: readonly LeftOutApplication[]): { readonly tree: Tree; readonly leftOut: readonly LeftOutApplication[] } {
  const names = new Map(applications.map((each) => [each.name, each]));
  const gone = new Map<string, LeftOutApplication>();
  const kept = new Map<string, readonly KubeObject[]>();
  for (const [path, objects] of tree) {
    const folder = applicationOf(path);
    const remaining = objects.filter((object) => {
      const application = names.get(isApplication(object) ? object.metadata.name : folder);
      if (application) gone.set(application.name, application);
      return application === undefined;
    });
    if (remaining.length > 0) kept.set(path, remaining);
  }
  return { tree: kept, leftOut: applications.filter(({ name }) => gone.has(name)) };
}
