import { contract } from '../../apps/catalog/contract';
import { PredictiveScaler, WebService } from '../../components';
import { forecasterMetrics } from '../../forecaster/contract';
import { ApplicationSpec, NAMESPACES, ownershipOf, PROMETHEUS } from '../context';
import { serviceImage } from './service-image';

/** The catalog service, scaled on CPU and forecast demand. */
export const catalog: ApplicationSpec = {
  name: 'catalog',
  build: (chart, environment) => {
    const { scaling, services } = environment;
    const service = new WebService(chart, 'catalog', {
      ...ownershipOf(environment, contract.owner),
      contract,
      namespace: NAMESPACES.catalog,
      image: serviceImage(environment, 'catalog'),
      replicas: 'scaled',
      settings: { writeToken: { secret: 'catalog', key: 'write-token' }, databaseUrl: { secret: 'catalog', key: 'database-url' } },
      callers: [{ peer: { namespace: NAMESPACES.catalog }, port: contract.port }],
      callees: [{ port: 5432 }], // the database lies outside the cluster
    });
    new PredictiveScaler(chart, 'scaler', {
      target: service,
      ...services.catalog,
      cpuTargetPercent: scaling.cpuTargetPercent,
      scaleDownStabilizationSeconds: scaling.scaleDownStabilizationSeconds,
      demand: scaling.mode === 'predictive'
        ? { prometheus: PROMETHEUS.url, metric: forecasterMetrics.demand, targetPercent: scaling.demandTargetPercent }
        : undefined,
    });
  },
};
