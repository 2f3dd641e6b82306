import type { Fault } from '../base/faults';
import { podTemplateOf, titleOf } from './objects';
import type { Rule } from './rule';

/** An image without a digest can change under the same name; without a tag nobody knows what it is. */
export const images: Rule = {
  id: 'images',
  title: 'every image is pinned by digest',
  prove: ({ objects }) => {
    const findings: Fault[] = [];
    const open: Fault[] = [];
    let applied = 0;
    for (const each of objects) {
      const pod = podTemplateOf(each.object)?.spec;
      for (const container of [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])]) {
        applied += 1;
        const image = container.image ?? '';
        const where = `${titleOf(each)}, container ${container.name}`;
        const tag = /:([^/:@]+)(@|$)/.exec(image)?.[1];
        if (/@sha256:[0-9a-f]{64}$/.test(image)) continue;
        if (tag === undefined || tag === 'latest') findings.push({ where, got: image || 'no image', allowed: 'a tag other than latest, and a digest', do: 'name the version in the catalogue or the environment' });
        else open.push({ where, got: `${image}, whose digest is not known`, allowed: 'name:tag@sha256:…', do: 'look the digest up where the registry can be reached, and write it into config/' });
      }
    }
    return { applied, findings, open };
  },
};
