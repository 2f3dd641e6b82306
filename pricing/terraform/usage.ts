/** One quantity that Terraform does not say, because it is used rather than declared. */
export interface UsageField {
  /** What is counted, with its unit. */
  readonly what: string;
  /** A typical value, used where nobody states one. @default - none: a charge for it is unknown until it is stated */
  readonly assumed?: number;
}

/**
 * Everything that may be stated of a resource's usage, a month, by type. This is the one place where a quantity is assumed: every assumed one is
 * printed with the price, and its line says `assumed`. They are those of a small platform, to be replaced by measured ones.
 */
export const USAGE_FIELDS = {
  aws_cloudwatch_log_group: {
    ingestedGiB: { what: 'GiB of logs taken in', assumed: 5 },
    storedGiB: { what: 'GiB of compressed logs kept, on average', assumed: 5 },
  },
  aws_nat_gateway: { dataGiB: { what: 'GiB through the gateway, both ways' } },
} as const satisfies Readonly<Record<string, Readonly<Record<string, UsageField>>>>;

/** Types of which usage may be stated. */
export type UsageType = keyof typeof USAGE_FIELDS;

/** Stated usage of one resource, a month. */
export type UsageOf<T extends UsageType> = { readonly [F in keyof (typeof USAGE_FIELDS)[T]]?: number };

/** Stated usage. What is stated of an address goes before what is stated of its type, and that before what is assumed. */
export interface ResourceUsage {
  readonly byType?: { readonly [T in UsageType]?: UsageOf<T> };
  /** By Terraform address: `{ 'aws_cloudwatch_log_group.cluster': { ingestedGiB: 20 } }`. */
  readonly byAddress?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}
