import { CloudwatchEventRule, CloudwatchEventRuleConfig } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry';
import { EksPodIdentityAssociation } from '@cdktf/provider-aws/lib/eks-pod-identity-association';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { IamServiceLinkedRole } from '@cdktf/provider-aws/lib/iam-service-linked-role';
import { SqsQueue, SqsQueueConfig } from '@cdktf/provider-aws/lib/sqs-queue';
import { SqsQueuePolicy } from '@cdktf/provider-aws/lib/sqs-queue-policy';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';
import { architectureOf } from '../architecture';
import { KARPENTER_POLICIES, KarpenterPolicyName, KarpenterStatement, karpenterStatements } from './karpenter-policy';
import { POLICY_LIMITS, policyDocument } from './policy';
import { ServiceRole } from './service-role';

/** What EC2 and AWS Health say about an instance before it goes. The details keep out what Karpenter would only throw away. */
const EVENTS = {
  'spot-interruption': { source: ['aws.ec2'], 'detail-type': ['EC2 Spot Instance Interruption Warning'] },
  rebalance: { source: ['aws.ec2'], 'detail-type': ['EC2 Instance Rebalance Recommendation'] },
  'state-change': { source: ['aws.ec2'], 'detail-type': ['EC2 Instance State-change Notification'], detail: { state: ['stopping', 'stopped', 'shutting-down', 'terminated'] } },
  'scheduled-change': { source: ['aws.health'], 'detail-type': ['AWS Health Event'], detail: { service: ['EC2'], eventTypeCategory: ['scheduledChange'] } },
  'capacity-reservation': { source: ['aws.ec2'], 'detail-type': ['EC2 Capacity Reservation Instance Interruption Warning'] },
} as const;
export type InterruptionEvent = keyof typeof EVENTS;

/** The events that reach the queue. */
export const INTERRUPTION_EVENTS = Object.keys(EVENTS) as readonly InterruptionEvent[];

/** Types below which a spot pool is refused: one type is one market, and markets run dry. */
const MIN_SPOT_TYPES = 2;

/** Nodes that Karpenter starts and stops: the part of them that decides what AWS has to permit. */
export interface ProvisionedPool {
  /** DNS label, unique in the cluster. */
  readonly name: string;
  readonly capacity: 'on-demand' | 'spot';
  /** EC2 instance types. A spot pool wants several, the more the better. */
  readonly instanceTypes: readonly string[];
}

/** Props of {@link SpotNodePools}. */
export interface SpotNodePoolsProps {
  /** Name of the cluster. A text and no expression, because permissions are written in terms of it. */
  readonly clusterName: string;
  /** Region of the cluster, e.g. `eu-west-1`. */
  readonly region: string;
  /** AWS account number, 12 digits. */
  readonly account: string;
  /** The pools, at least one. */
  readonly pools: readonly ProvisionedPool[];
  /** Partition of AWS. @default aws */
  readonly partition?: 'aws' | 'aws-cn' | 'aws-us-gov';
  /** Name of the queue that tells of interruptions; Karpenter's `INTERRUPTION_QUEUE`. @default - the cluster's name and `-interruptions` */
  readonly queueName?: string;
  /** Account that Karpenter runs as. @default { namespace: 'kube-system', name: 'karpenter' } */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
  /** Name of Karpenter's role. @default - the cluster's name and `-karpenter` */
  readonly roleName?: string;
  /**
   * Name of the role of the nodes; an EC2NodeClass names it. A role of their own: that of a managed node group has an access entry already, which EKS makes,
   * and a second one is refused. @default - the cluster's name and `-provisioned-node`
   */
  readonly nodeRoleName?: string;
  /** ARNs of managed policies of the nodes. @default - what a node needs to join and to pull images */
  readonly nodePolicies?: readonly string[];
  /** Whether a pool may mix arm64 and amd64, for images that are built for both. @default false */
  readonly mixedArchitectures?: boolean;
  /** Whether Karpenter may see that traffic was shifted away from a zone, to start no nodes there; its `ENABLE_ZONAL_SHIFT`. @default false */
  readonly zonalShift?: boolean;
  /** Whether to make the role by which EC2 starts spot instances; an account has it once, and has it already if spot was ever used. @default false */
  readonly createSpotServiceRole?: boolean;
  /** What must exist first: the cluster, where the same apply makes it. @default - nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
  /** The way out: gets each finished configuration and returns the one to use. @default - as built here */
  readonly transform?: {
    readonly queue?: (config: SqsQueueConfig) => SqsQueueConfig;
    readonly rule?: (config: CloudwatchEventRuleConfig, event: InterruptionEvent) => CloudwatchEventRuleConfig;
    readonly statements?: (statements: readonly KarpenterStatement[], policy: KarpenterPolicyName) => readonly KarpenterStatement[];
  };
}

/**
 * What Karpenter v1 needs from AWS to run node pools, spot above all: a queue with the warnings that precede the loss of a node, a role for Karpenter that may
 * change its own cluster's nodes only, a role for the nodes, and their way into the cluster.
 *
 * EKS Auto Mode has all of it built in: there the construct is left out.
 *
 * @see https://karpenter.sh/docs/concepts/disruption/#interruption
 */
export class SpotNodePools extends Construct {
  readonly queue: SqsQueue;
  readonly rules: ReadonlyMap<InterruptionEvent, CloudwatchEventRule>;
  /** Karpenter's. */
  readonly role: ServiceRole;
  /** The nodes'. */
  readonly nodeRole: ServiceRole;
  readonly accessEntry: EksAccessEntry;
  readonly podIdentity: EksPodIdentityAssociation;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: SpotNodePoolsProps) {
    super(scope, id);
    refuse(`the node pools of ${show(props.clusterName)} cannot be built`, faultsOf(props, this.node.path));
    const { clusterName, partition = 'aws', queueName = `${clusterName}-interruptions`, transform = {} } = props;
    const { namespace, name: serviceAccount } = props.serviceAccount ?? { namespace: 'kube-system', name: 'karpenter' };
    const nodeRoleName = props.nodeRoleName ?? `${clusterName}-provisioned-node`;
    const dependsOn = [...(props.dependsOn ?? [])];

    const queueConfig: SqsQueueConfig = {
      name: queueName,
      messageRetentionSeconds: 300, // a warning older than that is about a node that is gone
      sqsManagedSseEnabled: true, // a key of ours would have to let EventBridge use it, for messages that name instances and nothing else
    };
    this.queue = new SqsQueue(this, 'Queue', transform.queue?.(queueConfig) ?? queueConfig);
    this.rules = new Map(INTERRUPTION_EVENTS.map((event) => [event, this.addRule(clusterName, event, transform.rule)]));
    this.addQueuePolicy(props.account);

    this.nodeRole = new ServiceRole(this, 'NodeRole', {
      name: nodeRoleName,
      description: `Nodes that Karpenter starts for ${clusterName}`,
      assumedBy: 'ec2.amazonaws.com',
      managedPolicies: props.nodePolicies ?? ['AmazonEKSWorkerNodePolicy', 'AmazonEC2ContainerRegistryPullOnly'].map((policy) => `arn:${partition}:iam::aws:policy/${policy}`),
    });
    this.accessEntry = new EksAccessEntry(this, 'NodeAccess', { clusterName, principalArn: this.nodeRole.arn, type: 'EC2_LINUX', dependsOn });

    this.role = new ServiceRole(this, 'Role', {
      name: props.roleName ?? `${clusterName}-karpenter`, description: `Karpenter of ${clusterName}`,
      assumedBy: { clusterArn: `arn:${partition}:eks:${props.region}:${props.account}:cluster/${clusterName}`, namespace, serviceAccount, account: props.account },
    });
    const statements = karpenterStatements({
      partition, region: props.region, account: props.account, clusterName,
      nodeRoleArn: `arn:${partition}:iam::${props.account}:role/${nodeRoleName}`,
      queueArn: `arn:${partition}:sqs:${props.region}:${props.account}:${queueName}`,
    });
    const policies = KARPENTER_POLICIES.filter((policy) => policy !== 'zonal-shift' || props.zonalShift).map((policy) => [
      policy, policyDocument(transform.statements?.(statements[policy], policy) ?? statements[policy]),
    ] as const);
    refuse(`the permissions of Karpenter in ${clusterName} cannot be written`, sizeFaults(policies.map(([, text]) => text), this.node.path));
    const permissions = policies.map(([policy, text]) => new IamRolePolicy(this, `Policy-${policy}`, { name: policy, role: this.role.role.name, policy: text }));
    this.podIdentity = new EksPodIdentityAssociation(this, 'Identity', {
      clusterName, namespace, serviceAccount, roleArn: this.role.arn, dependsOn: [...dependsOn, ...permissions],
    });
    if (props.createSpotServiceRole) new IamServiceLinkedRole(this, 'SpotServiceRole', { awsServiceName: 'spot.amazonaws.com' });
  }

  private addRule(clusterName: string, event: InterruptionEvent, transform?: NonNullable<SpotNodePoolsProps['transform']>['rule']): CloudwatchEventRule {
    const config: CloudwatchEventRuleConfig = {
      name: `${clusterName}-${event}`, description: `Tells Karpenter of ${clusterName}: ${EVENTS[event]['detail-type'][0]}`, eventPattern: JSON.stringify(EVENTS[event]),
    };
    const rule = new CloudwatchEventRule(this, `Rule-${event}`, transform?.(config, event) ?? config);
    new CloudwatchEventTarget(this, `Target-${event}`, { rule: rule.name, targetId: 'interruptions', arn: this.queue.arn });
    return rule;
  }

  /** These rules of this account may send, nobody may speak in the clear, and whom the account's own policies let in may read. */
  private addQueuePolicy(account: string): void {
    new SqsQueuePolicy(this, 'QueuePolicy', {
      queueUrl: this.queue.url,
      policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'RulesSend', Effect: 'Allow', Principal: { Service: ['events.amazonaws.com'] }, Action: 'sqs:SendMessage', Resource: this.queue.arn,
            Condition: { StringEquals: { 'aws:SourceAccount': account }, ArnEquals: { 'aws:SourceArn': [...this.rules.values()].map((rule) => rule.arn) } },
          },
          { Sid: 'EncryptedOnly', Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: this.queue.arn, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        ],
      }),
    });
  }
}

function sizeFaults(policies: readonly string[], path: string): Fault[] {
  const size = policies.reduce((sum, text) => sum + text.replace(/\s/g, '').length, 0); // IAM does not count white space
  return size <= POLICY_LIMITS.inline ? [] : [{
    where: `${path} transform.statements`, got: `${size} characters`, allowed: `at most ${POLICY_LIMITS.inline} in all inline policies of a role`, do: 'attach a managed policy for what you add',
  }];
}

function faultsOf(props: SpotNodePoolsProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  const role = (where: string, name: string | undefined) => {
    if (name !== undefined) need(/^[\w+=,.@-]{1,64}$/.test(name), where, name, 'a role name of 1 to 64 characters', 'shorten it, or use what IAM allows in names');
  };
  need(/^[a-z][a-z0-9-]{0,39}$/.test(props.clusterName), 'clusterName', props.clusterName, '1 to 40 lower-case letters, digits and hyphens', 'give the name itself, not an expression of Terraform');
  need(/^[a-z]{2}(-[a-z]+)+-\d$/.test(props.region), 'region', props.region, 'a region such as eu-west-1', 'give the region of the cluster');
  need(/^\d{12}$/.test(props.account), 'account', props.account, '12 digits', 'give the number of the AWS account');
  need(props.queueName === undefined || /^[\w-]{1,80}$/.test(props.queueName), 'queueName', props.queueName, '1 to 80 letters, digits, hyphens and underscores', 'choose such a name');
  role('roleName', props.roleName);
  role('nodeRoleName', props.nodeRoleName);
  for (const [key, value] of Object.entries(props.serviceAccount ?? {})) {
    need(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/.test(value), `serviceAccount.${key}`, value, 'a name that Kubernetes takes', 'name the account that Karpenter runs as');
  }
  need(props.pools.length > 0, 'pools', props.pools, 'at least one pool', 'give a pool, or leave the construct out');
  props.pools.forEach((pool, index) => {
    const where = `pools[${index}]`;
    need(/^[a-z]([-a-z0-9]{0,30}[a-z0-9])?$/.test(pool.name), `${where}.name`, pool.name, 'a DNS label of 1 to 32 characters', 'name the pool');
    need(props.pools.findIndex((other) => other.name === pool.name) === index, `${where}.name`, pool.name, 'names that differ', 'rename one of the pools');
    need(['on-demand', 'spot'].includes(pool.capacity), `${where}.capacity`, pool.capacity, 'on-demand or spot', 'say how its nodes are bought');
    const types = new Set(pool.instanceTypes);
    const least = pool.capacity === 'spot' ? MIN_SPOT_TYPES : 1;
    need(types.size >= least, `${where}.instanceTypes`, pool.instanceTypes, `at least ${least} different EC2 instance types${least > 1 ? ' for spot' : ''}`,
      least > 1 ? 'add types of other families: one type is one market, which can run dry' : 'list the types');
    [...types].forEach((type) => need(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.test(type), `${where}.instanceTypes`, type, 'an EC2 instance type such as m7g.large', 'name the type'));
    need(props.mixedArchitectures === true || new Set([...types].map(architectureOf)).size <= 1, `${where}.instanceTypes`, pool.instanceTypes, 'types of one processor architecture',
      'make a pool per architecture, or set mixedArchitectures if every image is built for both');
  });
  return faults;
}
