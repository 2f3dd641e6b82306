import type { SynthesizedStack } from './contract';

/** How many of a resource `count` and `for_each` make; undefined where only Terraform can tell. */
function instancesOf(body: Readonly<Record<string, unknown>>): number | undefined {
  const { count, for_each: forEach } = body;
  if (count !== undefined) return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
  if (forEach === undefined) return 1;
  return typeof forEach === 'object' && forEach !== null ? Object.keys(forEach).length : undefined;
}

/** Whether a value is an expression, which only Terraform can evaluate. */
const isExpression = (value: unknown): boolean => typeof value === 'string' && /\$\{|%\{/.test(value);

/**
 * A resource of a synthesized stack, read with care: JSON from anywhere may hold anything, and what is an expression is not known before Terraform
 * runs. A reference to an attribute that another resource of the stack spells out is followed.
 */
export class ResourceView {
  readonly address: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Copies that are made of it; undefined where only Terraform can tell. */
  readonly instances: number | undefined;

  constructor(readonly stack: SynthesizedStack, readonly type: string, readonly id: string, body: unknown) {
    this.address = `${type}.${id}`;
    this.body = typeof body === 'object' && body !== null ? body as Readonly<Record<string, unknown>> : {};
    this.instances = instancesOf(this.body);
  }

  /** Region it is made in: its own, that of the provider it names, or the given one. Undefined where it is an expression. */
  regionOf(fallback: string): string | undefined {
    const own = this.body.region ?? this.providerRegion();
    if (own === undefined) return fallback;
    return typeof own === 'string' && !isExpression(own) ? own : undefined;
  }

  /** Value of an attribute, references followed. `expression` where only Terraform can tell. */
  read(name: string): { readonly value: unknown } | 'expression' {
    return this.follow(this.body[name], 0);
  }

  /** A number; `otherwise` where the attribute is absent, undefined where it is no number yet. */
  number(name: string, otherwise?: number): number | undefined {
    const read = this.read(name);
    if (read === 'expression') return undefined;
    if (read.value === undefined || read.value === null) return otherwise;
    const number = typeof read.value === 'string' && read.value.trim() !== '' ? Number(read.value) : read.value;
    return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
  }

  /** A text; `otherwise` where the attribute is absent, undefined where it is an expression or no text. */
  text(name: string, otherwise?: string): string | undefined {
    const read = this.read(name);
    if (read === 'expression') return undefined;
    if (read.value === undefined || read.value === null) return otherwise;
    return typeof read.value === 'string' ? read.value : undefined;
  }

  /** Yes or no; no where the attribute is absent, undefined where it is an expression. */
  flag(name: string): boolean | undefined {
    const read = this.read(name);
    if (read === 'expression') return undefined;
    if (read.value === undefined || read.value === null || read.value === false || read.value === 'false') return false;
    return read.value === true || read.value === 'true' ? true : undefined;
  }

  /** Elements of a list, references to resources not followed: `["${aws_subnet.a.id}"]` has one. Undefined where the whole list is an expression. */
  list(name: string): readonly unknown[] | undefined {
    const value = this.body[name];
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value.some((each) => typeof each === 'string' && /\$\{.*(\[\*\]|\bfor\b|\.\.\.)/.test(each)) ? undefined : value;
    return typeof value === 'object' ? [value] : undefined; // a block of one is written without its list
  }

  /** A nested block, the first of them; undefined where there is none. */
  block(name: string): Readonly<Record<string, unknown>> | undefined {
    const first = this.list(name)?.[0];
    return typeof first === 'object' && first !== null ? first as Readonly<Record<string, unknown>> : undefined;
  }

  private follow(value: unknown, depth: number): { readonly value: unknown } | 'expression' {
    if (!isExpression(value)) return { value };
    const reference = /^\$\{([a-z][a-z0-9_]*)\.([A-Za-z_][\w-]*)\.([a-z_][a-z0-9_]*)\}$/.exec(value as string);
    if (!reference || depth > 8) return 'expression';
    const [, type = '', id = '', attribute = ''] = reference;
    const other = this.stack.resource?.[type]?.[id];
    const next = typeof other === 'object' && other !== null ? (other as Readonly<Record<string, unknown>>)[attribute] : undefined;
    return next === undefined ? 'expression' : this.follow(next, depth + 1);
  }

  private providerRegion(): unknown {
    const configured = this.stack.provider?.aws;
    const all = (Array.isArray(configured) ? configured : [configured]).filter((each): each is Record<string, unknown> => typeof each === 'object' && each !== null);
    const named = typeof this.body.provider === 'string' ? this.body.provider.replace(/^\$\{(.*)\}$/, '$1') : undefined;
    const alias = named?.startsWith('aws.') ? named.slice('aws.'.length) : undefined;
    return all.find((each) => each.alias === alias)?.region;
  }
}
