import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry';
import { EksAccessPolicyAssociation } from '@cdktf/provider-aws/lib/eks-access-policy-association';
import { Token } from 'cdktf';
import { Construct } from 'constructs';
import { Fault, needInto } from '../../base/faults';

/**
 * What somebody may do on a cluster, as EKS's access policies have it. `view`: read, but no Secrets. `edit`: change workloads, and read Secrets. `admin`: also roles within namespaces.
 * `cluster-admin`: everything.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
 */
export const CLUSTER_RIGHTS = {
  view: 'AmazonEKSViewPolicy', edit: 'AmazonEKSEditPolicy', admin: 'AmazonEKSAdminPolicy', 'cluster-admin': 'AmazonEKSClusterAdminPolicy',
} as const;
export type ClusterRight = keyof typeof CLUSTER_RIGHTS;

/** Lets an IAM role onto a cluster. */
export interface ClusterAccess {
  /** ARN of the role. Roles and not users: people come and go. */
  readonly role: string;
  readonly as: ClusterRight;
  /** Where; `team-*` takes all that begin so. @default - the whole cluster */
  readonly namespaces?: readonly string[];
  /** Groups of Kubernetes the role is in as well, for rights that RBAC on the cluster gives. @default - none */
  readonly groups?: readonly string[];
}

/** Access entries of a cluster. Whoever has none is nobody there, its creator included. */
export class ClusterGrants extends Construct {
  constructor(scope: Construct, id: string, clusterName: string, access: readonly ClusterAccess[]) {
    super(scope, id);
    access.forEach(({ role, as, namespaces, groups }, index) => {
      const name = accessName(role, index);
      const entry = new EksAccessEntry(this, name, { clusterName, principalArn: role, type: 'STANDARD', ...(groups ? { kubernetesGroups: [...groups] } : {}) });
      new EksAccessPolicyAssociation(this, `${name}-${as}`, {
        clusterName,
        principalArn: entry.principalArn,
        policyArn: `arn:aws:eks::aws:cluster-access-policy/${CLUSTER_RIGHTS[as]}`,
        accessScope: namespaces ? { type: 'namespace', namespaces: [...namespaces] } : { type: 'cluster' },
      });
    });
  }
}

/** Name of a role for ids here; one that Terraform fills in has none yet, and goes by its position. */
export function accessName(arn: string, index: number): string {
  return Token.isUnresolved(arn) ? `role-${index}` : arn.slice(arn.lastIndexOf('/') + 1);
}

/** Every fault of who may reach a cluster; empty if they are usable. */
export function accessFaults(administrators: readonly string[], access: readonly ClusterAccess[], path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  const role = (arn: string, where: string) => need(Token.isUnresolved(arn) || /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn), where, arn, 'the ARN of an IAM role', 'use roles: users and sessions come and go');
  need(administrators.length > 0, 'administrators', administrators, 'at least one role', 'name who administers the cluster; nobody could reach it otherwise');
  administrators.forEach((arn) => role(arn, 'administrators'));
  access.forEach(({ role: arn, as, namespaces, groups }, index) => {
    const where = `access[${index}]`;
    role(arn, `${where}.role`);
    need(Object.hasOwn(CLUSTER_RIGHTS, as), `${where}.as`, as, Object.keys(CLUSTER_RIGHTS).join(', '), 'choose one of these');
    need(as !== 'cluster-admin' || namespaces === undefined, `${where}.namespaces`, namespaces, 'nothing for a cluster-admin', "choose 'admin', or leave the namespaces out");
    need(namespaces === undefined || (namespaces.length > 0 && namespaces.every((each) => /^[a-z0-9]([-a-z0-9]*[a-z0-9*])?$/.test(each))), `${where}.namespaces`, namespaces,
      'names of namespaces, at least one, * at the end only', 'name them, or leave them out for the whole cluster');
    need((groups ?? []).every((each) => !each.startsWith('system:')), `${where}.groups`, groups, 'groups that do not begin with system:', 'EKS keeps those to itself; give a right instead');
  });
  const everyone = [...administrators, ...access.map((each) => each.role)].map(accessName);
  const twice = [...new Set(everyone.filter((name, index) => everyone.indexOf(name) !== index))];
  need(twice.length === 0, 'access', twice, 'each role once, by its name', 'give a role one right: the widest it needs');
  return faults;
}
