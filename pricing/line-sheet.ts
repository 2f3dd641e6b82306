import type { Fault } from '../base/faults';
import { commitmentColumns, PurchaseOption, purchaseSku } from './commitments';
import type { PriceLine, ServiceCategory } from './contract';
import { Money } from './money';
import type { PriceBook, PriceRow } from './price-book';

/** What a line charges for, before its price is looked up. */
export interface Charge {
  readonly category: ServiceCategory;
  readonly service: string;
  readonly description: string;
  readonly resource: string;
  readonly sku: string;
  readonly unit: string;
  /** Units a month. Undefined or null where nobody stated it. */
  readonly quantity: number | null | undefined;
  /** Field of the model that would state the quantity. @default - the quantity follows from the model */
  readonly statedAs?: string;
  /** @default - the quantity follows from what was declared */
  readonly quantityCertainty?: PriceLine['x_QuantityCertainty'];
  /** Whether the price moves with the market, as spot does. @default false */
  readonly dynamic?: boolean;
  /** How it is bought; `sku` stays the on-demand row, whose price is the list price. @default 'on-demand' */
  readonly purchase?: PurchaseOption;
}

/** A charge as a commitment makes it. */
interface CommittedCharge {
  readonly sku: string;
  readonly cost?: Money;
  readonly row?: PriceRow;
  readonly columns: Partial<PriceLine>;
}

/** What a sheet is about. */
export interface SheetSubject {
  /** How it is named in faults: an environment, or the address of a resource. */
  readonly name: string;
  readonly region: string;
}

/** Collects the lines of one price, and why costs are unknown. */
export class LineSheet {
  private readonly added: PriceLine[] = [];
  private readonly costs: Money[] = [];
  private readonly doubts: Fault[] = [];

  /** @param statedIn where a missing quantity would be stated */
  constructor(private readonly subject: SheetSubject, private readonly book: PriceBook, private readonly statedIn = 'the environment\'s model') {
    if (!book.regions.includes(subject.region)) {
      this.doubts.push({ where: `${subject.name}.region`, got: subject.region, allowed: book.regions.join(', '), do: 'choose a region of the price book, or add its prices to pricing/prices/' });
    }
  }

  /** Adds a line; with an unknown price or quantity its cost is null and the reason is kept. */
  add(charge: Charge): void {
    const row = this.book.find(this.subject.region, charge.sku);
    const quantity = charge.quantity ?? null;
    if (!row && this.book.regions.includes(this.subject.region)) {
      this.doubt({ where: `price book ${this.subject.region}/${charge.sku}`, got: 'no row', allowed: 'a row with source and date', do: 'add the price to pricing/prices/' });
    }
    if (quantity === null && charge.statedAs) {
      this.doubt({ where: `${this.subject.name}.${charge.statedAs}`, got: 'nothing', allowed: 'a number from 0', do: `measure it and state '${charge.statedAs}' in ${this.statedIn}` });
    }
    const cost = row && quantity !== null ? row.price.times(quantity) : undefined;
    const committed = this.committed(charge, quantity);
    const paid = committed ? committed.cost : cost;
    if (paid) this.costs.push(paid);
    const priced = committed ? committed.row : row;
    this.added.push({
      ProviderName: 'AWS', ServiceCategory: charge.category, ServiceName: charge.service, ChargeCategory: 'Usage', ChargeDescription: charge.description,
      ResourceName: charge.resource, RegionId: this.subject.region, PricingCategory: charge.dynamic ? 'Dynamic' : 'Standard', SkuId: committed?.sku ?? charge.sku,
      PricingQuantity: quantity, PricingUnit: charge.unit, ListUnitPrice: row?.usd ?? null, ListCost: cost?.toUsd() ?? null, BillingCurrency: 'USD',
      x_PriceSource: priced?.source ?? null, x_PriceDate: priced?.asOf ?? null, x_PriceCertainty: priced?.certainty ?? null,
      ...(charge.quantityCertainty ? { x_QuantityCertainty: charge.quantityCertainty } : {}), ...committed?.columns,
    });
  }

  /** What a commitment makes of a charge; undefined where nothing is committed. */
  private committed(charge: Charge, quantity: number | null): CommittedCharge | undefined {
    if (!charge.purchase || charge.purchase === 'on-demand') return undefined;
    const sku = purchaseSku(charge.sku, charge.purchase);
    const row = this.book.find(this.subject.region, sku);
    if (!row && this.book.regions.includes(this.subject.region)) {
      this.doubt({ where: `price book ${this.subject.region}/${sku}`, got: 'no row', allowed: 'a row with source and date', do: 'add the price to pricing/prices/, or buy on demand' });
    }
    const cost = row && quantity !== null ? row.price.times(quantity) : undefined;
    return { sku, cost, row, columns: { ...commitmentColumns(charge.purchase), EffectiveCost: cost?.toUsd() ?? null } };
  }

  /** Adds a line whose cost cannot be known; the caller states the reason with {@link doubt}. */
  addUnknown(charge: Omit<Charge, 'statedAs'>): void {
    this.added.push({
      ProviderName: 'AWS', ServiceCategory: charge.category, ServiceName: charge.service, ChargeCategory: 'Usage', ChargeDescription: charge.description,
      ResourceName: charge.resource, RegionId: this.subject.region, PricingCategory: 'Standard', SkuId: charge.sku,
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
