/** Type of a column in the lake, as Glue and Athena name it. */
export type LakeType = 'string' | 'double' | 'timestamp' | 'map<string,string>' | 'map<string,double>';

const TEXT = 'string';
const NUMBER = 'double';
const TIME = 'timestamp';

/** The 57 columns of FOCUS 1.2, as the specification spells them, with the types that AWS Data Exports writes. */
export const FOCUS_COLUMNS = {
  AvailabilityZone: TEXT,
  BilledCost: NUMBER,
  BillingAccountId: TEXT,
  BillingAccountName: TEXT,
  BillingAccountType: TEXT,
  BillingCurrency: TEXT,
  BillingPeriodEnd: TIME,
  BillingPeriodStart: TIME,
  CapacityReservationId: TEXT,
  CapacityReservationStatus: TEXT,
  ChargeCategory: TEXT,
  ChargeClass: TEXT,
  ChargeDescription: TEXT,
  ChargeFrequency: TEXT,
  ChargePeriodEnd: TIME,
  ChargePeriodStart: TIME,
  CommitmentDiscountCategory: TEXT,
  CommitmentDiscountId: TEXT,
  CommitmentDiscountName: TEXT,
  CommitmentDiscountQuantity: NUMBER,
  CommitmentDiscountStatus: TEXT,
  CommitmentDiscountType: TEXT,
  CommitmentDiscountUnit: TEXT,
  ConsumedQuantity: NUMBER,
  ConsumedUnit: TEXT,
  ContractedCost: NUMBER,
  ContractedUnitPrice: NUMBER,
  EffectiveCost: NUMBER,
  InvoiceId: TEXT,
  InvoiceIssuerName: TEXT,
  ListCost: NUMBER,
  ListUnitPrice: NUMBER,
  PricingCategory: TEXT,
  PricingCurrency: TEXT,
  PricingCurrencyContractedUnitPrice: NUMBER,
  PricingCurrencyEffectiveCost: NUMBER,
  PricingCurrencyListUnitPrice: NUMBER,
  PricingQuantity: NUMBER,
  PricingUnit: TEXT,
  ProviderName: TEXT,
  PublisherName: TEXT,
  RegionId: TEXT,
  RegionName: TEXT,
  ResourceId: TEXT,
  ResourceName: TEXT,
  ResourceType: TEXT,
  ServiceCategory: TEXT,
  ServiceName: TEXT,
  ServiceSubcategory: TEXT,
  SkuId: TEXT,
  SkuMeter: TEXT,
  SkuPriceDetails: 'map<string,string>',
  SkuPriceId: TEXT,
  SubAccountId: TEXT,
  SubAccountName: TEXT,
  SubAccountType: TEXT,
  Tags: 'map<string,string>',
} as const satisfies Readonly<Record<string, LakeType>>;

/** What AWS adds to them. Rows of other providers have none of these: a Parquet file without a column reads as null. */
export const AWS_COLUMNS = {
  x_Discounts: 'map<string,double>',
  x_Operation: TEXT,
  x_ServiceCode: TEXT,
} as const satisfies Readonly<Record<string, LakeType>>;

/** Every column of the lake's table, in order. */
export const LAKE_COLUMNS: Readonly<Record<string, LakeType>> = { ...FOCUS_COLUMNS, ...AWS_COLUMNS };
