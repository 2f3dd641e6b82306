import { Fault } from '../../base/faults';

/** Conditions of a statement: operator, then key, then values. */
export type PolicyConditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** One statement of a policy, as IAM writes it. */
export interface PolicyStatement {
  /** Letters and digits; says what the statement is for. */
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: Readonly<Record<string, string | readonly string[]>> | '*';
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
  readonly Condition?: PolicyConditions;
}

/** Characters IAM takes, without white space: of all inline policies of a role together, of a managed policy, of who may assume a role. */
export const POLICY_LIMITS = { inline: 10_240, managed: 6_144, trust: 2_048 } as const;
export type PolicyKind = keyof typeof POLICY_LIMITS;

/** The text of a policy. */
export function policyDocument(statements: readonly PolicyStatement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

/** What is wrong with a policy's size; empty if IAM takes it. A size that depends on what Terraform fills in is taken as it stands. */
export function policySizeFaults(statements: readonly PolicyStatement[], kind: PolicyKind, where: string): Fault[] {
  const size = policyDocument(statements).replace(/\s/g, '').length;
  return size <= POLICY_LIMITS[kind] ? [] : [{
    where, got: `${size} characters`, allowed: `at most ${POLICY_LIMITS[kind]} in ${{ inline: 'the inline policies of a role', managed: 'a managed policy', trust: 'the policy of who may assume a role' }[kind]}`,
    do: kind === 'managed' ? 'divide it' : 'grant less, or move a part to a managed policy',
  }];
}
