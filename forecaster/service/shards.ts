import type { Fault } from '../../base/faults';
import { rendezvous } from '../../base/rendezvous';
import type { ForecasterSettings } from './settings';

/** Which part of all services a process forecasts. */
export interface Shard {
  /** 0 to `count - 1`. */
  readonly index: number;
  /** How many shards there are; 1 = this process has every service. */
  readonly count: number;
}

/** A process that has everything. */
export const WHOLE: Shard = { index: 0, count: 1 };

/** Names of pods that shards can be told from end like this: `forecaster-3`. */
const POD_NAME = 'forecaster';

/** The shard that a service belongs to: exactly one, the same for everybody who knows how many there are. */
export function ownerOf(namespace: string, service: string, count: number): number {
  return rendezvous(JSON.stringify([namespace, service]), count); // a separator could occur in a label
}

/** This shard has the service. */
export function owns(shard: Shard, namespace: string, service: string): boolean {
  return shard.count === 1 || ownerOf(namespace, service, shard.count) === shard.index;
}

/**
 * The shard of a process. Ordinals beyond the number of shards start over, so that a set of 4 pods and 2 shards keeps every shard twice.
 */
export function shardOf({ shardIndex, shardCount }: Pick<ForecasterSettings, 'shardIndex' | 'shardCount'>): Shard {
  return { index: shardIndex % shardCount, count: shardCount };
}

/** What is answered when a service belongs to another shard: 421 (Misdirected Request). */
export interface Misdirected {
  readonly status: 421;
  readonly code: 'other_shard';
  readonly message: string;
  /** The shard to ask. */
  readonly shard: number;
  readonly fault: Fault;
}

/** Whether another shard is to be asked; undefined = this one. */
export function misdirected(shard: Shard, namespace: string, service: string): Misdirected | undefined {
  const owner = ownerOf(namespace, service, shard.count);
  if (owner === shard.index) return undefined;
  return {
    status: 421,
    code: 'other_shard',
    message: 'the service is forecast by another shard',
    shard: owner,
    fault: {
      where: 'path service',
      got: `${namespace}/${service}`,
      allowed: `services of shard ${shard.index} of ${shard.count}`,
      do: `ask shard ${owner}: pod ${POD_NAME}-${owner}, or any other whose ordinal leaves ${owner} when divided by ${shard.count}`,
    },
  };
}
