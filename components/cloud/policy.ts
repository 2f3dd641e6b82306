import { Fault, show } from '../../base/faults';

/** Conditions of a statement: operator, then key, then values. */
export type PolicyConditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** One statement of a policy, as IAM writes it. */
export interface PolicyStatement {
  /** Letters and digits; says what the statement is for. */
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: Readonly<Record<string, string | readonly string[]>> | '*';
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: PolicyConditions;
}

/** Characters IAM takes, without white space: of all inline policies of a role together, of a managed policy, of who may assume a role. */
export const POLICY_LIMITS = { inline: 10_240, managed: 6_144, trust: 2_048 } as const;
export type PolicyKind = keyof typeof POLICY_LIMITS;

/** The text of a policy. */
export function policyDocument(statements: readonly PolicyStatement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

/** Length that is assumed for what Terraform fills in, such as an ARN. */
const FILLED_IN = 100;

/** What is wrong with a policy: more than IAM takes, or two statements of one id. Empty if nothing is. */
export function policyFaults(statements: readonly PolicyStatement[], kind: PolicyKind, where: string): Fault[] {
  const size = policyDocument(statements).replace(/\$\{[^}]*\}/g, 'x'.repeat(FILLED_IN)).replace(/\s/g, '').length;
  const sids = statements.flatMap(({ Sid }) => (Sid === undefined ? [] : [Sid]));
  const twice = sids.filter((sid, index) => sids.indexOf(sid) !== index);
  return [
    ...(size <= POLICY_LIMITS[kind] ? [] : [{
      where, got: `${size} characters`, allowed: `at most ${POLICY_LIMITS[kind]} in ${{ inline: 'the inline policies of a role', managed: 'a managed policy', trust: 'the policy of who may assume a role' }[kind]}`,
      do: kind === 'managed' ? 'divide it' : 'grant less, or move a part to a managed policy',
    }]),
    ...twice.map((sid) => ({ where, got: `${show(sid)} twice`, allowed: 'ids that differ', do: 'name each statement' })),
  ];
}
