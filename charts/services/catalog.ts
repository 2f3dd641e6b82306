import { contract } from '../../apps/catalog/contract';
import { contract as loadgen } from '../../apps/loadgen/contract';
import { DemandSignal, PredictiveScaler, WebService } from '../../components';
import type { Environment } from '../../config';
import { forecasterMetrics } from '../../forecaster/contract';
import { ApplicationSpec, asksForecaster, NAMESPACES, ownershipOf, PROMETHEUS, SCALER } from '../context';
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
      callers: [
        { peer: { namespace: NAMESPACES.catalog }, port: contract.port },
        ...(services.loadgen ? [{ peer: { namespace: NAMESPACES.loadgen, name: loadgen.name }, port: contract.port }] : []),
      ],
      callees: [{ port: 5432 }], // the database lies outside the cluster
    });
    new PredictiveScaler(chart, 'scaler', {
      target: service,
      ...services.catalog,
      cpuTargetPercent: scaling.cpuTargetPercent,
      scaleDownStabilizationSeconds: scaling.scaleDownStabilizationSeconds,
      demand: demandOf(environment),
    });
  },
};

function demandOf(environment: Environment): DemandSignal | undefined {
  const { mode, demandTargetPercent: targetPercent, demandQuantile: quantile, leadTimeSeconds } = environment.scaling;
  if (mode !== 'predictive') return undefined;
  if (asksForecaster(environment)) return { source: 'external', address: SCALER.address, targetPercent, quantile, leadTimeSeconds, clientCertificate: SCALER.clientCertificate };
  return { prometheus: PROMETHEUS.url, metric: forecasterMetrics.demand, targetPercent };
}
