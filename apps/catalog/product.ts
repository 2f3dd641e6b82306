import { Static, Type } from '@sinclair/typebox';

/** What a caller says about a product. */
export const ProductInput = Type.Object({
  sku: Type.String({ pattern: '^[A-Z0-9][A-Z0-9-]{0,39}$', description: 'stock keeping unit, unique' }),
  name: Type.String({ minLength: 1, maxLength: 200 }),
  description: Type.Optional(Type.String({ maxLength: 4000 })),
  priceCents: Type.Integer({ minimum: 0, maximum: 1_000_000_000, description: 'price in hundredths of the currency' }),
  currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code' }),
  stock: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
}, { additionalProperties: false });
export type ProductInput = Static<typeof ProductInput>;

/** A product as it is kept. Times are ISO 8601 in UTC. */
export const Product = Type.Object({
  id: Type.String(),
  sku: Type.String(),
  name: Type.String(),
  description: Type.String(),
  priceCents: Type.Integer(),
  currency: Type.String(),
  stock: Type.Integer(),
  createdAt: Type.String(),
  updatedAt: Type.String(),
});
export type Product = Static<typeof Product>;
