import type { Fault } from '../base/faults';
import type { ManifestObject, Synthesized } from './objects';

/** What a rule found. */
export interface Verdict {
  /** Objects the rule applied to. */
  readonly applied: number;
  readonly findings: readonly Fault[];
  /** Facts that could not be settled, which is not a pass. @default - none */
  readonly open?: readonly Fault[];
}

/** One proof: a pure function over everything that was synthesized. */
export interface Rule {
  /** File name, without its ending. */
  readonly id: string;
  /** What holds if it passes, as a sentence without a full stop. */
  readonly title: string;
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

/** Prefix of the annotation that exempts an object from a rule; its value is the reason, and must not be empty. */
export const EXEMPT_PREFIX = 'verify.tideline.dev/exempt-';

/** Whether an object is exempt, with a reason, from a rule or one of its parts. */
export function isExempt({ object }: ManifestObject, part: string): boolean {
  return (object.metadata.annotations?.[`${EXEMPT_PREFIX}${part}`] ?? '').trim() !== '';
}

/** Runs a rule. One that throws is a finding, never a pass. */
export function check(rule: Rule, synthesized: Synthesized): Check {
  try {
    const { applied, findings, open = [] } = rule.prove(synthesized);
    const status = findings.length > 0 ? 'fail' : open.length > 0 ? 'open' : applied === 0 ? 'not-applicable' : 'pass';
    return { id: rule.id, title: rule.title, status, applied, findings: [...findings, ...open] };
  } catch (error) {
    const got = `the rule itself failed: ${error instanceof Error ? error.message : String(error)}`;
    return { id: rule.id, title: rule.title, status: 'fail', applied: 0, findings: [{ where: `verify/${rule.id}.ts`, got, allowed: 'a verdict', do: 'mend the rule, or the object it stumbles over' }] };
  }
}
