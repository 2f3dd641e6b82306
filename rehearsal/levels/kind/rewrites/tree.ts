import { parseAllDocuments, stringify } from 'yaml';
import { KubeObject, nameOf, refOf } from '../../../control-plane/kube-objects';
import type { Substitution } from '../../../report/schema';
import type { Changed } from '../../manifests';

/** Files of `dist/`: path in the repository (`dist/dev/catalog/service-catalog.yaml`) to the objects in it. */
export type Tree = ReadonlyMap<string, readonly KubeObject[]>;

/** Changes one object; what it does not concern comes back as it is. */
export type ObjectRewrite = (object: KubeObject) => Changed;

/** An object as it is. */
export function unchanged(object: KubeObject): Changed {
  return { objects: [object], substitutions: [] };
}

/** One value of an object set to another, said as a {@link Substitution}; nothing if it has that value already. */
export function replaced(object: KubeObject, path: string, from: string, to: string, why: string): Substitution[] {
  return from === to ? [] : [{ object: nameOf(refOf(object)), path, from, to, why }];
}

/** Every rewrite in turn over every object of a tree. */
export function rewriteTree(tree: Tree, rewrites: readonly ObjectRewrite[]): { readonly tree: Tree; readonly substitutions: readonly Substitution[] } {
  const substitutions: Substitution[] = [];
  const apply = (rewrite: ObjectRewrite) => (object: KubeObject): readonly KubeObject[] => {
    const result = rewrite(object);
    substitutions.push(...result.substitutions);
    return result.objects;
  };
  const changed = [...tree].map(([path, objects]) => [path, rewrites.reduce<readonly KubeObject[]>((all, rewrite) => all.flatMap(apply(rewrite)), objects)] as const);
  return { tree: new Map(changed), substitutions };
}

/** The objects of YAML texts by path; other files are not looked at. */
export function parseTree(files: ReadonlyMap<string, string>): Tree {
  return new Map([...files].filter(([path]) => /\.ya?ml$/.test(path)).map(([path, text]) => [
    path, parseAllDocuments(text).map((document) => document.toJS() as KubeObject | null).filter((object): object is KubeObject => object !== null),
  ]));
}

/** A tree as files again. */
export function printTree(tree: Tree): Map<string, string> {
  return new Map([...tree].map(([path, objects]) => [path, objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n')]));
}
