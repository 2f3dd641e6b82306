import { describe, expect, it } from 'vitest';
import { environments } from '../../config';
import { ROOT_VOLUME_GIB } from '../../pricing/node-price';
import { priceBook } from '../../pricing/price-book';
import { stackOf } from '../stacks/support';
import { resources } from '../support/synth-stack';

/** What is priced is what is deployed. */
describe.each(environments().map((environment) => ({ environment, name: environment.name })))('the price of $name', ({ environment }) => {
  it('assumes the root volumes that its nodes get', () => {
    const sizes = resources(stackOf(environment.name, 'cluster'), 'aws_launch_template')
      .flatMap((template) => template.block_device_mappings as { ebs: { volume_type: string; volume_size: number } }[])
      .map(({ ebs }) => [ebs.volume_type, ebs.volume_size]);
    expect(sizes).toEqual(environment.nodePools.filter(({ scaledBy }) => scaledBy === 'node-group').map(() => ['gp3', ROOT_VOLUME_GIB]));
  });

  it('finds a price for every instance type that its pools may use', () => {
    const wanted = environment.nodePools.flatMap((pool) => pool.instanceTypes.map((type) => `ec2/${type}/${pool.capacity}`));
    expect(wanted.filter((sku) => !priceBook.find(environment.region, sku))).toEqual([]);
    expect(wanted.length).toBeGreaterThan(0);
  });
});
