import type { Fault } from '../base/faults';
import { titleOf } from './objects';
import { EXEMPT_PREFIX, Rule } from './rule';

/** An exemption that names no rule, or gives no reason, exempts from nothing: its author should hear of it. */
export function exemptions(known: readonly string[]): Rule {
  return {
    id: 'exemptions',
    title: 'every exemption names a rule and gives a reason',
    prove: ({ objects }) => {
      const findings: Fault[] = [];
      let applied = 0;
      for (const each of objects) {
        for (const [key, reason] of Object.entries(each.object.metadata.annotations ?? {})) {
          if (!key.startsWith(EXEMPT_PREFIX)) continue;
          applied += 1;
          const part = key.slice(EXEMPT_PREFIX.length);
          if (!known.includes(part)) findings.push({ where: titleOf(each), got: `the annotation ${key}`, allowed: known.map((name) => `${EXEMPT_PREFIX}${name}`).join(', '), do: 'name a rule, or remove the annotation' });
          if (String(reason ?? '').trim() === '') findings.push({ where: titleOf(each), got: `${key} without a reason`, allowed: 'a sentence that says why', do: 'give the reason, or remove the annotation' });
        }
      }
      return { applied, findings };
    },
  };
}
