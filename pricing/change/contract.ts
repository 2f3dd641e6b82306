import type { Fault } from '../../base/faults';
import type { EnvironmentModel, PriceLine } from '../contract';
import type { NodeCount } from '../environment';

/** How many replicas run, the three levels at which everything is priced. */
export const LEVELS = ['minimum', 'typical', 'maximum'] as const;
export type Level = (typeof LEVELS)[number];
export type PerLevel<T> = Readonly<Record<Level, T>>;

/** US dollars a month. Null is unknown, which is not 0. */
export type Usd = number | null;

/** What is priced: AWS resources of the synthesized stacks, and what manifests ask for. */
export const PARTS = ['aws', 'kubernetes'] as const;
export type Part = (typeof PARTS)[number];

/** One charge at the three levels. A level at which there is nothing of it costs 0. */
export interface LevelLine {
  readonly part: Part;
  /** Synthesized stack of an AWS resource. @default - it follows from manifests */
  readonly stack?: string;
  /** Address of an AWS resource; what manifests ask for otherwise. */
  readonly resource: string;
  readonly service: string;
  readonly description: string;
  readonly sku: string;
  readonly unit: string;
  readonly cost: PerLevel<Usd>;
  /** Its FOCUS lines; absent at a level at which there is nothing of it. */
  readonly focus: Readonly<Partial<Record<Level, PriceLine>>>;
  /** `namespace/name` of workloads behind it, with what each has of it at the typical level. */
  readonly behind: Readonly<Record<string, number>>;
}

/** Something that costs and is not priced. */
export interface Unpriced {
  readonly part: Part;
  /** Stack and address of a resource, or a Kubernetes object. */
  readonly what: string;
  readonly why: string;
}

/** How much of what was counted has a price. */
export interface Coverage {
  /** AWS resources, or charges of manifests. */
  readonly counted: number;
  /** Of these, with a known price, known-free ones among them. */
  readonly known: number;
}

/** One part of one side, priced. */
export interface PricedPart {
  readonly lines: readonly LevelLine[];
  readonly coverage: Coverage;
  readonly unpriced: readonly Unpriced[];
  /** Why costs are not known, usage that nobody stated among them. */
  readonly unknown: readonly Fault[];
  readonly assumptions: readonly string[];
}

/** A part that cannot be priced at all. */
export interface UnknownPart {
  readonly why: readonly Fault[];
}

/** An environment on one side of a change. */
export interface PricedSide {
  readonly environment: string;
  readonly region: string;
  readonly budgetMonthlyUsd: number;
  readonly parts: Readonly<Record<Part, PricedPart | UnknownPart>>;
  /** @default - the Kubernetes part cannot be priced */
  readonly model?: EnvironmentModel;
  readonly nodes: PerLevel<readonly NodeCount[]>;
}

/** True if a part could be priced. */
export function isPriced(part: PricedPart | UnknownPart): part is PricedPart {
  return 'lines' in part;
}

/** A charge that a change adds, removes or alters. */
export interface LineChange {
  readonly change: 'added' | 'removed' | 'changed';
  readonly part: Part;
  readonly stack: string | null;
  readonly resource: string;
  readonly description: string;
  /** Description before, where another. */
  readonly was: string | null;
  readonly before: PerLevel<Usd>;
  readonly after: PerLevel<Usd>;
  /** After less before; null where either is unknown. */
  readonly difference: PerLevel<Usd>;
  /** Workloads whose pods moved it. */
  readonly because: readonly string[];
}

/** Sums of known costs, per part and together; null where nothing of it can be known. */
export type Sums = Readonly<Record<Part | 'total', PerLevel<Usd>>>;

/** What an environment would cost if its nodes were bought otherwise. */
export interface PurchaseRow {
  readonly option: string;
  /** At the typical level. */
  readonly monthlyUsd: Usd;
  /** Against what is configured. */
  readonly difference: Usd;
}

/** What a change does to the price of one environment. */
export interface EnvironmentChange {
  readonly environment: string;
  readonly region: string;
  /** An environment that is only on one side. */
  readonly change: 'added' | 'removed' | 'kept';
  /** Null where nothing is compared, or the environment is new. */
  readonly before: Sums | null;
  /** Null where the environment is gone. */
  readonly after: Sums | null;
  /** Sums of the differences of lines known on both sides; null where nothing is compared, or a part cannot be. */
  readonly difference: Sums | null;
  readonly lines: readonly LineChange[];
  /** Lines of the change whose difference is unknown, at the typical level. */
  readonly unknownLines: number;
  /** What was decided otherwise, in sentences: replicas, requests, pools. */
  readonly decisions: readonly string[];
  readonly unpriced: {
    readonly all: readonly Unpriced[];
    readonly added: readonly Unpriced[];
    readonly removed: readonly Unpriced[];
  };
  /** Costs that nobody can know before somebody states a usage. */
  readonly unknown: readonly Fault[];
  /** Parts that could not be priced, and why. */
  readonly incomplete: readonly { readonly side: 'before' | 'after'; readonly part: Part; readonly why: readonly Fault[] }[];
  readonly coverage: Readonly<Record<Part, Coverage>> & { readonly share: number };
  readonly budget: { readonly monthlyUsd: number; readonly typicalUsd: Usd; readonly passed: boolean; readonly passedBefore: boolean };
  readonly nodes: PerLevel<readonly NodeCount[]>;
  readonly purchase: readonly PurchaseRow[];
  readonly assumptions: readonly string[];
  /** Every line of both sides, with its FOCUS lines. */
  readonly priced: { readonly before: readonly LevelLine[]; readonly after: readonly LevelLine[] };
}

/** The JSON that `--format json` writes. */
export interface PriceReport {
  readonly schema: 'tideline/price/1';
  /** Name and commit of what is compared with; null where only the working tree is priced. */
  readonly against: { readonly ref: string; readonly commit: string } | null;
  /** Whether the working tree differs from its commit; null where there is no repository. */
  readonly uncommitted: boolean | null;
  readonly environments: readonly EnvironmentChange[];
  /** Stated usage that fits nothing, and other things a reader should know. */
  readonly notes: readonly string[];
}
