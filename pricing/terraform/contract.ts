import type { Fault } from '../../base/faults';
import type { PriceLine } from '../contract';
import type { PriceBook } from '../price-book';
import type { ResourceUsage } from './usage';

/** What pricing reads of a synthesized stack (`cdk.tf.json`): resources by type and id, and which region a provider talks to. */
export interface SynthesizedStack {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly provider?: Readonly<Record<string, unknown>>;
}

/** How {@link priceResources} prices. */
export interface ResourcePriceOptions {
  /** Region of resources whose provider does not name another. */
  readonly region: string;
  readonly book: PriceBook;
  /** What resources are used for, by type and by address. @default - the assumed usage of usage.ts */
  readonly usage?: ResourceUsage;
}

/**
 * What is known of a resource's price.
 *
 * - `priced`: its fixed part has a price, or it has none and every charge for its usage is known.
 * - `free`: AWS charges nothing for it, or charges elsewhere (nodes of a node group are priced by packing).
 * - `unknown`: anything else. Unknown is not 0.
 */
export type ResourceState = 'priced' | 'free' | 'unknown';

/** A synthesized resource and what is known of its price. */
export interface PricedResource {
  /** Terraform's address: `aws_nat_gateway.nat_0`. */
  readonly address: string;
  readonly type: string;
  readonly region: string;
  readonly state: ResourceState;
  /** Sum of its known lines, US dollars a month: a lower bound while a line of it is unknown. 0 for a free one, null where nothing of it is known. */
  readonly monthlyUsd: number | null;
  /** Why it is free or unknown; empty for a priced one. */
  readonly why: string;
}

/** A resource whose price is not known, and why. */
export interface UnpricedResource {
  readonly address: string;
  readonly type: string;
  readonly why: string;
}

/** How many resources are priced, by count. */
export interface ResourceCoverage {
  readonly resources: number;
  readonly priced: number;
  readonly free: number;
  readonly unknown: number;
  /** (priced + free) / resources, 0 to 1; 1 for a stack without resources. */
  readonly share: number;
}

/** What a month of the resources of a stack costs. */
export interface ResourcesPrice {
  /** Sum of the lines whose cost is known: a lower bound while anything is unknown. 0 where everything is free, null where something costs and nothing of it is known. */
  readonly monthlyUsd: number | null;
  /** One line per charge; ResourceName is the resource's address. */
  readonly lines: readonly PriceLine[];
  /** Every resource, in the order of the stack. */
  readonly resources: readonly PricedResource[];
  readonly coverage: ResourceCoverage;
  readonly unpriced: readonly UnpricedResource[];
  /** Why a cost is not known, one entry per reason, charges for usage that nobody stated among them. */
  readonly unknown: readonly Fault[];
  /** What was assumed, in sentences. */
  readonly assumptions: readonly string[];
}
