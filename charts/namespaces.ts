import { DefaultDeny, EncryptedVolumes, ownerLabels, PlatformNamespace } from '../components';
import { ApplicationSpec, ENCRYPTED_VOLUMES, NAMESPACES, namespacesOf, ownershipOf } from './context';
import { contract as catalog } from '../apps/catalog/contract';
import { contract as cost } from '../apps/cost/contract';
import { contract as loadgen } from '../apps/loadgen/contract';
import { contract as forecaster } from '../forecaster/contract';

const OWNERS: Readonly<Record<keyof typeof NAMESPACES, string>> = {
  catalog: catalog.owner, cost: cost.owner, forecaster: forecaster.owner, keda: 'platform', loadgen: loadgen.owner, observability: 'platform',
};

/** Every namespace, closed to all traffic that nobody allowed, and what volumes are made of in any of them. */
export const namespaces: ApplicationSpec = {
  name: 'namespaces',
  build: (chart, environment) => {
    for (const key of namespacesOf(environment)) {
      const name = NAMESPACES[key];
      const ownership = ownershipOf(environment, OWNERS[key]);
      new PlatformNamespace(chart, `${key}-namespace`, { name, ...ownership });
      new DefaultDeny(chart, `${key}-default-deny`, { namespace: name, labels: ownerLabels(ownership) });
    }
    new EncryptedVolumes(chart, 'encrypted-volumes', {
      name: ENCRYPTED_VOLUMES, ...ownershipOf(environment, 'platform'), ...(environment.nodeProvisioner === 'auto-mode' ? { madeBy: 'auto-mode' } : {}),
    });
  },
};
