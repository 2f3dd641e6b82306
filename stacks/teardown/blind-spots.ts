import { ResourceGraph, StackJson } from './resource-graph';

/** Something that is left in the account, or stops a destroy, although no state of Terraform knows of it. */
export interface BlindSpot {
  /** E.g. `load balancers`. */
  readonly what: string;
  /** Who makes it. */
  readonly madeBy: string;
  /** Stack whose destroy must not begin while there is any: afterwards nobody removes it, or it stops the destroy. @default - nothing waits for it; look at the end */
  readonly before?: string | undefined;
  /** Command that prints one line or word for each that is there, and nothing if there is none. */
  readonly list: string;
  /** How it goes away by itself, and by hand if it did not. */
  readonly removed: string;
}

/** A stack with what it synthesized. */
export interface SynthesizedStack {
  readonly name: string;
  readonly json: StackJson & { readonly provider?: unknown };
}

/** What a rule knows of the stack a resource is in. */
interface Place {
  readonly stack: string;
  readonly region: string;
  /** The stack that holds the subnets. */
  readonly network: string | undefined;
}

type Rule = (resource: Readonly<Record<string, unknown>>, place: Place) => BlindSpot[];

const ROOT = 'the root Application, when bootstrap is destroyed, deletes';

/**
 * What each type of resource brings about that Terraform cannot see.
 *
 * Sources of the tags: AWS Load Balancer Controller (`elbv2.k8s.aws/cluster`), VPC CNI (`cluster.k8s.amazonaws.com/name`), EBS CSI driver and Karpenter
 * (`kubernetes.io/cluster/<name>: owned`, `karpenter.sh/nodepool`), EKS Auto Mode (`eks:eks-cluster-name`).
 */
const RULES: Readonly<Record<string, Rule>> = {
  aws_eks_cluster: ({ name }, { stack, region, network }) => {
    const owned = `Name=tag:kubernetes.io/cluster/${name},Values=owned`;
    const alive = 'Name=instance-state-name,Values=pending,running,stopping,stopped';
    const tagged = (type: string, tag: string) => `aws resourcegroupstaggingapi get-resources --region ${region} --resource-type-filters ${type} `
      + `--tag-filters Key=${tag},Values=${name} --query 'ResourceTagMappingList[].ResourceARN' --output text`;
    return [
      {
        what: 'nodes', madeBy: 'Karpenter, as pods ask for room', before: stack,
        list: `aws ec2 describe-instances --region ${region} --filters ${owned} Name=tag-key,Values=karpenter.sh/nodepool ${alive} --query 'Reservations[].Instances[].InstanceId' --output text`,
        removed: `${ROOT} the NodePools, and Karpenter drains and ends their nodes; by hand: kubectl delete nodepools --all, or aws ec2 terminate-instances`,
      },
      {
        what: 'nodes of EKS Auto Mode', madeBy: 'EKS Auto Mode, as pods ask for room', before: stack,
        list: `aws ec2 describe-instances --region ${region} --filters Name=tag:eks:eks-cluster-name,Values=${name} Name=tag-key,Values=eks:kubernetes-node-pool-name ${alive} `
          + '--query \'Reservations[].Instances[].InstanceId\' --output text',
        removed: `${ROOT} the NodePools, and Auto Mode ends their nodes; by hand: kubectl delete nodepools --all; with the cluster go those that are left`,
      },
      {
        what: 'load balancers', madeBy: 'the AWS Load Balancer Controller, for Services and Ingresses', before: stack,
        list: tagged('elasticloadbalancing:loadbalancer', 'elbv2.k8s.aws/cluster'),
        removed: `${ROOT} their Services and Ingresses, and the controller the load balancers; by hand: aws elbv2 delete-load-balancer`,
      },
      {
        what: 'load balancers without a controller', madeBy: 'Kubernetes itself, for Services of type LoadBalancer', before: stack,
        list: `aws resourcegroupstaggingapi get-resources --region ${region} --resource-type-filters elasticloadbalancing:loadbalancer `
          + `--tag-filters Key=kubernetes.io/cluster/${name},Values=owned --query 'ResourceTagMappingList[].ResourceARN' --output text`,
        removed: `${ROOT} their Services; by hand: aws elb delete-load-balancer`,
      },
      {
        what: 'target groups', madeBy: 'the AWS Load Balancer Controller', list: tagged('elasticloadbalancing:targetgroup', 'elbv2.k8s.aws/cluster'),
        removed: 'with their load balancer; by hand: aws elbv2 delete-target-group',
      },
      {
        what: 'volumes', madeBy: 'the EBS CSI driver, for PersistentVolumeClaims', before: stack,
        list: `aws ec2 describe-volumes --region ${region} --filters ${owned} Name=tag-key,Values=kubernetes.io/created-for/pvc/name --query 'Volumes[].VolumeId' --output text`,
        removed: `${ROOT} the claims, and the driver their volumes, unless the reclaim policy is Retain: take a snapshot if you want the data; by hand: aws ec2 delete-volume`,
      },
      {
        what: 'network interfaces', madeBy: 'the VPC CNI, for pods', before: network,
        list: `aws ec2 describe-network-interfaces --region ${region} --filters Name=tag:cluster.k8s.amazonaws.com/name,Values=${name} --query 'NetworkInterfaces[].NetworkInterfaceId' --output text`,
        removed: 'with their node, or by the network plugin while it runs; one that outlives its node holds the subnet: aws ec2 delete-network-interface',
      },
      {
        what: 'security groups', madeBy: 'the AWS Load Balancer Controller', before: network,
        list: `aws ec2 describe-security-groups --region ${region} --filters Name=tag:elbv2.k8s.aws/cluster,Values=${name} --query 'SecurityGroups[].GroupId' --output text`,
        removed: 'with their load balancer; one that is left holds the VPC: aws ec2 delete-security-group',
      },
      {
        what: 'launch templates', madeBy: 'Karpenter', list: `aws ec2 describe-launch-templates --region ${region} --filters ${owned} Name=tag-key,Values=karpenter.k8s.aws/ec2nodeclass `
          + '--query \'LaunchTemplates[].LaunchTemplateId\' --output text',
        removed: 'with their EC2NodeClass; by hand: aws ec2 delete-launch-template',
      },
      {
        what: 'log group of the control plane', madeBy: 'EKS, if a last event arrives after Terraform removed the group',
        list: logGroups(region, `/aws/eks/${name}/`), removed: 'never: aws logs delete-log-group',
      },
      { what: 'log groups of Container Insights', madeBy: 'the CloudWatch agent, where it runs', list: logGroups(region, `/aws/containerinsights/${name}/`), removed: 'never: aws logs delete-log-group' },
    ];
  },
  aws_db_instance: ({ identifier }, { region }) => [
    {
      what: 'snapshots of the database', madeBy: 'RDS, the last one when the database is destroyed',
      list: `aws rds describe-db-snapshots --region ${region} --db-instance-identifier ${identifier} --query 'DBSnapshots[].DBSnapshotIdentifier' --output text`,
      removed: 'never, and paid for by the GiB: aws rds delete-db-snapshot, once nobody wants the data back',
    },
    {
      what: 'automatic backups of the database', madeBy: 'RDS',
      list: `aws rds describe-db-instance-automated-backups --region ${region} --db-instance-identifier ${identifier} --query 'DBInstanceAutomatedBackups[].DBInstanceAutomatedBackupsArn' --output text`,
      removed: 'when their days are over, or aws rds delete-db-instance-automated-backup',
    },
    { what: 'log groups of the database', madeBy: 'RDS, where it exports logs', list: logGroups(region, `/aws/rds/instance/${identifier}/`), removed: 'never: aws logs delete-log-group' },
  ],
  aws_elasticache_replication_group: ({ replication_group_id: id }, { region }) => [
    {
      what: 'snapshots of the cache', madeBy: 'ElastiCache',
      list: `aws elasticache describe-snapshots --region ${region} --replication-group-id ${id} --query 'Snapshots[].SnapshotName' --output text`, removed: 'never: aws elasticache delete-snapshot',
    },
  ],
  aws_s3_bucket: ({ bucket, force_destroy: emptied }, { stack, region }) => (emptied === true ? [] : [
    {
      what: `objects in ${bucket}`, madeBy: 'whoever writes there: S3 removes no bucket that holds one, old versions counted', before: stack,
      list: `aws s3api list-object-versions --region ${region} --bucket ${bucket} --max-keys 1 --no-paginate --query '[Versions[].Key, DeleteMarkers[].Key][] | [?@]' --output text`,
      removed: 'never: copy away what is worth it, then aws s3 rm --recursive and delete the versions',
    },
  ]),
  aws_ecr_repository: ({ name, force_delete: emptied }, { stack, region }) => (emptied === true ? [] : [
    {
      what: `images in ${name}`, madeBy: 'the pipeline: ECR removes no repository that holds one', before: stack,
      list: `aws ecr list-images --region ${region} --repository-name ${name} --query 'imageIds[].imageDigest' --output text`, removed: 'never: aws ecr batch-delete-image',
    },
  ]),
  aws_backup_vault: ({ name, force_destroy: emptied }, { stack, region }) => (emptied === true ? [] : [
    {
      what: `recovery points in ${name}`, madeBy: 'AWS Backup: it removes no vault that holds one', before: stack,
      list: `aws backup list-recovery-points-by-backup-vault --region ${region} --backup-vault-name ${name} --query 'RecoveryPoints[].RecoveryPointArn' --output text`,
      removed: 'when their days are over, or aws backup delete-recovery-point',
    },
  ]),
  aws_secretsmanager_secret: ({ name, recovery_window_in_days: days }, { region }) => (days === 0 || typeof name !== 'string' ? [] : [
    {
      what: `the secret ${name}`, madeBy: 'Secrets Manager, which keeps it for its recovery window', list: `aws secretsmanager list-secrets --region ${region} --include-planned-deletion `
        + `--filters Key=name,Values=${name} --query 'SecretList[].Name' --output text`,
      removed: `after ${typeof days === 'number' ? days : 30} days; until then no secret can take its name, but aws secretsmanager restore-secret brings it back`,
    },
  ]),
  aws_lambda_function: ({ function_name: name }, { region }) => [
    { what: `log group of the function ${name}`, madeBy: 'Lambda, if it runs once more', list: logGroups(region, `/aws/lambda/${name}`), removed: 'never: aws logs delete-log-group' },
  ],
};

/**
 * What a destroy of these stacks leaves behind or is stopped by, although no state knows of it: what controllers on the cluster made, what AWS keeps by itself.
 * In the order in which somebody has to look: what a stack waits for first.
 *
 * @param stacks in the order they are destroyed
 */
export function blindSpots(stacks: readonly SynthesizedStack[]): BlindSpot[] {
  const network = stacks.find(({ json }) => json.resource?.aws_subnet !== undefined)?.name;
  const found = stacks.flatMap(({ name, json }) => {
    const graph = new ResourceGraph(json);
    const place: Place = { stack: name, region: regionOf(json.provider), network };
    return graph.managed(...Object.keys(RULES)).flatMap((node) => RULES[node.type]!(node.block, place));
  });
  const rank = (spot: BlindSpot) => (spot.before === undefined ? stacks.length : stacks.findIndex((stack) => stack.name === spot.before));
  return [...found, ...keysOf(stacks)].sort((one, other) => rank(one) - rank(other));
}

/** What makes Terraform's destroy fail on purpose, as written in the stacks: protections somebody has to take off first, in a change of their own. */
export function protections(stacks: readonly SynthesizedStack[]): { readonly stack: string; readonly address: string; readonly by: string }[] {
  return stacks.flatMap(({ name, json }) => new ResourceGraph(json).managed().flatMap(({ address, block }) => {
    const lifecycle = block.lifecycle as { readonly prevent_destroy?: boolean } | undefined;
    const by = [
      ...(lifecycle?.prevent_destroy === true ? ['lifecycle.prevent_destroy'] : []),
      ...['deletion_protection', 'deletion_protection_enabled', 'enable_deletion_protection', 'disable_api_termination'].filter((key) => block[key] === true),
    ];
    return by.map((each) => ({ stack: name, address, by: each }));
  }));
}

/** Keys wait before they go: one question for those of all stacks, by the environment they are tagged with. */
function keysOf(stacks: readonly SynthesizedStack[]): BlindSpot[] {
  const graphs = stacks.map(({ json }) => ({ json, graph: new ResourceGraph(json) }));
  const keys = graphs.flatMap(({ graph }) => graph.managed('aws_kms_key'));
  const aliases = graphs.flatMap(({ graph }) => graph.managed('aws_kms_alias')).map(({ block }) => block.name).filter((name) => typeof name === 'string');
  if (keys.length === 0) return [];
  const region = regionOf(graphs.find(({ graph }) => graph.managed('aws_kms_key').length > 0)!.json.provider);
  const environment = (keys[0]!.block.tags as { readonly environment?: string } | undefined)?.environment;
  const days = keys.map(({ block }) => (typeof block.deletion_window_in_days === 'number' ? block.deletion_window_in_days : 30));
  return [{
    what: `${keys.length} keys${aliases.length > 0 ? ` (${aliases.join(', ')})` : ''}`, madeBy: 'KMS, which keeps a key for its waiting period',
    list: `for key in $(aws resourcegroupstaggingapi get-resources --region ${region} --resource-type-filters kms:key${environment === undefined ? '' : ` --tag-filters Key=environment,Values=${environment}`} `
      + `--query 'ResourceTagMappingList[].ResourceARN' --output text); do aws kms describe-key --region ${region} --key-id "$key" --query 'KeyMetadata.[KeyState, KeyId]' --output text `
      + '| sed -n \'s/^PendingDeletion[[:space:]]*//p\'; done',
    removed: `after ${Math.max(...days)} days, free of charge; aws kms cancel-key-deletion brings one back, and what it encrypted is lost without it`,
  }];
}

function logGroups(region: string, prefix: string): string {
  return `aws logs describe-log-groups --region ${region} --log-group-name-prefix ${prefix} --query 'logGroups[].logGroupName' --output text`;
}

function regionOf(provider: unknown): string {
  const aws = (provider as { readonly aws?: readonly { readonly region?: string }[] } | undefined)?.aws?.[0];
  return aws?.region ?? 'us-east-1';
}
