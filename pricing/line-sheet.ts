import type { Fault } from '../base/faults';
import type { EnvironmentModel, PriceLine } from './contract';
import { Money } from './money';
import type { PriceBook } from './price-book';

/** What a line charges for, before its price is looked up. */
export interface Charge {
  readonly category: PriceLine['ServiceCategory'];
  readonly service: string;
  readonly description: string;
  readonly resource: string;
  readonly sku: string;
  readonly unit: string;
  /** Units a month. Undefined or null where nobody stated it. */
  readonly quantity: number | null | undefined;
  /** Field of the model that would state the quantity. @default - the quantity follows from the model */
  readonly statedAs?: string;
  /** Whether the price moves with the market, as spot does. @default false */
  readonly dynamic?: boolean;
}

/** Collects the lines of one price, and why costs are unknown. */
export class LineSheet {
  private readonly added: PriceLine[] = [];
  private readonly costs: Money[] = [];
  private readonly doubts: Fault[] = [];

  constructor(private readonly model: EnvironmentModel, private readonly book: PriceBook) {
    if (!book.regions.includes(model.region)) {
      this.doubts.push({ where: `${model.name}.region`, got: model.region, allowed: book.regions.join(', '), do: 'choose a region of the price book, or add its prices to pricing/prices/' });
    }
  }

  /** Adds a line; with an unknown price or quantity its cost is null and the reason is kept. */
  add(charge: Charge): void {
    const row = this.book.find(this.model.region, charge.sku);
    const quantity = charge.quantity ?? null;
    if (!row && this.book.regions.includes(this.model.region)) {
      this.doubt({ where: `price book ${this.model.region}/${charge.sku}`, got: 'no row', allowed: 'a row with source and date', do: 'add the price to pricing/prices/' });
    }
    if (quantity === null && charge.statedAs) {
      this.doubt({ where: `${this.model.name}.${charge.statedAs}`, got: 'nothing', allowed: 'a number from 0', do: `measure it and state '${charge.statedAs}' in the environment's model` });
    }
    const cost = row && quantity !== null ? row.price.times(quantity) : undefined;
    if (cost) this.costs.push(cost);
    this.added.push({
      ProviderName: 'AWS', ServiceCategory: charge.category, ServiceName: charge.service, ChargeCategory: 'Usage', ChargeDescription: charge.description,
      ResourceName: charge.resource, RegionId: this.model.region, PricingCategory: charge.dynamic ? 'Dynamic' : 'Standard', SkuId: charge.sku,
      PricingQuantity: quantity, PricingUnit: charge.unit, ListUnitPrice: row?.usd ?? null, ListCost: cost?.toUsd() ?? null, BillingCurrency: 'USD',
      x_PriceSource: row?.source ?? null, x_PriceDate: row?.asOf ?? null, x_PriceCertainty: row?.certainty ?? null,
    });
  }

  /** Adds a line whose cost cannot be known; the caller states the reason with {@link doubt}. */
  addUnknown(charge: Omit<Charge, 'statedAs'>): void {
    this.added.push({
      ProviderName: 'AWS', ServiceCategory: charge.category, ServiceName: charge.service, ChargeCategory: 'Usage', ChargeDescription: charge.description,
      ResourceName: charge.resource, RegionId: this.model.region, PricingCategory: 'Standard', SkuId: charge.sku,
      PricingQuantity: charge.quantity ?? null, PricingUnit: charge.unit, ListUnitPrice: null, ListCost: null, BillingCurrency: 'USD',
      x_PriceSource: null, x_PriceDate: null, x_PriceCertainty: null,
    });
  }

  /** Keeps a reason, once. */
  doubt(fault: Fault): void {
    if (!this.doubts.some((each) => each.where === fault.where && each.got === fault.got)) this.doubts.push(fault);
  }

  get lines(): readonly PriceLine[] {
    return [...this.added];
  }

  get unknown(): readonly Fault[] {
    return [...this.doubts];
  }

  /** Sum of the known costs; undefined if there is none. */
  total(): Money | undefined {
    return this.costs.length > 0 ? Money.sum(this.costs) : undefined;
  }

  /** Share of lines with a known cost; 1 for a sheet without lines, of which nothing is unknown. */
  coverage(): number {
    return this.added.length > 0 ? this.costs.length / this.added.length : 1;
  }
}
