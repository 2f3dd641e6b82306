import { parse } from 'yaml';
import { podTemplateOf, TerraformStack, titleOf } from './objects';
import type { Finding, Rule } from './rule';

interface Used {
  readonly where: string;
  readonly image: string;
  readonly on?: Finding['on'];
}

/** An image without a digest can change under the same name; without a tag nobody knows what it is. */
export const images: Rule = {
  id: 'images',
  title: 'every image is pinned by digest',
  prove: ({ objects, stacks }) => {
    const findings: Finding[] = [];
    const open: Finding[] = [];
    const used: Used[] = [
      ...objects.flatMap((each) => {
        const pod = podTemplateOf(each.object)?.spec;
        return [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map((container) => ({ on: each, where: `${titleOf(each)}, container ${container.name}`, image: container.image ?? '' }));
      }),
      ...stacks.flatMap(imagesOfReleases),
    ];
    for (const { on, where, image } of used) {
      const tag = /:([^/:@]+)(@|$)/.exec(image)?.[1];
      if (/@sha256:[0-9a-f]{64}$/.test(image)) continue;
      if (tag === undefined || tag === 'latest') findings.push({ on, where, got: image || 'no image', allowed: 'a tag other than latest, and a digest', do: 'name the version in the catalogue or the environment' });
      else open.push({ on, where, got: `${image}, whose digest is not known`, allowed: 'name:tag@sha256:…', do: 'look the digest up where the registry can be reached, and write it into config/' });
    }
    return { applied: used.length, findings, open };
  },
};

/** Images that the values of a Helm release name: `image: {repository, tag}`, as charts write it by custom. */
function imagesOfReleases(stack: TerraformStack): Used[] {
  const releases = ((stack.json.resource ?? {}) as Record<string, Record<string, { values?: unknown }>>).helm_release ?? {};
  return Object.entries(releases).flatMap(([name, { values }]) => (Array.isArray(values) ? values : []).flatMap((value) => {
    const used: Used[] = [];
    walk(parsed(value), '', (path, image) => used.push({ where: `stack ${stack.name} helm_release.${name} ${path}`, image }));
    return used;
  }));
}

function walk(value: unknown, path: string, visit: (path: string, image: string) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const at = path === '' ? key : `${path}.${key}`;
    const { repository, tag, digest } = (key === 'image' && typeof inner === 'object' && inner !== null ? inner : {}) as { repository?: unknown; tag?: unknown; digest?: unknown };
    if (typeof repository === 'string') visit(at, `${repository}${tag === undefined ? '' : `:${String(tag)}`}${digest ? `@${String(digest)}` : ''}`);
    walk(inner, at, visit);
  }
}

/** Values are YAML, of which JSON is a part; what only Terraform can resolve names no image yet. */
function parsed(value: unknown): unknown {
  try {
    return typeof value === 'string' ? parse(value) : value;
  } catch {
    return undefined;
  }
}
