import { WebService } from '../../components';
import { contract } from '../../forecaster/contract';
import { ApplicationSpec, NAMESPACES, ownershipOf, PROMETHEUS } from '../context';
import { serviceImage } from './service-image';

/** The forecaster: reads recording rules, publishes demand. Each replica forecasts everything; queries take the larger of their answers. */
export const forecaster: ApplicationSpec = {
  name: 'forecaster',
  build: (chart, environment) => {
    const { scaling } = environment;
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
      },
      callees: [{ peer: PROMETHEUS.peer, port: PROMETHEUS.port }],
    });
  },
};
