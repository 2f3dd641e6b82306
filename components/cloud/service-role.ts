import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import { Construct } from 'constructs';
import { PodPrincipal, podTrust } from './pod-trust';
import { PolicyConditions, policyDocument } from './policy';

/** One statement of a policy that allows something. There is no wildcard by default: name what is meant. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** @default - none */
  readonly conditions?: PolicyConditions;
}

/** Props of {@link ServiceRole}. */
export interface ServiceRoleProps {
  /** Name of the role. At most 64 characters. */
  readonly name: string;
  readonly description: string;
  /** Who may assume it: a service of AWS, e.g. `eks.amazonaws.com`, or pods. */
  readonly assumedBy: string | PodPrincipal;
  /** Whether a service passes session tags, as EKS does in Auto Mode. @default false */
  readonly tagsSession?: boolean;
  /** ARNs of managed policies. @default - none */
  readonly managedPolicies?: readonly string[];
  /** Own statements, as one inline policy. @default - none */
  readonly grants?: readonly Grant[];
}

/** A role that one service of AWS, or the pods of one ServiceAccount, assume, with exactly the permissions named here. */
export class ServiceRole extends Construct {
  readonly role: IamRole;
  /** What must exist before the role is of use, for `dependsOn`: without it a destroy removes permissions before their user is gone. */
  readonly permissions: readonly (IamRolePolicy | IamRolePolicyAttachment)[];

  constructor(scope: Construct, id: string, props: ServiceRoleProps) {
    super(scope, id);
    this.role = new IamRole(this, 'Resource', {
      name: props.name,
      description: props.description,
      assumeRolePolicy: policyDocument([
        typeof props.assumedBy === 'string'
          ? { Effect: 'Allow', Principal: { Service: props.assumedBy }, Action: props.tagsSession ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole'] }
          : podTrust(props.assumedBy),
      ]),
    });
    this.permissions = [
      ...(props.managedPolicies ?? []).map((arn) => new IamRolePolicyAttachment(this, arn.slice(arn.lastIndexOf('/') + 1), { role: this.role.name, policyArn: arn })),
      ...(props.grants ? [new IamRolePolicy(this, 'Grants', {
        name: 'grants',
        role: this.role.name,
        policy: policyDocument(props.grants.map(({ actions, resources, conditions }) => ({ Effect: 'Allow', Action: actions, Resource: resources, ...(conditions ? { Condition: conditions } : {}) }))),
      })] : []),
    ];
  }

  get arn(): string {
    return this.role.arn;
  }
}
