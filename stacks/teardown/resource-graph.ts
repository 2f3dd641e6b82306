import { referencesIn } from '../../base/terraform-references';

/** The content of `cdk.tf.json`, as far as order goes. */
export interface StackJson {
  readonly data?: Blocks;
  readonly resource?: Blocks;
}

type Blocks = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

/** A resource or data source of a stack. */
export interface GraphNode {
  /** As Terraform writes it: `aws_vpc.main`, `data.aws_vpc.main`. */
  readonly address: string;
  /** E.g. `aws_vpc`. */
  readonly type: string;
  readonly managed: boolean;
  readonly block: Readonly<Record<string, unknown>>;
  /** Addresses its block names, in expressions or as `depends_on`. */
  readonly needs: ReadonlySet<string>;
}

/**
 * What depends on what within a stack, as Terraform will find it: it creates a resource after everything the resource names, and destroys it before.
 */
export class ResourceGraph {
  private readonly nodes = new Map<string, GraphNode>();
  private readonly reached = new Map<GraphNode, readonly GraphNode[]>();

  constructor(json: StackJson) {
    const known: Omit<GraphNode, 'needs'>[] = [...blocksOf(json.resource, true), ...blocksOf(json.data, false)];
    const addresses = new Set(known.map((node) => node.address));
    for (const node of known) {
      const needs = new Set(referencesIn(node.block).map(({ address }) => address).filter((address) => addresses.has(address) && address !== node.address));
      this.nodes.set(node.address, { ...node, needs });
    }
  }

  /** Everything of the given types, resources before data sources; everything, if no type is given. */
  all(...types: readonly string[]): GraphNode[] {
    return [...this.nodes.values()].filter((node) => types.length === 0 || types.includes(node.type));
  }

  /** Managed resources of the given types; every one, if no type is given. */
  managed(...types: readonly string[]): GraphNode[] {
    return this.all(...types).filter((node) => node.managed);
  }

  /** Everything a node needs, directly or through others. */
  needsOf(node: GraphNode): readonly GraphNode[] {
    const known = this.reached.get(node);
    if (known) return known;
    const found = new Map<string, GraphNode>();
    const pending = [...node.needs];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const each = this.nodes.get(next);
      if (!each || found.has(next)) continue;
      found.set(next, each);
      pending.push(...each.needs);
    }
    const all = [...found.values()];
    this.reached.set(node, all);
    return all;
  }

  /** Whether one is certain to be destroyed before the other: only if it needs the other. Terraform promises nothing else. */
  goesBefore(one: GraphNode, other: GraphNode): boolean {
    return this.needsOf(one).includes(other);
  }

  /** Addresses of managed resources in an order Terraform may destroy them in: each before what it needs. */
  destroyOrder(): string[] {
    const order: string[] = [];
    const left = new Set(this.managed());
    while (left.size > 0) {
      const free = [...left].filter((node) => ![...left].some((other) => other !== node && this.needsOf(other).includes(node)));
      if (free.length === 0) throw new Error(`resources wait for each other: ${[...left].map((node) => node.address).join(', ')}`);
      for (const node of free) {
        order.push(node.address);
        left.delete(node);
      }
    }
    return order;
  }
}

function blocksOf(blocks: Blocks | undefined, managed: boolean): Omit<GraphNode, 'needs'>[] {
  return Object.entries(blocks ?? {}).flatMap(([type, named]) => Object.entries(named).map(([name, block]) => ({
    address: `${managed ? '' : 'data.'}${type}.${name}`, type, managed, block,
  })));
}
