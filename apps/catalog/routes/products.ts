import { Static, Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { show } from '../../../base/faults';
import { requireBearer } from '../../http/bearer';
import { HttpFault } from '../../http/errors';
import { contract } from '../contract';
import { Product, ProductInput } from '../product';
import type { Products } from '../products';

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) });
type Params = Static<typeof Params>;
const Query = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: '`next` of the page before' })),
  q: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'text to search for' })),
}, { additionalProperties: false });
const Page = Type.Object({ products: Type.Array(Product), next: Type.Union([Type.String(), Type.Null()]) });

/** CRUD of `/products`. Everybody may read; who holds the token may change. */
export function productRoutes(app: FastifyInstance, products: Products, writeToken: string): void {
  const onRequest = requireBearer(writeToken, contract.settings.writeToken.env);

  app.get<{ Querystring: Static<typeof Query> }>('/products', { schema: { querystring: Query, response: { '200': Page } } }, async (request) => {
    const { limit, cursor, q } = request.query;
    const page = await products.list({ limit, after: cursor === undefined ? undefined : readCursor(cursor), search: q });
    const last = page.products.at(-1);
    return { products: page.products, next: page.more && last ? writeCursor(last.sku) : null };
  });

  app.get<{ Params: Params }>('/products/:id', { schema: { params: Params, response: { '200': Product } } }, async (request) => (
    found(await products.tryGet(request.params.id), request.params.id)
  ));

  app.post<{ Body: ProductInput }>('/products', { onRequest, schema: { body: ProductInput, response: { '201': Product } } }, async (request, reply) => {
    const product = free(await products.add(request.body), request.body);
    return reply.code(201).header('location', `/products/${product.id}`).send(product);
  });

  app.put<{ Params: Params; Body: ProductInput }>('/products/:id', { onRequest, schema: { params: Params, body: ProductInput, response: { '200': Product } } }, async (request) => {
    const { id } = request.params;
    return free(found(await products.tryReplace(id, request.body), id), request.body);
  });

  app.delete<{ Params: Params }>('/products/:id', { onRequest, schema: { params: Params } }, async (request, reply) => {
    found(await products.tryRemove(request.params.id), request.params.id);
    return reply.code(204).send();
  });
}

function found<T>(result: T | undefined, id: string): T {
  if (result !== undefined) return result;
  throw new HttpFault(404, 'unknown_product', 'there is no such product', [{ where: 'path id', got: show(id), allowed: 'the id of a product', do: 'list them with GET /products' }]);
}

function free(result: Product | 'sku-taken', input: ProductInput): Product {
  if (result !== 'sku-taken') return result;
  throw new HttpFault(409, 'sku_taken', 'another product has this sku', [{ where: 'body.sku', got: show(input.sku), allowed: 'a sku no product has', do: 'choose another, or change that product' }]);
}

function writeCursor(sku: string): string {
  return Buffer.from(sku).toString('base64url');
}

function readCursor(cursor: string): string {
  const sku = Buffer.from(cursor, 'base64url').toString();
  if (writeCursor(sku) === cursor && /^[A-Z0-9-]+$/.test(sku)) return sku;
  throw new HttpFault(400, 'invalid_cursor', 'the cursor is none of ours', [{ where: 'query cursor', got: 'a text that names no place in the list', allowed: '`next` of the page before', do: 'start again without a cursor' }]);
}
