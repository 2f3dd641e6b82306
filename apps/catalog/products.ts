import { Database, sqlState, Statement } from './database';
import type { Product, ProductInput } from './product';

interface Row {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly price_cents: string | number;
  readonly currency: string;
  readonly stock: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const COLUMNS = 'id, sku, name, description, price_cents, currency, stock, created_at, updated_at';
const UNIQUE_VIOLATION = '23505';

/** Which products are listed. */
export interface ListOptions {
  readonly limit: number;
  /** Products after this sku. @default - from the start */
  readonly after?: string;
  /** Text that name, description or sku contains, in any case. @default - all products */
  readonly search?: string;
}

/** The products in the database. `try` methods return undefined if there is no such product. */
export class Products {
  constructor(private readonly database: Database) {}

  /** Products in order of their sku: a unique key, so a page never repeats or skips what did not change. */
  async list({ limit, after, search }: ListOptions): Promise<{ readonly products: Product[]; readonly more: boolean }> {
    const rows = await this.database.query<Row>({
      name: 'SELECT products',
      text: `SELECT ${COLUMNS} FROM products WHERE ($1::text IS NULL OR sku > $1 COLLATE "C") AND ($2::text IS NULL OR name ILIKE $2 OR description ILIKE $2 OR sku ILIKE $2) ORDER BY sku LIMIT $3`,
      values: [after ?? null, search === undefined ? null : `%${search.replace(/[\\%_]/g, '\\$&')}%`, limit + 1],
    });
    return { products: rows.slice(0, limit).map(productOf), more: rows.length > limit };
  }

  async tryGet(id: string): Promise<Product | undefined> {
    return first(await this.database.query<Row>({ name: 'SELECT products', text: `SELECT ${COLUMNS} FROM products WHERE id = $1`, values: [id] }));
  }

  /** Adds a product, unless its sku is taken. */
  async add(input: ProductInput): Promise<Product | 'sku-taken'> {
    const added = await this.change({
      name: 'INSERT products',
      text: `INSERT INTO products (sku, name, description, price_cents, currency, stock) VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${COLUMNS}`,
      values: valuesOf(input),
    });
    if (added === undefined) throw new Error('an INSERT returned no row');
    return added;
  }

  /** Replaces everything a caller says about a product. */
  async tryReplace(id: string, input: ProductInput): Promise<Product | 'sku-taken' | undefined> {
    return this.change({
      name: 'UPDATE products',
      text: `UPDATE products SET sku = $1, name = $2, description = $3, price_cents = $4, currency = $5, stock = $6, updated_at = now() WHERE id = $7 RETURNING ${COLUMNS}`,
      values: [...valuesOf(input), id],
    });
  }

  async tryRemove(id: string): Promise<true | undefined> {
    const removed = await this.database.query<{ id: string }>({ name: 'DELETE products', text: 'DELETE FROM products WHERE id = $1 RETURNING id', values: [id] });
    return removed.length > 0 ? true : undefined;
  }

  /** Adds these products if there are none at all, or none of them. Safe when replicas start together. */
  async seed(inputs: readonly ProductInput[]): Promise<number> {
    const added = await this.database.query<{ id: string }>({
      name: 'INSERT products',
      text: `INSERT INTO products (sku, name, description, price_cents, currency, stock)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::integer[]) WHERE NOT EXISTS (SELECT 1 FROM products)
        ON CONFLICT (sku) DO NOTHING RETURNING id`,
      values: [0, 1, 2, 3, 4, 5].map((column) => inputs.map((input) => valuesOf(input)[column])),
    });
    return added.length;
  }

  private async change(statement: Statement): Promise<Product | 'sku-taken' | undefined> {
    try {
      return first(await this.database.query<Row>(statement));
    } catch (error) {
      if (sqlState(error) === UNIQUE_VIOLATION) return 'sku-taken';
      throw error;
    }
  }
}

function valuesOf(input: ProductInput): unknown[] {
  return [input.sku, input.name, input.description ?? '', input.priceCents, input.currency, input.stock];
}

function first(rows: readonly Row[]): Product | undefined {
  return rows[0] ? productOf(rows[0]) : undefined;
}

function productOf(row: Row): Product {
  return {
    id: row.id, sku: row.sku, name: row.name, description: row.description, priceCents: Number(row.price_cents), currency: row.currency, stock: row.stock,
    createdAt: row.created_at.toISOString(), updatedAt: row.updated_at.toISOString(),
  };
}
