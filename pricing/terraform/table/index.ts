import type { TypeEntry, TypeTable } from '../entry';
import { cluster } from './cluster';
import { data } from './data';
import { network } from './network';
import { operations } from './operations';
import { security } from './security';

/** Every type of resource that is known to be priced or free, by the file that knows it. No type is in two. */
export const TYPE_TABLES: Readonly<Record<string, TypeTable>> = { cluster, data, network, operations, security };

const EXACT = new Map(Object.values(TYPE_TABLES).flatMap((table) => Object.entries(table)));
const PREFIXES = [...EXACT].flatMap(([name, entry]) => (name.endsWith('*') ? [[name.slice(0, -1), entry] as const] : []));

/** What is known of a type's price; undefined for one that is in no table. */
export function entryOf(type: string): TypeEntry | undefined {
  return EXACT.get(type) ?? PREFIXES.find(([prefix]) => type.startsWith(prefix))?.[1];
}
