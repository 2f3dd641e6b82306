const MICRO = 1_000_000;

/**
 * An amount of US dollars, kept as a whole number of millionths so that sums are exact: 8 GiB at 0.088 plus 3 nodes at 0.0816 is the same
 * in any order. Holds up to nine billion dollars.
 */
export class Money {
  static readonly zero = new Money(0);

  /**
   * @param usd dollars with at most six decimals
   * @throws RangeError if the amount is not finite or has more decimals: a price must not be rounded on the way in
   */
  static usd(usd: number): Money {
    const micro = Math.round(usd * MICRO);
    if (!Number.isSafeInteger(micro) || Math.abs(usd * MICRO - micro) > 1e-3) {
      throw new RangeError(`${usd} dollars cannot be kept in millionths`);
    }
    return new Money(micro);
  }

  static sum(amounts: Iterable<Money>): Money {
    let micro = 0;
    for (const amount of amounts) micro += amount.micro;
    return new Money(micro);
  }

  private constructor(
    /** Millionths of a dollar, whole. */
    readonly micro: number,
  ) {
    if (!Number.isSafeInteger(micro)) throw new RangeError(`${micro} millionths of a dollar are too many to keep exactly`);
  }

  plus(other: Money): Money {
    return new Money(this.micro + other.micro);
  }

  minus(other: Money): Money {
    return new Money(this.micro - other.micro);
  }

  /** Price times quantity, rounded to the nearest millionth. */
  times(quantity: number): Money {
    return new Money(Math.round(this.micro * quantity));
  }

  /** Negative, zero or positive, as a comparison for sorting. */
  compare(other: Money): number {
    return this.micro - other.micro;
  }

  /** Dollars, for showing and for JSON. */
  toUsd(): number {
    return this.micro / MICRO;
  }
}
