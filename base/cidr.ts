import { Fault, refuse, show } from './faults';

/** An IPv4 block. A value: parsed once, then it cannot be wrong. */
export class Cidr {
  /** The block, or undefined if the text is not one. Octets and host bits are checked: a shape is not a value. */
  static tryParse(text: string): Cidr | undefined {
    const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
    if (!match) return undefined;
    const [a, b, c, d, prefix] = match.slice(1).map(Number) as [number, number, number, number, number];
    if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
    const base = ((a * 256 + b) * 256 + c) * 256 + d;
    return base % 2 ** (32 - prefix) === 0 ? new Cidr(base, prefix) : undefined;
  }

  /**
   * The block.
   *
   * @param where what the text belongs to, for the message
   * @throws FaultError if the text is not a block without host bits
   */
  static parse(text: string, where: string): Cidr {
    const block = Cidr.tryParse(text);
    if (!block) refuse('not an address block', [cidrFault(text, where)]);
    return block as Cidr;
  }

  private constructor(private readonly base: number, readonly prefix: number) {}

  /** Number of addresses. */
  get size(): number {
    return 2 ** (32 - this.prefix);
  }

  /**
   * The block number `index` when this one is divided into blocks of a longer prefix.
   *
   * @throws RangeError if there is no such block
   */
  part(prefix: number, index: number): Cidr {
    const parts = 2 ** (prefix - this.prefix);
    if (prefix < this.prefix || prefix > 32 || !Number.isInteger(index) || index < 0 || index >= parts) {
      throw new RangeError(`${this} has no /${prefix} number ${index}`);
    }
    return new Cidr(this.base + index * 2 ** (32 - prefix), prefix);
  }

  contains(other: Cidr): boolean {
    return other.base >= this.base && other.base + other.size <= this.base + this.size;
  }

  overlaps(other: Cidr): boolean {
    return this.base < other.base + other.size && other.base < this.base + this.size;
  }

  toString(): string {
    return `${[24, 16, 8, 0].map((bits) => Math.floor(this.base / 2 ** bits) % 256).join('.')}/${this.prefix}`;
  }
}

/** What is said of a text that is not a block. */
export function cidrFault(text: unknown, where: string): Fault {
  return { where, got: show(text), allowed: 'an IPv4 block without host bits, such as 10.10.0.0/16', do: 'write the first address of the block and its prefix' };
}
