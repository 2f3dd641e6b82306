import { FaultError } from '../base/faults';
import type { Environment } from '../config';
import type { EnvironmentModel } from '../pricing/contract';
import { compareSides } from '../pricing/change/compare';
import { priceSide } from '../pricing/change/price-side';
import type { PricedObject } from '../pricing/manifests/contract';
import { priceBook } from '../pricing/price-book';
import { isBootstrapped, type ManifestObject, type Synthesized } from '../verify';
import type { Report } from './report/schema';

/** What the cost service is given: the ConfigMap of its Application. */
export function costModels(manifests: readonly ManifestObject[]): Readonly<Record<string, string>> {
  const found = manifests.find(({ object }) => object.kind === 'ConfigMap' && object.metadata.name === 'cost-environments');
  return (found?.object.data ?? {}) as Record<string, string>;
}

/** The model of one environment. @throws FaultError if dist/ has none */
export function costModel(manifests: readonly ManifestObject[], environment: string): EnvironmentModel {
  const text = costModels(manifests)[`${environment}.json`];
  if (text === undefined) {
    throw new FaultError('the environment cannot be priced', [{
      where: `dist/${environment}: ConfigMap cost-environments`, got: `no key ${environment}.json`, allowed: 'an EnvironmentModel', do: 'run npx projen update:manifests',
    }]);
  }
  return JSON.parse(text) as EnvironmentModel;
}

/** As `npx projen price` has it: AWS resources of the stacks, and what manifests ask for. */
export function priceOf({ objects, stacks }: Synthesized, environment: Environment): Report['price'] {
  const manifests = new Map<string, PricedObject[]>();
  for (const each of objects.filter((one) => !isBootstrapped(one))) manifests.set(each.environment, [...(manifests.get(each.environment) ?? []), each.object]);
  const side = priceSide({ manifests, stacks: Object.fromEntries(stacks.map(({ name, json }) => [name, json])) }, environment.name, {}, priceBook);
  const { after, coverage, priced } = compareSides({ after: side }, priceBook, false);
  return {
    monthlyUsd: after?.total.typical ?? null,
    minimumMonthlyUsd: after?.total.minimum ?? null,
    maximumMonthlyUsd: after?.total.maximum ?? null,
    budgetMonthlyUsd: environment.budget.monthlyUsd,
    coverage: coverage.share,
    lines: priced.after.flatMap(({ focus }) => focus.typical ?? []),
  };
}

/** US dollars in a sentence; `unknown`, which is not 0. */
export function usd(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(2);
}
