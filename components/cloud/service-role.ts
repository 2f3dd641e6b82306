import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import { Construct } from 'constructs';

/** One statement of a policy that allows something. There is no wildcard by default: name what is meant. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** @default - none */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Props of {@link ServiceRole}. */
export interface ServiceRoleProps {
  /** Name of the role. At most 64 characters. */
  readonly name: string;
  readonly description: string;
  /** AWS service that may assume it, e.g. `eks.amazonaws.com`. */
  readonly service: string;
  /** Whether the service passes session tags, as EKS Pod Identity does. @default false */
  readonly tagsSession?: boolean;
  /** ARNs of managed policies. @default - none */
  readonly managedPolicies?: readonly string[];
  /** Own statements, as one inline policy. @default - none */
  readonly grants?: readonly Grant[];
}

/** A role that one AWS service assumes, with exactly the permissions named here. */
export class ServiceRole extends Construct {
  readonly role: IamRole;
  /** What must exist before the role is of use, for `dependsOn`: without it a destroy removes permissions before their user is gone. */
  readonly permissions: readonly (IamRolePolicy | IamRolePolicyAttachment)[];

  constructor(scope: Construct, id: string, props: ServiceRoleProps) {
    super(scope, id);
    this.role = new IamRole(this, 'Resource', {
      name: props.name,
      description: props.description,
      assumeRolePolicy: policy([{
        Effect: 'Allow',
        Principal: { Service: props.service },
        Action: props.tagsSession ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole'],
      }]),
    });
    this.permissions = [
      ...(props.managedPolicies ?? []).map((arn) => new IamRolePolicyAttachment(this, arn.slice(arn.lastIndexOf('/') + 1), { role: this.role.name, policyArn: arn })),
      ...(props.grants ? [new IamRolePolicy(this, 'Grants', {
        name: 'grants',
        role: this.role.name,
        policy: policy(props.grants.map(({ actions, resources, conditions }) => ({ Effect: 'Allow', Action: actions, Resource: resources, ...(conditions ? { Condition: conditions } : {}) }))),
      })] : []),
    ];
  }

  get arn(): string {
    return this.role.arn;
  }
}

function policy(statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}
