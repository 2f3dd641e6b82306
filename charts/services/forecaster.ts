import { WebService } from '../../components';
import { contract } from '../../forecaster/contract';
import { ApplicationSpec, asksForecaster, NAMESPACES, ownershipOf, PROMETHEUS, SCALER } from '../context';
import { serviceImage } from './service-image';

/** The forecaster: reads recording rules, publishes demand. Each replica forecasts everything; queries take the larger of their answers. */
export const forecaster: ApplicationSpec = {
  name: 'forecaster',
  build: (chart, environment) => {
    const { scaling } = environment;
    const asked = asksForecaster(environment);
    new WebService(chart, 'forecaster', {
      ...ownershipOf(environment, contract.owner),
      contract,
      namespace: NAMESPACES.forecaster,
      image: serviceImage(environment, 'forecaster'),
      replicas: environment.services.forecaster.minReplicas,
      settings: {
        prometheusUrl: PROMETHEUS.url,
        leadTimeSeconds: String(scaling.leadTimeSeconds),
        demandQuantile: String(scaling.demandQuantile),
        token: { secret: 'forecaster', key: 'token' },
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
