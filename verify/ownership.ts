import { podTemplateOf, titleOf } from './objects';
import type { Finding, Rule } from './rule';

const REQUIRED = ['tideline.dev/owner', 'tideline.dev/environment', 'tideline.dev/cost-centre'];

/** Workloads and namespaces say who answers for them, where they run and who pays; the environment is the folder's. */
export const ownership: Rule = {
  id: 'ownership',
  title: 'every workload and namespace names its owner, environment and cost centre',
  prove: ({ objects }) => {
    const findings: Finding[] = [];
    let applied = 0;
    for (const each of objects) {
      const template = podTemplateOf(each.object);
      if (!template && each.object.kind !== 'Namespace') continue;
      applied += 1;
      for (const [what, labels] of [['the object', each.object.metadata.labels], ...(template ? [['its pods', template.metadata?.labels] as const] : [])] as const) {
        const missing = REQUIRED.filter((key) => !labels?.[key]);
        if (missing.length > 0) findings.push({ on: each, where: titleOf(each), got: `${what} without ${missing.join(', ')}`, allowed: REQUIRED.join(', '), do: 'use labelsOf()' });
        const named = labels?.['tideline.dev/environment'];
        if (named && named !== each.environment) findings.push({ on: each, where: titleOf(each), got: `${what} labelled environment ${named}`, allowed: each.environment, do: 'give the environment of the folder' });
      }
    }
    return { applied, findings };
  },
};
