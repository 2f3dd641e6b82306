/** AWS regions that the price book knows. */
export const REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-southeast-1'] as const;
export type Region = (typeof REGIONS)[number];

/** How a service's replicas are decided. `predictive`: reactive CPU and forecast demand, the larger wins. `reactive`: CPU only. */
export type ScalingMode = 'predictive' | 'reactive';

/**
 * How forecast demand gets to KEDA. `prometheus`: published as a metric, asked of Prometheus; the larger answer of several replicas wins. `external`: KEDA asks
 * the forecaster itself, over gRPC with mutual TLS.
 */
export type DemandSource = 'prometheus' | 'external';

/** The services of ours that every environment runs. */
export const SERVICES = ['catalog', 'cost', 'forecaster'] as const;
/** Those that only environments run which name them. */
export const OPTIONAL_SERVICES = ['loadgen'] as const;
type OptionalService = (typeof OPTIONAL_SERVICES)[number];
export type ServiceName = (typeof SERVICES)[number] | OptionalService;

/** AWS services that interface endpoints may bring into a VPC, as their endpoint names end. */
export const INTERFACE_ENDPOINTS = ['ec2', 'ecr.api', 'ecr.dkr', 'eks', 'eks-auth', 'elasticloadbalancing', 'kms', 'logs', 'secretsmanager', 'sqs', 'sts'] as const;
export type InterfaceEndpoint = (typeof INTERFACE_ENDPOINTS)[number];

/** The addresses of one environment's VPC. */
export interface NetworkSettings {
  /** IPv4 block of the VPC, /16 to /20. Environments must not overlap. */
  readonly cidr: string;
  /** Availability zones to spread over, 2 or 3. */
  readonly availabilityZones: number;
  /** `single` saves money, `per-zone` survives the loss of a zone. */
  readonly nat: 'single' | 'per-zone';
  /** Services reached inside the VPC for a price by the hour and zone, instead of through NAT. S3 is always reached inside, at no charge. @default - none */
  readonly interfaceEndpoints?: readonly InterfaceEndpoint[];
}

/** What somebody may do on a cluster. `view` reads, but no Secrets; `edit` changes workloads; `admin` roles within namespaces as well; `cluster-admin` everything. */
export const CLUSTER_RIGHTS = ['view', 'edit', 'admin', 'cluster-admin'] as const;

/** Lets people, or a program, onto the cluster by the IAM role they come with. */
export interface ClusterAccessSetting {
  /** ARN of the role. */
  readonly role: string;
  readonly as: (typeof CLUSTER_RIGHTS)[number];
  /** @default - the whole cluster */
  readonly namespaces?: readonly string[];
}

/** A group of interchangeable nodes. */
export interface NodePool {
  /** DNS label, unique in the environment. */
  readonly name: string;
  readonly capacity: 'on-demand' | 'spot';
  /**
   * Who starts and stops its nodes. `node-group`: an EKS managed node group, whose size only people change; what scales nodes runs here. `provisioner`: the
   * cluster's provisioner, as pods ask for room.
   */
  readonly scaledBy: 'node-group' | 'provisioner';
  /** EC2 instance types, the preferred one first. Spot pools want several. */
  readonly instanceTypes: readonly string[];
  readonly minNodes: number;
  readonly maxNodes: number;
}

/** How one service is sized and scaled in an environment. */
export interface ServiceSettings {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Parts its work is split into; replicas beyond their number are copies. For the forecaster only. @default 1 */
  readonly shards?: number;
}

/** How replicas follow load. All durations are seconds of real time. */
export interface ScalingSettings {
  readonly mode: ScalingMode;
  /** Matters in mode `predictive` only. @default prometheus */
  readonly demandSource?: DemandSource;
  /** CPU utilisation of requests at which the reactive side adds replicas, percent. */
  readonly cpuTargetPercent: number;
  /** Share of a replica's capacity that forecast demand may fill, percent. */
  readonly demandTargetPercent: number;
  /** Quantile of the forecast that is published as demand, e.g. 0.9. */
  readonly demandQuantile: number;
  /** How far ahead demand looks: what a pod (or node) needs to become ready, with margin. */
  readonly leadTimeSeconds: number;
  /** HPA scale-down stabilization window. */
  readonly scaleDownStabilizationSeconds: number;
}

/** What starts nodes as pods ask for room: Karpenter, run on the cluster, or EKS Auto Mode, which runs it for us and adds a charge to every node. */
export const NODE_PROVISIONERS = ['karpenter', 'auto-mode'] as const;
export type NodeProvisioner = (typeof NODE_PROVISIONERS)[number];

/** What an environment keeps outside its cluster. */
export interface DataSettings {
  /** RDS for PostgreSQL. @default - none */
  readonly postgres?: {
    /** E.g. `db.t4g.medium`. */
    readonly instanceClass: string;
    readonly storageGiB: number;
    /** Whether a standby in another zone takes over. */
    readonly multiAz: boolean;
    /** Days that automatic backups are kept, 1 to 35. */
    readonly backupDays: number;
  };
  /** ElastiCache for Redis. @default - none */
  readonly redis?: {
    /** E.g. `cache.t4g.small`. */
    readonly nodeType: string;
    /** Copies besides the primary, each in another zone; with one or more, one of them takes over. */
    readonly replicas: number;
  };
  /** Whether AWS writes the account's bills here, as FOCUS: once for each account that is billed. */
  readonly billingExport: boolean;
  /** Roles that deliver the bills of other clouds beside AWS's, each to its own place. Matters with `billingExport` only. @default - none */
  readonly billDeliveries?: { readonly gcp?: string; readonly azure?: string };
}

/** Which changes may be deployed here: those of a branch, or those that carry a tag of a pattern such as `v*`. */
export type DeploySource = { readonly branch: string; readonly tag?: never } | { readonly tag: string; readonly branch?: never };

/** Everything decided about one environment. Pure data: the same value feeds stacks and charts. */
export interface Environment {
  /** DNS label; prefixes every stack and names the folder in dist/. */
  readonly name: string;
  /** AWS account number, 12 digits. */
  readonly account: string;
  readonly region: Region;
  /** Team that answers for it. */
  readonly owner: string;
  /** Cost centre every resource is tagged with. */
  readonly costCentre: string;
  /** Whether what cannot be made again, the cluster and its data, refuses to be destroyed until a change of its own says otherwise; and whether who deploys has to type its name. */
  readonly protect: boolean;
  readonly network: NetworkSettings;
  readonly kubernetes: {
    /** Minor version, e.g. `1.36`. */
    readonly version: string;
    /** The minor it runs before this change; EKS goes up one minor at a time. @default - a new cluster, or no upgrade */
    readonly upgradedFrom?: string;
    /** Block the addresses of Services are taken from, private and nobody else's, /12 to /24. It can never be changed. @default 172.20.0.0/16 */
    readonly serviceCidr?: string;
    /** Who may do what on the cluster, besides the roles that deploy and plan. @default - nobody else */
    readonly access?: readonly ClusterAccessSetting[];
    /** Whether the API endpoint is reachable from outside the VPC, and from which blocks. */
    readonly publicAccessCidrs: readonly string[];
  };
  readonly nodeProvisioner: NodeProvisioner;
  readonly nodePools: readonly NodePool[];
  readonly data: DataSettings;
  readonly services: Readonly<Record<(typeof SERVICES)[number], ServiceSettings>> & { readonly [K in OptionalService]?: ServiceSettings };
  readonly scaling: ScalingSettings;
  readonly budget: {
    /** Budget of a month, US dollars. */
    readonly monthlyUsd: number;
    /** Who hears of it, and of alarms: e-mail addresses, ten at most, and the ARN of an SNS topic, one at most. At least one of all. */
    readonly notify: readonly string[];
    /** Shares of the budget at which they hear, percent, ascending. @default [50, 80, 100] */
    readonly alertPercents?: readonly number[];
    /** Daily cost above what is usual that counts as an anomaly, US dollars. @default 20 */
    readonly anomalyUsd?: number;
    /**
     * Whether budget and anomalies count what carries this environment's tags, rather than the whole account. Bills know a tag a day after its first use only: turn it on when the
     * environment is two days old. @default false
     */
    readonly byTag?: boolean;
    /** ARN of the anomaly monitor the account already has: of those that watch every AWS service there can be one, and AWS gives it to new accounts. @default - one is made */
    readonly anomalyMonitor?: string;
  };
  /** Services of AWS that keep and show metrics, besides those on the cluster. */
  readonly observability: { readonly managedPrometheus: boolean; readonly managedGrafana: boolean };
  readonly retention: { readonly logsDays: number; readonly metricsDays: number };
  readonly images: {
    /** Where our own images are pulled from, without a trailing slash. */
    readonly repository: string;
    /** Tag of our own images. */
    readonly tag: string;
  };
  readonly slo: {
    /** Share of requests that must succeed, e.g. 0.999. */
    readonly availability: number;
  };
  readonly gitops: {
    /** Repository Argo CD syncs from. */
    readonly repository: string;
    /** Branch or tag. Production wants a tag. */
    readonly revision: string;
  };
  readonly github: {
    /** `owner/name` of the repository whose workflows deploy. */
    readonly repository: string;
    /**
     * Numbers of owner and repository, as texts, for repositories made or renamed since July 2026, whose tokens hold them: `gh api repos/OWNER/NAME` shows `.owner.id` and `.id`.
     *
     * @default - tokens hold names only
     */
    readonly ids?: { readonly owner: string; readonly repository: string };
    readonly deploysFrom: DeploySource;
  };
}
