import { contract as catalog } from '../../apps/catalog/contract';
import { contract } from '../../apps/loadgen/contract';
import { WebService } from '../../components';
import { ApplicationSpec, NAMESPACES, ownershipOf } from '../context';
import { serviceImage } from './service-image';

/** What is asked: the page of products, through the Service, as a user of the cluster would. */
const TARGET = `http://${catalog.name}.${NAMESPACES.catalog}.svc/products`;

/** The load generator, in environments that name it: it asks catalog, once somebody who holds its token starts a run. */
export const loadgen: ApplicationSpec = {
  name: contract.name,
  on: ({ services }) => services.loadgen !== undefined,
  build: (chart, environment) => {
    new WebService(chart, contract.name, {
      ...ownershipOf(environment, contract.owner),
      contract,
      namespace: NAMESPACES.loadgen,
      image: serviceImage(environment, 'loadgen'),
      replicas: environment.services.loadgen!.minReplicas,
      settings: { target: TARGET, token: { secret: 'loadgen', key: 'token' } },
      callees: [{ peer: { namespace: NAMESPACES.catalog, name: catalog.name }, port: catalog.port }],
    });
  },
};
