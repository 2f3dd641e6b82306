import type { Charge } from '../line-sheet';
import type { ResourceView } from './resource-view';

/** A charge that comes with a resource. */
export interface ResourceCharge extends Omit<Charge, 'resource' | 'statedAs' | 'quantityCertainty' | 'dynamic' | 'purchase' | 'quantity'> {
  /** Units a month of one resource, as declared. Undefined where an expression hides it. @default - it is used: see `used` */
  readonly declared?: number | undefined;
  /** Attribute that declares it, named where it is hidden. @default - none */
  readonly attribute?: string;
  /** Field of usage.ts that states it, and how many of the field make one unit. @default - it is declared: see `declared` */
  readonly used?: { readonly field: string; readonly per?: number };
}

/** A part of a resource's price that is known to be missing. */
export interface MissingCharge {
  /** What it is that costs something. */
  readonly missing: string;
  /** Attribute that asks for it. */
  readonly attribute: string;
  readonly category: Charge['category'];
  readonly service: string;
  /** Whether it comes with use, so that what the resource costs by itself is known without it. @default false */
  readonly withUse?: boolean;
}

/** What one type of resource costs. */
export type TypeEntry =
  | { readonly free: string; readonly page: string }
  | { readonly unknown: string }
  | { readonly price: (resource: ResourceView) => Priced };

/** What a resource costs: charges, or why there is none. */
export type Priced = readonly (ResourceCharge | MissingCharge)[] | { readonly free: string };

/** Entries by type. A name that ends in `*` stands for every type that begins like it; an exact name goes before it. */
export type TypeTable = Readonly<Record<string, TypeEntry>>;

/** A type that AWS does not charge for, with one line of why and the page that says so. */
export function free(why: string, page: string): TypeEntry {
  return { free: why, page: `https://aws.amazon.com/${page}` };
}

/** The same for several types. */
export function allFree(why: string, page: string, types: readonly string[]): TypeTable {
  return Object.fromEntries(types.map((type) => [type, free(why, page)]));
}
