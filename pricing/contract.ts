/** A group of nodes that may be bought, as pricing sees it. */
export interface PricedNodePool {
  readonly name: string;
  readonly capacity: 'on-demand' | 'spot';
  readonly instanceTypes: readonly string[];
  readonly minNodes: number;
  readonly maxNodes: number;
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
  /** One pod on every node. @default false */
  readonly perNode?: boolean;
}

/** What an environment consists of, for pricing: plain data, written to dist/ and mounted into the cost service. */
export interface EnvironmentModel {
  readonly version: 1;
  readonly name: string;
  readonly region: string;
  readonly controlPlanes: number;
  readonly natGateways: number;
  readonly loadBalancers: number;
  readonly nodePools: readonly PricedNodePool[];
  readonly workloads: readonly PricedWorkload[];
  readonly volumes: readonly { readonly name: string; readonly type: 'gp3'; readonly sizeGiB: number }[];
  /** GiB a month where it is stated; an absent figure is unknown, not 0. */
  readonly dataTransferGiB: { readonly nat?: number; readonly internetOut?: number; readonly crossZone?: number };
  /** Budget of a month, US dollars. */
  readonly budgetMonthlyUsd: number;
}
