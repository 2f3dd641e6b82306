import { Static, Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { show } from '../../../base/faults';
import type { EnvironmentModel } from '../../../pricing/contract';
import { priceEnvironment } from '../../../pricing/environment';
import type { PriceBook } from '../../../pricing/price-book';
import { HttpFault } from '../../http/errors';
import type { Environments } from '../environments';

const OrUnknown = Type.Union([Type.Number(), Type.Null()]);
const Text = Type.String();
const TextOrNone = Type.Union([Text, Type.Null()]);

const Query = Type.Object({
  replicas: Type.Unsafe<'minimum' | 'typical' | 'maximum'>({ type: 'string', enum: ['minimum', 'typical', 'maximum'], default: 'typical' }),
}, { additionalProperties: false });
const Params = Type.Object({ environment: Type.String({ maxLength: 253 }) });

const Budget = Type.Object({ monthlyUsd: Type.Number(), share: OrUnknown });
const Summary = Type.Object({ environment: Text, region: Text, replicas: Text, monthlyUsd: OrUnknown, coverage: Type.Number(), budget: Budget });
const Line = Type.Object({
  ProviderName: Text, ServiceCategory: Text, ServiceName: Text, ChargeCategory: Text, ChargeDescription: Text, ResourceName: Text, RegionId: Text,
  PricingCategory: Text, SkuId: Text, PricingQuantity: OrUnknown, PricingUnit: Text, ListUnitPrice: OrUnknown, ListCost: OrUnknown, BillingCurrency: Text,
  x_PriceSource: TextOrNone, x_PriceDate: TextOrNone, x_PriceCertainty: TextOrNone,
});
const Price = Type.Composite([Summary, Type.Object({
  lines: Type.Array(Line),
  nodes: Type.Array(Type.Object({ pool: Text, instanceType: Text, capacity: Text, count: Type.Integer() })),
  unknown: Type.Array(Type.Object({ where: Text, got: Text, allowed: Text, do: Text })),
  assumptions: Type.Array(Text),
})]);

/** `GET /environments` and `GET /environments/:environment`. */
export function environmentRoutes(app: FastifyInstance, environments: Environments, book: PriceBook): void {
  const priced = (model: EnvironmentModel, replicas: Static<typeof Query>['replicas']): Static<typeof Price> => {
    const { monthlyUsd, lines, nodes, unknown, assumptions, ...rest } = priceEnvironment(model, book, { replicas });
    return {
      ...rest, replicas, monthlyUsd, lines: [...lines], nodes: [...nodes], unknown: [...unknown], assumptions: [...assumptions],
      budget: { monthlyUsd: model.budgetMonthlyUsd, share: monthlyUsd === null ? null : monthlyUsd / model.budgetMonthlyUsd },
    };
  };

  app.get<{ Querystring: Static<typeof Query> }>('/environments', {
    schema: { querystring: Query, response: { '200': Type.Object({ environments: Type.Array(Summary) }) } },
  }, (request) => ({
    environments: environments.names.flatMap((name) => {
      const model = environments.tryGet(name);
      return model ? [priced(model, request.query.replicas)] : [];
    }),
  }));

  app.get<{ Params: Static<typeof Params>; Querystring: Static<typeof Query> }>('/environments/:environment', {
    schema: { params: Params, querystring: Query, response: { '200': Price } },
  }, (request) => {
    const model = environments.tryGet(request.params.environment);
    if (!model) {
      throw new HttpFault(404, 'unknown_environment', 'there is no such environment', [{
        where: 'path environment', got: show(request.params.environment), allowed: environments.names.join(', '), do: 'ask for one of these',
      }]);
    }
    return priced(model, request.query.replicas);
  });
}
