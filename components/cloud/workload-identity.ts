import { EksPodIdentityAssociation } from '@cdktf/provider-aws/lib/eks-pod-identity-association';
import { IamRole, IamRoleConfig } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { Lazy, Token } from 'cdktf';
import { Construct } from 'constructs';
import { Fault, formatFault, needInto, refuse, show } from '../../base/faults';
import { podTrust } from './pod-trust';
import { PolicyConditions, policyDocument, policyFaults, PolicyStatement } from './policy';

/** What a grant is about: an ARN that was decided, or something that has one. */
export type GrantTarget = string | { readonly arn: string };

/** Props of {@link WorkloadIdentity}. */
export interface WorkloadIdentityProps {
  /** Name of the role, 1 to 64 characters. */
  readonly name: string;
  readonly clusterName: string;
  /** ARN of the cluster: the same account on another cluster is somebody else. */
  readonly clusterArn: string;
  /** Account of the cluster, 12 digits. */
  readonly account: string;
  readonly namespace: string;
  /** Account of Kubernetes that the pods run as. */
  readonly serviceAccount: string;
  /** The way out: gets the finished configuration and returns the one to use. @default - as built here */
  readonly transform?: (config: IamRoleConfig) => IamRoleConfig;
}

/**
 * What the pods of one ServiceAccount may do in AWS, through EKS Pod Identity: no key, no annotation, and nothing that another pod, namespace or cluster could use.
 *
 * The role knows its pods by the tags that Pod Identity puts on sessions; whoever switches those off for an association (`disableSessionTags`) locks its pods out.
 *
 * It may do nothing until something is granted, and each grant gives the actions that its verb needs, on what it names.
 */
export class WorkloadIdentity extends Construct {
  readonly role: IamRole;
  private readonly statements: PolicyStatement[] = [];

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: WorkloadIdentityProps) {
    super(scope, id);
    refuse(`the identity ${show(props.name)} cannot be built`, identityFaults(props, this.node.path));
    const { name, clusterName, clusterArn, account, namespace, serviceAccount } = props;
    const config: IamRoleConfig = {
      name,
      description: `Pods of ${namespace}/${serviceAccount} on ${clusterName}`,
      assumeRolePolicy: policyDocument([podTrust({ clusterArn, namespace, serviceAccount, account })]),
    };
    this.role = new IamRole(this, 'Role', props.transform?.(config) ?? config);
    const policy = new IamRolePolicy(this, 'Grants', { name: 'grants', role: this.role.name, policy: Lazy.stringValue({ produce: () => policyDocument(this.statements) }) });
    new EksPodIdentityAssociation(this, 'Association', { clusterName, namespace, serviceAccount, roleArn: this.role.arn, dependsOn: [policy] });
    this.node.addValidation({ validate: () => this.grantFaults().map(formatFault) });
  }

  /** May read objects of a bucket. @param prefix what their names begin with; everything if empty */
  grantRead(bucket: GrantTarget, prefix = ''): this {
    return this.list(bucket, prefix).allow(['s3:GetObject'], [`${arnOf(bucket)}/${prefix}*`]);
  }

  /** May write objects to a bucket, and read none. @param prefix what their names begin with; everything if empty */
  grantWrite(bucket: GrantTarget, prefix = ''): this {
    return this.allow(['s3:PutObject', 's3:AbortMultipartUpload'], [`${arnOf(bucket)}/${prefix}*`]);
  }

  /** May read the value of a secret. */
  grantReadSecret(secret: GrantTarget): this {
    return this.allow(['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], [arnOf(secret)]);
  }

  /** May decrypt with a key, through one service of AWS only, e.g. `secretsmanager.eu-west-1.amazonaws.com`. */
  grantDecrypt(key: GrantTarget, viaService: string): this {
    return this.allow(['kms:Decrypt'], [arnOf(key)], { StringEquals: { 'kms:ViaService': viaService } });
  }

  /** May send to a queue. */
  grantSend(queue: GrantTarget): this {
    return this.allow(['sqs:SendMessage', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], [arnOf(queue)]);
  }

  /** May take messages from a queue. */
  grantConsume(queue: GrantTarget): this {
    return this.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], [arnOf(queue)]);
  }

  /** May publish to a topic. */
  grantPublish(topic: GrantTarget): this {
    return this.allow(['sns:Publish'], [arnOf(topic)]);
  }

  /** May ask questions in a workgroup of Athena and read their answers. What the questions are about is granted with {@link grantReadTable}. */
  grantQuery(workgroup: GrantTarget, results: GrantTarget): this {
    return this
      .allow(['athena:StartQueryExecution', 'athena:StopQueryExecution', 'athena:GetQueryExecution', 'athena:GetQueryResults', 'athena:GetWorkGroup'], [arnOf(workgroup)])
      .list(results, '', ['s3:GetBucketLocation'])
      .allow(['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'], [`${arnOf(results)}/*`]);
  }

  /** May read a table of Glue and the objects it consists of. */
  grantReadTable(table: { readonly catalogArn: string; readonly databaseArn: string; readonly tableArn: string }, bucket: GrantTarget, prefix: string): this {
    return this
      .allow(['glue:GetDatabase', 'glue:GetTable', 'glue:GetPartition', 'glue:GetPartitions', 'glue:BatchGetPartition'], [table.catalogArn, table.databaseArn, table.tableArn])
      .list(bucket, prefix, ['s3:GetBucketLocation'])
      .allow(['s3:GetObject'], [`${arnOf(bucket)}/${prefix}*`]);
  }

  /** May log on to a database of RDS as a user of it, with a token instead of a password. @param user ARN of the user: `arn:aws:rds-db:region:account:dbuser:resource-id/name` */
  grantDatabaseLogin(user: string): this {
    return this.allow(['rds-db:connect'], [user]);
  }

  /** May ask a workspace of Amazon's Prometheus. */
  grantQueryMetrics(workspace: GrantTarget): this {
    return this.allow(['aps:QueryMetrics', 'aps:GetSeries', 'aps:GetLabels', 'aps:GetMetricMetadata'], [arnOf(workspace)]);
  }

  /**
   * May do what no verb here says. Name actions one by one, and what they are done to.
   *
   * @throws FaultError if actions or resources are left open
   */
  allow(actions: readonly string[], resources: readonly string[], conditions?: PolicyConditions): this {
    refuse(`${this.node.path} cannot be granted this`, openFaults(actions, resources, this.node.path));
    this.statements.push({ Effect: 'Allow', Action: [...actions], Resource: [...resources], ...(conditions ? { Condition: conditions } : {}) });
    return this;
  }

  /** May do something that AWS knows no resources for. @param reason why that is no more than is needed */
  allowEverywhere(actions: readonly string[], reason: string): this {
    refuse(`${this.node.path} cannot be granted this`, [
      ...openFaults(actions, ['arn:aws:'], this.node.path),
      ...(reason.trim().length >= 15 ? [] : [{ where: `${this.node.path} ${actions.join(', ')}`, got: show(reason), allowed: 'a reason of a sentence', do: 'say why it cannot be narrowed' }]),
    ]);
    this.statements.push({ Effect: 'Allow', Action: [...actions], Resource: ['*'] });
    return this;
  }

  private list(bucket: GrantTarget, prefix: string, also: readonly string[] = []): this {
    this.allow(['s3:ListBucket'], [arnOf(bucket)], prefix === '' ? undefined : { StringLike: { 's3:prefix': [`${prefix}*`] } });
    return also.length > 0 ? this.allow(also, [arnOf(bucket)]) : this;
  }

  private grantFaults(): Fault[] {
    if (this.statements.length === 0) {
      return [{ where: this.node.path, got: 'no grant', allowed: 'at least one', do: 'grant something, or leave the identity out: a pod without one can do nothing in AWS' }];
    }
    return policyFaults(this.statements, 'inline', this.node.path);
  }
}

function arnOf(target: GrantTarget): string {
  return typeof target === 'string' ? target : target.arn;
}

function openFaults(actions: readonly string[], resources: readonly string[], path: string): Fault[] {
  const faults: Fault[] = [];
  for (const action of actions) {
    if (!/^[a-z0-9-]+:[A-Za-z]+$/.test(action)) faults.push({ where: `${path} action`, got: show(action), allowed: 'service:Action, without wildcards', do: 'name the actions one by one' });
  }
  for (const resource of resources) {
    if (!Token.isUnresolved(resource) && !resource.startsWith('arn:')) faults.push({ where: `${path} resource`, got: show(resource), allowed: 'an ARN', do: 'name what it is done to, or say with allowEverywhere why that cannot be' });
  }
  return faults;
}

function identityFaults(props: WorkloadIdentityProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  const label = (value: string, where: string) => need(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/.test(value), where, value, 'a name that Kubernetes takes, without wildcards', 'name one');
  need(/^[\w+=,.@-]{1,64}$/.test(props.name), 'name', props.name, '1 to 64 letters, digits and +=,.@-', 'choose such a name');
  need(/^arn:aws[\w-]*:eks:[a-z0-9-]+:\d{12}:cluster\/[\w-]+$/.test(props.clusterArn), 'clusterArn', props.clusterArn, 'the ARN of one cluster', 'give the ARN: it is known before the cluster exists');
  need(/^\d{12}$/.test(props.account), 'account', props.account, '12 digits', 'give the account number as a text');
  label(props.namespace, 'namespace');
  label(props.serviceAccount, 'serviceAccount');
  return faults;
}
