import { Fault, refuse } from '../../base/faults';
import type { PriceLine } from '../contract';
import { LineSheet } from '../line-sheet';
import { Money } from '../money';
import { HOURS_PER_MONTH } from '../node-price';
import type { PricedResource, ResourcePriceOptions, ResourcesPrice, SynthesizedStack } from './contract';
import type { MissingCharge, ResourceCharge } from './entry';
import { ResourceView } from './resource-view';
import { entryOf } from './table';
import { usageFaults, usageFieldsOf, usedOf } from './usage';

/** Units of one charge beyond which a quantity is a slip of the pen: ten million hours are thirteen thousand machines. Sums of what is below stay exact. */
const MOST_UNITS = 1e7;

/** What came of one resource. */
interface Outcome {
  readonly resource: PricedResource;
  readonly lines: readonly PriceLine[];
  readonly costs: Money | undefined;
  readonly unknown: readonly Fault[];
  /** Fields whose assumed value was used. */
  readonly assumed: readonly string[];
}

/**
 * Prices a month of the resources of a synthesized stack. Pure. A resource that is not known, or whose price hangs on something only Terraform can tell,
 * never stops it: it is listed as unpriced, and its cost is null, which is not 0.
 *
 * Nodes, their volumes and what the cluster's own manifests bring (load balancers, volumes of claims) are priced by `priceEnvironment`; control planes, NAT gateways
 * and their addresses by both, so whoever adds the two takes those from here.
 *
 * @throws FaultError naming every type, field and amount of `usage` that cannot be used
 */
export function priceResources(stack: SynthesizedStack, options: ResourcePriceOptions): ResourcesPrice {
  refuse('the usage of resources cannot be used', usageFaults(options.usage));
  const outcomes = Object.entries(stack.resource ?? {})
    .flatMap(([type, byId]) => Object.entries(byId).map(([id, body]) => new ResourceView(stack, type, id, body)))
    .filter((view) => view.instances !== 0)
    .map((view) => priceResource(view, options));
  const resources = outcomes.map((outcome) => outcome.resource);
  const known = outcomes.flatMap((outcome) => outcome.costs ?? []);
  const count = (state: PricedResource['state']) => resources.filter((each) => each.state === state).length;
  const [priced, free, unknown] = [count('priced'), count('free'), count('unknown')];
  const assumed = [...new Set(outcomes.flatMap((outcome) => outcome.assumed))].sort();
  return {
    monthlyUsd: lowerBound(Money.sum(known), unknown === 0),
    lines: outcomes.flatMap((outcome) => outcome.lines),
    resources,
    coverage: { resources: resources.length, priced, free, unknown, share: resources.length === 0 ? 1 : (priced + free) / resources.length },
    unpriced: resources.filter((each) => each.state === 'unknown').map(({ address, type, why }) => ({ address, type, why })),
    unknown: outcomes.flatMap((outcome) => outcome.unknown),
    assumptions: [
      ...(priced > 0 ? [`a month has ${HOURS_PER_MONTH} hours; list prices without tax, discounts or free tier; clusters run versions in standard support`] : []),
      ...assumed,
    ],
  };
}

function priceResource(view: ResourceView, { region: fallback, book, usage }: ResourcePriceOptions): Outcome {
  const { address, type } = view;
  const region = view.regionOf(fallback);
  const nothing = (state: 'free' | 'unknown', why: string, unknown: readonly Fault[] = []): Outcome => ({
    resource: { address, type, region: region ?? fallback, state, monthlyUsd: state === 'free' ? 0 : null, why }, lines: [], costs: undefined, unknown, assumed: [],
  });
  const hidden = (what: string, allowed: string) => nothing('unknown', `${what} is an expression`, [{ where: `${address}.${what}`, got: 'an expression', allowed, do: 'write it out, or price the plan instead' }]);

  const entry = entryOf(type);
  if (!entry) return nothing('unknown', `${type} is in no table of pricing/terraform/table`);
  if ('unknown' in entry) return nothing('unknown', entry.unknown);
  if ('free' in entry) return nothing('free', `${entry.free}, ${entry.page}`);
  const price = entry.price(view);
  if ('free' in price) return nothing('free', price.free);
  if (region === undefined) return hidden('region', book.regions.join(', '));
  if (view.instances === undefined) return hidden(view.body.count === undefined ? 'for_each' : 'count', 'a number of copies that is written out');

  const sheet = new LineSheet({ name: address, region }, book, `the usage of ${type}`);
  const assumed: string[] = [];
  for (const charge of price) {
    if ('missing' in charge) addMissing(sheet, view, charge);
    else assumed.push(...addCharge(sheet, view, charge, view.instances, usage));
  }
  const lines = sheet.lines;
  const decisive = lines.filter((_, index) => isFixed(price[index])); // a line for each charge, in their order
  const settled = (decisive.length > 0 ? decisive : lines).every((line) => line.ListCost !== null);
  const total = sheet.total();
  return {
    resource: {
      address, type, region, state: settled ? 'priced' : 'unknown', monthlyUsd: lowerBound(total, settled),
      why: settled ? '' : sheet.unknown.map((fault) => `${fault.where.replace(`${address}.`, '')}: ${fault.got}`).join('; '),
    },
    lines, costs: total, unknown: sheet.unknown, assumed,
  };
}

/** Dollars of what is known; null where nothing is but that something is missing, for that is not 0. */
function lowerBound(known: Money | undefined, complete: boolean): number | null {
  if (complete) return (known ?? Money.zero).toUsd();
  return known && known.compare(Money.zero) > 0 ? known.toUsd() : null;
}

/** Whether a charge comes with the resource, used or not. */
function isFixed(charge: ResourceCharge | MissingCharge | undefined): boolean {
  return charge !== undefined && ('missing' in charge ? charge.withUse !== true : charge.used === undefined);
}

function addMissing(sheet: LineSheet, view: ResourceView, charge: MissingCharge): void {
  sheet.doubt({ where: `${view.address}.${charge.attribute}`, got: charge.missing, allowed: 'what the table of pricing/terraform/table can price', do: 'add it to the table and its price to pricing/prices/' });
  sheet.addUnknown({ category: charge.category, service: charge.service, description: charge.missing, resource: view.address, sku: '', unit: '', quantity: null });
}

/** Adds a line; returns the sentence of what was assumed for it, if anything was. */
function addCharge(sheet: LineSheet, view: ResourceView, charge: ResourceCharge, instances: number, usage: ResourcePriceOptions['usage']): readonly string[] {
  const { used, declared, attribute, ...rest } = charge;
  const found = used && usedOf(usage, view.type, view.address, used.field);
  const each = used ? found && found.quantity / (used.per ?? 1) : declared;
  const quantity = each === undefined ? undefined : each * instances;
  const where = `${view.address}.${used?.field ?? attribute ?? 'count'}`;
  if (quantity !== undefined && !(quantity <= MOST_UNITS)) {
    sheet.doubt({ where, got: `${quantity} ${rest.unit}`, allowed: `at most ${MOST_UNITS}`, do: 'check it: nobody pays for so much' });
    sheet.addUnknown({ ...rest, resource: view.address, quantity: null });
    return [];
  }
  if (!used && quantity === undefined) sheet.doubt({ where, got: 'an expression or nothing', allowed: 'a value that is written out', do: 'write it out, or price the plan instead' });
  sheet.add({ ...rest, resource: view.address, quantity, ...(used ? { statedAs: used.field, quantityCertainty: found?.certainty } : {}) });
  if (!used || found?.certainty !== 'assumed') return [];
  const field = usageFieldsOf(view.type)?.[used.field];
  return [`assumed of each ${view.type}: ${found.quantity} ${field?.what ?? used.field}, a month; state '${used.field}' to say otherwise`];
}
