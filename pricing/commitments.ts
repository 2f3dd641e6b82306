import type { PriceLine } from './contract';

/** What AWS calls a commitment, and what is committed to. */
const KINDS = {
  reserved: { type: 'Standard Reserved Instance', category: 'Usage' },
  'ec2-savings-plan': { type: 'EC2 Instance Savings Plan', category: 'Spend' },
  'compute-savings-plan': { type: 'Compute Savings Plan', category: 'Spend' },
} as const;
const TERMS = ['1y', '3y'] as const;
const PAYMENTS = ['no-upfront', 'all-upfront'] as const;

export type CommitmentKind = keyof typeof KINDS;
export type CommitmentTerm = (typeof TERMS)[number];
export type CommitmentPayment = (typeof PAYMENTS)[number];

/** How capacity that always runs is bought. A commitment's price is by the hour, what is paid in advance spread over its term. */
export type PurchaseOption = 'on-demand' | `${CommitmentKind}-${CommitmentTerm}-${CommitmentPayment}`;
export type Commitment = Exclude<PurchaseOption, 'on-demand'>;

/** Every commitment, from the loosest to the tightest. */
export const COMMITMENTS: readonly Commitment[] = (['compute-savings-plan', 'ec2-savings-plan', 'reserved'] as const)
  .flatMap((kind) => TERMS.flatMap((term) => PAYMENTS.map((payment): Commitment => `${kind}-${term}-${payment}`)));

/** Every purchase option. */
export const PURCHASE_OPTIONS: readonly PurchaseOption[] = ['on-demand', ...COMMITMENTS];

/** The row of a price under a purchase option, beside the on-demand row `<what>/on-demand`. */
export function purchaseSku(onDemandSku: string, option: PurchaseOption): string {
  return onDemandSku.replace(/\/on-demand$/, `/${option}`);
}

/** FOCUS columns of a line under a commitment. */
export function commitmentColumns(option: Commitment): Required<Pick<PriceLine, 'CommitmentDiscountCategory' | 'CommitmentDiscountType'>> & { readonly PricingCategory: 'Committed' } {
  const kind = (Object.keys(KINDS) as CommitmentKind[]).find((each) => option.startsWith(`${each}-`)) as CommitmentKind;
  const [term, ...payment] = option.slice(kind.length + 1).split('-');
  return {
    PricingCategory: 'Committed', CommitmentDiscountCategory: KINDS[kind].category,
    CommitmentDiscountType: `${KINDS[kind].type}, ${term === '1y' ? '1 year' : '3 years'}, ${payment.join(' ')}`,
  };
}
