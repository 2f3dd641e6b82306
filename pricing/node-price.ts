import type { EnvironmentModel, PricedNodePool } from './contract';
import type { InstanceType } from './instance-types';
import type { Money } from './money';
import type { PriceBook } from './price-book';

/** Hours of a month, as AWS's own calculator counts them. */
export const HOURS_PER_MONTH = 730;
/** Size of a node's root volume where a model does not say; the node pools of components/cloud have the same default, and a test holds them together. */
export const ROOT_VOLUME_GIB = 50;

/** Row of the price book for a node of this pool and type. */
export function nodeSku(pool: Pick<PricedNodePool, 'capacity'>, typeName: string): string {
  return `ec2/${typeName}/${pool.capacity}`;
}

/** Size of the root volume of a node of this pool, GiB. */
export function rootVolumeOf(pool: PricedNodePool): number {
  return pool.rootVolumeGiB ?? ROOT_VOLUME_GIB;
}

/** Price of an hour of a node with its root volume; null if the book lacks either. */
export function nodeHourly(model: Pick<EnvironmentModel, 'region'>, book: PriceBook): (pool: PricedNodePool, type: InstanceType) => Money | null {
  return (pool, type) => {
    const node = book.find(model.region, nodeSku(pool, type.name));
    const volume = book.find(model.region, 'ebs/gp3');
    return node && volume ? node.price.plus(volume.price.times(rootVolumeOf(pool) / HOURS_PER_MONTH)) : null;
  };
}
