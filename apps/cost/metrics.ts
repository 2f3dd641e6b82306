import { Gauge, Registry } from 'prom-client';
import { EnvironmentPrice, priceEnvironment } from '../../pricing/environment';
import type { PriceBook } from '../../pricing/price-book';
import { costMetrics } from './contract';
import type { Environments } from './environments';

const LEVELS = ['minimum', 'typical', 'maximum'] as const;

/** Prices every environment when it is scraped: a scrape never shows an older price than a request, nor one of an environment that is gone. */
export function registerCostMetrics(registry: Registry, environments: Environments, book: PriceBook): void {
  const perLevel = (name: string, help: string, value: (price: EnvironmentPrice) => number | null) => new Gauge({
    name, help, labelNames: ['environment', 'replicas'], registers: [registry],
    collect() {
      this.reset();
      for (const environment of environments.names) {
        const model = environments.tryGet(environment);
        for (const replicas of model ? LEVELS : []) {
          const known = value(priceEnvironment(model!, book, { replicas }));
          if (known !== null) this.set({ environment, replicas }, known);
        }
      }
    },
  });
  perLevel(costMetrics.monthly, 'US dollars a month, as far as known', (price) => price.monthlyUsd);
  perLevel(costMetrics.coverage, 'Share of price lines whose cost is known', (price) => price.coverage);
  new Gauge({
    name: costMetrics.budget, help: 'Budget of a month, US dollars', labelNames: ['environment'], registers: [registry],
    collect() {
      this.reset();
      for (const environment of environments.names) this.set({ environment }, environments.tryGet(environment)?.budgetMonthlyUsd ?? NaN);
    },
  });
  new Gauge({
    name: costMetrics.faults, help: 'Faults in the environments on disk; above 0 the last good ones are priced', registers: [registry],
    collect() {
      this.set(environments.faults.length);
    },
  });
}
