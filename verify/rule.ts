import type { Fault } from '../base/faults';
import type { ManifestObject, Synthesized } from './objects';

/** One thing a rule found wrong, and on which object: that object may carry an exemption. */
export interface Finding extends Fault {
  /** @default - nothing that could be exempt */
  readonly on?: ManifestObject;
  /** Part of the rule that can be exempted by itself. @default - the rule's id */
  readonly part?: string;
}

/** What a rule found. */
export interface Verdict {
  /** Objects the rule applied to. */
  readonly applied: number;
  readonly findings: readonly Finding[];
  /** Facts that could not be settled, which is not a pass. @default - none */
  readonly open?: readonly Finding[];
}

/** One proof: a pure function over everything that was synthesized. */
export interface Rule {
  /** File name, without its ending. */
  readonly id: string;
  /** What holds if it passes, as a sentence without a full stop. */
  readonly title: string;
  /** Parts that can be exempted by themselves. @default - only the rule as a whole */
  readonly parts?: readonly string[];
  readonly prove: (synthesized: Synthesized) => Verdict;
}

/** The result of a rule. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly status: 'pass' | 'fail' | 'open' | 'not-applicable';
  readonly applied: number;
  readonly findings: readonly Fault[];
}

/** The result of a rule, with what objects were let off. */
export interface FullCheck extends Check {
  readonly exempted: readonly { readonly where: string; readonly got: string; /** As the object gives it. */ readonly reason: string }[];
}

/** Prefix of the annotation that exempts an object from a rule; its value is the reason, and must not be empty. */
export const EXEMPT_PREFIX = 'verify.tideline.dev/exempt-';

/** Why an object is exempt from a rule or one of its parts; undefined if it is not, or gives no reason. */
export function exemption({ object }: ManifestObject, part: string): string | undefined {
  const reason: unknown = object.metadata.annotations?.[`${EXEMPT_PREFIX}${part}`];
  return typeof reason === 'string' && reason.trim() !== '' ? reason.trim() : undefined;
}

/** Runs a rule. One that throws is a finding, never a pass. */
export function check(rule: Rule, synthesized: Synthesized): FullCheck {
  const { id, title } = rule;
  try {
    const verdict = rule.prove(synthesized);
    const exempted: { where: string; got: string; reason: string }[] = [];
    const standing = (findings: readonly Finding[]): Fault[] => findings.flatMap(({ on, part, where, got, allowed, do: todo }) => {
      const reason = on && ((part !== undefined ? exemption(on, part) : undefined) ?? exemption(on, id));
      if (reason !== undefined) exempted.push({ where, got, reason });
      return reason === undefined ? [{ where, got, allowed, do: todo }] : [];
    });
    const findings = standing(verdict.findings);
    const open = standing(verdict.open ?? []);
    const status = findings.length > 0 ? 'fail' : open.length > 0 ? 'open' : verdict.applied === 0 ? 'not-applicable' : 'pass';
    return { id, title, status, applied: verdict.applied, findings: [...findings, ...open], exempted };
  } catch (error) {
    const got = `the rule itself failed: ${error instanceof Error ? error.message : String(error)}`;
    return { id, title, status: 'fail', applied: 0, exempted: [], findings: [{ where: `verify/${id}.ts`, got, allowed: 'a verdict', do: 'mend the rule, or the object it stumbles over' }] };
  }
}
