/** A group of nodes that may be bought, as pricing sees it. */
export interface PricedNodePool {
  readonly name: string;
  readonly capacity: 'on-demand' | 'spot';
  /** EC2 instance types, the preferred one first. */
  readonly instanceTypes: readonly string[];
  readonly minNodes: number;
  readonly maxNodes: number;
  /** Who decides on its size: a `node-group` stays at its minimum until people change it, a `provisioner` adds nodes for pods that fit nowhere. @default provisioner */
  readonly scaledBy?: 'node-group' | 'provisioner';
  /** Size of each node's root volume, GiB. @default 50 */
  readonly rootVolumeGiB?: number;
}

/** A workload as pricing sees it. */
export interface PricedWorkload {
  readonly name: string;
  readonly namespace: string;
  /** Requests of one replica. */
  readonly cpuMillicores: number;
  readonly memoryMiB: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Replicas of an ordinary hour. @default - a quarter of the way from minReplicas to maxReplicas, rounded */
  readonly typicalReplicas?: number;
  /** One pod on every node. @default false */
  readonly perNode?: boolean;
  /** Names of the node pools its pods may run on. @default - every pool */
  readonly pools?: readonly string[];
}

/** A volume as pricing sees it. */
export interface PricedVolume {
  readonly name: string;
  readonly type: 'gp3' | 'gp2';
  /** GiB of all copies together; of one copy where `workload` says how many there are. */
  readonly sizeGiB: number;
  /** `namespace/name` of the workload each replica of which has a copy. @default - the size is that of all copies */
  readonly workload?: string;
}

/** What an environment consists of, for pricing: plain data, written to dist/ and mounted into the cost service. */
export interface EnvironmentModel {
  readonly version: 1;
  readonly name: string;
  readonly region: string;
  readonly controlPlanes: number;
  /** Extended support costs more once a Kubernetes minor has left standard support. @default 'standard' */
  readonly kubernetesSupport?: 'standard' | 'extended';
  readonly natGateways: number;
  readonly loadBalancers: number;
  /** Capacity units (LCU) used on average over all load balancers. @default - unknown, which is not 0 */
  readonly loadBalancerCapacityUnits?: number;
  readonly nodePools: readonly PricedNodePool[];
  readonly workloads: readonly PricedWorkload[];
  readonly volumes: readonly PricedVolume[];
  /** GiB a month where it is stated; an absent figure is unknown, not 0. */
  readonly dataTransferGiB: { readonly nat?: number; readonly internetOut?: number; readonly crossZone?: number };
  /** Budget of a month, US dollars. */
  readonly budgetMonthlyUsd: number;
}

/** Service categories of FOCUS 1.2 that our lines fall into. */
export type ServiceCategory =
  | 'Analytics' | 'Compute' | 'Databases' | 'Identity' | 'Integration' | 'Management and Governance' | 'Networking' | 'Security' | 'Storage';

/**
 * One line of a price: columns of FOCUS 1.2 (FinOps Open Cost and Usage Specification, https://focus.finops.org), and `x_` columns of our own,
 * which FOCUS reserves for that. A month has 730 hours, as in AWS's own calculator.
 */
export interface PriceLine {
  readonly ProviderName: 'AWS';
  readonly ServiceCategory: ServiceCategory;
  readonly ServiceName: string;
  readonly ChargeCategory: 'Usage';
  readonly ChargeDescription: string;
  /** What is charged for: a node pool, a volume, the kind of traffic, the address of a Terraform resource. */
  readonly ResourceName: string;
  readonly RegionId: string;
  /** `Dynamic` for spot, `Committed` for what a reservation or a savings plan covers. */
  readonly PricingCategory: 'Standard' | 'Dynamic' | 'Committed';
  /** Row of the price book; empty where there is none. */
  readonly SkuId: string;
  readonly PricingQuantity: number | null;
  readonly PricingUnit: string;
  readonly ListUnitPrice: number | null;
  /** US dollars a month at list price; null where it is not known, which is not 0. */
  readonly ListCost: number | null;
  /**
   * US dollars a month under a commitment, what is paid in advance spread over its term; null where it is not known.
   * @default - ListCost, for nothing was committed
   */
  readonly EffectiveCost?: number | null;
  /** `Usage` for a reservation of instances, `Spend` for a savings plan. @default - nothing was committed */
  readonly CommitmentDiscountCategory?: 'Spend' | 'Usage';
  /** AWS's name of the commitment, its term and payment. @default - nothing was committed */
  readonly CommitmentDiscountType?: string;
  readonly BillingCurrency: 'USD';
  /** Where the unit price is from, and of which day. Null where there is no price. */
  readonly x_PriceSource: string | null;
  readonly x_PriceDate: string | null;
  /** See `Certainty` in price-book.ts. Null where there is no price. */
  readonly x_PriceCertainty: 'checked' | 'unchecked' | 'assumed' | null;
  /** Whether somebody stated the quantity or it is a typical one. @default - it follows from what was declared */
  readonly x_QuantityCertainty?: 'stated' | 'assumed';
}

/** US dollars a month of a line, under its commitment where it has one; null where it is not known, which is not 0. */
export function costOfLine(line: PriceLine): number | null {
  return line.EffectiveCost === undefined ? line.ListCost : line.EffectiveCost;
}
