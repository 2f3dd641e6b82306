import { WebService } from '../../components';
import { contract } from '../../forecaster/contract';
import { ApplicationSpec, asksForecaster, ENCRYPTED_VOLUMES, NAMESPACES, ownershipOf, PROMETHEUS, SCALER } from '../context';
import { serviceImage } from './service-image';

/** Where the forecaster keeps what it learned. A volume holds two files of at most 256 MiB, the old and the new, and room to spare. */
const STATE = { path: '/state', sizeGiB: 1, storageClass: ENCRYPTED_VOLUMES };

/**
 * The forecaster: reads recording rules, publishes demand. The number of a replica, counted modulo the shards, says which services it forecasts;
 * with one shard each replica forecasts everything. Where several do, queries take the larger of their answers.
 */
export const forecaster: ApplicationSpec = {
  name: 'forecaster',
  build: (chart, environment) => {
    const { scaling, services: { forecaster: { minReplicas, shards = 1 } } } = environment;
    const asked = asksForecaster(environment);
    new WebService(chart, 'forecaster', {
      ...ownershipOf(environment, contract.owner),
      contract,
      namespace: NAMESPACES.forecaster,
      image: serviceImage(environment, 'forecaster'),
      replicas: minReplicas,
      volume: STATE,
      settings: {
        prometheusUrl: PROMETHEUS.url,
        leadTimeSeconds: String(scaling.leadTimeSeconds),
        demandQuantile: String(scaling.demandQuantile),
        token: { secret: 'forecaster', key: 'token' },
        stateDirectory: STATE.path,
        shardIndex: { podName: true },
        shardCount: String(shards),
        ...(asked ? { scaler: 'mutual-tls', scalerCertificates: SCALER.folder } : {}),
      },
      ...(asked ? {
        grpc: true,
        secretFiles: [{ secret: SCALER.serverCertificate, path: SCALER.folder }],
        callers: [{ peer: { namespace: NAMESPACES.keda, name: 'keda-operator' }, port: SCALER.port }],
      } : {}),
      callees: [{ peer: PROMETHEUS.peer, port: PROMETHEUS.port }],
    });
  },
};
