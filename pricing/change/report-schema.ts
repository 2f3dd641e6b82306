import { TSchema, Type } from '@sinclair/typebox';
import { LEVELS, PARTS } from './contract';

const object = <T extends Record<string, TSchema>>(properties: T, description?: string) => {
  return Type.Object(properties, { additionalProperties: false, ...(description ? { description } : {}) });
};
const words = (...values: readonly string[]) => Type.Union(values.map((value) => Type.Literal(value)));
const Amount = Type.Number();
const Usd = Type.Union([Amount, Type.Null()], { description: 'US dollars a month; null is unknown, which is not 0' });
const perLevel = (schema: TSchema) => object(Object.fromEntries(LEVELS.map((level) => [level, schema])));
const Part = words(...PARTS);
const Fault = object({ where: Type.String(), got: Type.String(), allowed: Type.String(), do: Type.String() });
const Sums = object({ aws: perLevel(Usd), kubernetes: perLevel(Usd), total: perLevel(Usd) }, 'sums of known costs; null where a part cannot be priced at all');
const Unpriced = object({ part: Part, what: Type.String(), why: Type.String() });
const Coverage = { counted: Type.Integer(), known: Type.Integer() };

const Line = object({
  part: Part, stack: Type.Optional(Type.String()), resource: Type.String(), service: Type.String(), description: Type.String(), sku: Type.String(), unit: Type.String(),
  cost: perLevel(Usd), focus: Type.Partial(perLevel(Type.Object({}, { description: 'a line in FOCUS columns; absent where there is nothing of it' }))), behind: Type.Record(Type.String(), Amount),
});

const Change = object({
  change: words('added', 'removed', 'changed'), part: Part, stack: Type.Union([Type.String(), Type.Null()]), resource: Type.String(), description: Type.String(),
  was: Type.Union([Type.String(), Type.Null()]), before: perLevel(Usd), after: perLevel(Usd), difference: perLevel(Usd), because: Type.Array(Type.String()),
});

const Environment = object({
  environment: Type.String(), region: Type.String(), change: words('added', 'removed', 'kept'),
  before: Type.Union([Sums, Type.Null()]), after: Type.Union([Sums, Type.Null()]), difference: Type.Union([Sums, Type.Null()]),
  lines: Type.Array(Change), unknownLines: Type.Integer(), decisions: Type.Array(Type.String()),
  unpriced: object({ all: Type.Array(Unpriced), added: Type.Array(Unpriced), removed: Type.Array(Unpriced) }), unknown: Type.Array(Fault),
  incomplete: Type.Array(object({ side: words('before', 'after'), part: Part, why: Type.Array(Fault) })),
  coverage: object({ aws: object(Coverage), kubernetes: object(Coverage), share: Amount }),
  budget: object({ monthlyUsd: Amount, typicalUsd: Usd, passed: Type.Boolean(), passedBefore: Type.Boolean() }),
  nodes: perLevel(Type.Array(object({ pool: Type.String(), instanceType: Type.String(), capacity: words('on-demand', 'spot'), count: Type.Integer() }))),
  purchase: Type.Array(object({ option: Type.String(), monthlyUsd: Usd, difference: Usd })), assumptions: Type.Array(Type.String()),
  priced: object({ before: Type.Array(Line), after: Type.Array(Line) }),
});

/** Schema of what `npx projen price --format json` writes; docs/price.schema.json holds it. A field is added freely; one that changes its meaning raises the number in `schema`. */
export const PriceReportSchema = Type.Object({
  schema: Type.Literal('tideline/price/1'),
  against: Type.Union([object({ ref: Type.String(), commit: Type.String() }), Type.Null()]),
  uncommitted: Type.Union([Type.Boolean(), Type.Null()]),
  environments: Type.Array(Environment),
  notes: Type.Array(Type.String()),
}, { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Price of a change', additionalProperties: false });
