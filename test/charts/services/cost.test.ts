import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseEnvironment } from '../../../apps/cost/environment-schema';
import { synthesize } from '../../../charts/synthesize';
import { environment, environments } from '../../../config';
import { environmentModelFaults } from '../../../pricing/model';
import { objectOf } from '../../support/synth';
import { objectsOf } from '../manifests';

describe.each(environments().map(({ name }) => name))('the model of %s', (name) => {
  const text: string = objectOf(objectsOf(name, 'cost/'), 'ConfigMap').data[`${name}.json`];

  it('is taken by the service it is mounted into, and by pricing', () => {
    const parsed = parseEnvironment(`${name}.json`, text);
    expect(parsed).toEqual({ model: JSON.parse(text) });
    expect(environmentModelFaults(JSON.parse(text))).toEqual([]);
  });

  it('has the replicas and node pools that were decided, and one gateway or one a zone', () => {
    const { services, nodePools, network } = environment(name);
    const model = JSON.parse(text);
    for (const [service, { minReplicas, maxReplicas }] of Object.entries(services)) {
      expect(model.workloads.find((each: { name: string }) => each.name === service)).toMatchObject({ namespace: service, minReplicas, maxReplicas });
    }
    expect(model.nodePools).toEqual(nodePools);
    expect(model.natGateways).toBe(network.nat === 'single' ? 1 : network.availabilityZones);
  });
});

describe('the model of an environment that scales reactively', () => {
  it('takes its replicas from the plain autoscaler', () => {
    const dev = environment('dev');
    const files = synthesize([{ ...dev, scaling: { ...dev.scaling, mode: 'reactive' } }]);
    const model = JSON.parse(parse(files.get('dev/cost/configmap-cost-environments.yaml')!).data['dev.json']);
    expect(model.workloads.find((each: { name: string }) => each.name === 'catalog')).toMatchObject(dev.services.catalog);
  });
});
