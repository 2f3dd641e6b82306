import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import type { Construct } from 'constructs';

/** The account number given, or else the one of whoever runs Terraform. Give it where you know it: policies are then whole in the synthesized JSON, where proofs read them. */
export function accountOf(scope: Construct, given: string | undefined): string {
  return given ?? new DataAwsCallerIdentity(scope, 'Account', {}).accountId;
}
