import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { Aspects, IAspect } from 'cdktf';
import type { IConstruct } from 'constructs';

/** Puts a permissions boundary on every role below a construct that has none: what the boundary does not give, no policy of the role can. */
export class BoundaryAspect implements IAspect {
  /** Bounds everything below a construct. @param arn ARN of the policy */
  static apply(scope: IConstruct, arn: string): void {
    Aspects.of(scope).add(new BoundaryAspect(arn));
  }

  constructor(private readonly arn: string) {}

  visit(node: IConstruct): void {
    if (node instanceof IamRole && node.permissionsBoundaryInput === undefined) node.permissionsBoundary = this.arn;
  }
}
