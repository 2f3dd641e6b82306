import { describe, expect, test } from 'vitest';
import { environmentModel } from '../../charts/services/cost';
import { FaultError } from '../../base/faults';
import type { Manifest } from '../../components';
import { environments } from '../../config';
import type { EnvironmentModel } from '../../pricing/contract';
import { objectOf } from '../support/synth';
import { names, objectsOf } from './manifests';

const dev = environments().find(({ name }) => name === 'dev')!;
const workload = (kind: string, requests: readonly ({ cpu?: string; memory?: string } | undefined)[], spec: object = {}): Manifest => ({
  apiVersion: 'apps/v1', kind, metadata: { name: 'cart', namespace: 'shop' },
  spec: { ...spec, template: { spec: { containers: requests.map((each, index) => ({ name: `c${index}`, resources: each ? { requests: each } : undefined })) } } },
});
const scaler = (kind: string, spec: object, name = 'cart', target: object = { name: 'cart' }): Manifest => ({ apiVersion: 'x/v1', kind, metadata: { name, namespace: 'shop' }, spec: { scaleTargetRef: target, ...spec } });
const workloadsOf = (...objects: readonly Manifest[]) => environmentModel(dev, objects).workloads;

describe('environmentModel', () => {
  test('takes decided facts as they are', () => {
    expect(environmentModel(dev, [])).toEqual({
      version: 1, name: 'dev', region: dev.region, controlPlanes: 1, natGateways: 1, loadBalancers: 0, nodePools: dev.nodePools, workloads: [], volumes: [], dataTransferGiB: {},
      budgetMonthlyUsd: dev.budget.monthlyUsd,
    } satisfies EnvironmentModel);
    expect(environmentModel({ ...dev, network: { ...dev.network, nat: 'per-zone', availabilityZones: 3 } }, []).natGateways).toBe(3);
  });

  test('counts Services that make the cloud build a load balancer', () => {
    const service = (type?: string): Manifest => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { type } });
    expect(environmentModel(dev, [service('LoadBalancer'), service(), service('ClusterIP')]).loadBalancers).toBe(1);
  });

  test('adds up the requests of all containers, whatever their units', () => {
    const sum = (...requests: Parameters<typeof workload>[1]) => workloadsOf(workload('Deployment', requests, { replicas: 2 }))[0];
    expect(sum({ cpu: '100m', memory: '64Mi' }, { cpu: '200m', memory: '1Gi' })).toEqual({ name: 'cart', namespace: 'shop', cpuMillicores: 300, memoryMiB: 1088, minReplicas: 2, maxReplicas: 2 });
    expect(sum({ cpu: '0.1' }, { cpu: '0.2' })).toMatchObject({ cpuMillicores: 300, memoryMiB: 0 });
    expect(sum({ cpu: '2', memory: '1048576' }, undefined)).toMatchObject({ cpuMillicores: 2000, memoryMiB: 1 });
    expect(sum({ memory: '1024Ki' }, { memory: '0.5Gi' })).toMatchObject({ memoryMiB: 513 });
  });

  test('takes the limits of the scaler that owns the replicas', () => {
    const deployment = workload('Deployment', [{ cpu: '1' }]);
    expect(workloadsOf(deployment, scaler('ScaledObject', { minReplicaCount: 2, maxReplicaCount: 9 }))).toEqual([expect.objectContaining({ minReplicas: 2, maxReplicas: 9 })]);
    expect(workloadsOf(deployment, scaler('HorizontalPodAutoscaler', { minReplicas: 3, maxReplicas: 4 }))).toEqual([expect.objectContaining({ minReplicas: 3, maxReplicas: 4 })]);
  });

  test('is not misled by the scaler of something else', () => {
    const deployment = workload('Deployment', [{ cpu: '1' }], { replicas: 5 });
    const limits = { minReplicaCount: 2, maxReplicaCount: 9 };
    const elsewhere = scaler('ScaledObject', limits);
    for (const other of [
      scaler('ScaledObject', limits, 'x', { name: 'other' }), scaler('ScaledObject', limits, 'x', { kind: 'StatefulSet', name: 'cart' }),
      { ...elsewhere, metadata: { name: 'cart', namespace: 'elsewhere' } },
    ]) expect(workloadsOf(deployment, other)).toEqual([expect.objectContaining({ minReplicas: 5, maxReplicas: 5 })]);
  });

  test('knows StatefulSets, and that a DaemonSet is on every node', () => {
    expect(workloadsOf(workload('StatefulSet', [{ cpu: '1' }], { replicas: 3 }))).toEqual([expect.objectContaining({ minReplicas: 3, maxReplicas: 3 })]);
    expect(workloadsOf(workload('DaemonSet', [{ cpu: '50m' }]))).toEqual([expect.objectContaining({ cpuMillicores: 50, perNode: true })]);
    expect(workloadsOf(workload('Deployment', [{ cpu: '1' }]))[0]).not.toHaveProperty('perNode');
  });

  test.each(['1e3', 'half', '', '-1', '1 Gi'])('refuses the quantity "%s": what cannot be read must not be priced as nothing', (memory) => {
    expect(() => workloadsOf(workload('Deployment', [{ memory }]))).toThrow(FaultError);
    expect(() => workloadsOf(workload('Deployment', [{ memory }]))).toThrow('Deployment shop/cart, container c0, request of memory');
  });
});

const titleOf = ({ kind, metadata: { name, namespace } }: Manifest) => `${kind} ${namespace ?? ''}/${name}`;

describe.each(names)('the model the cost service of %s reads', (name) => {
  // What an environment starts from is not in it: on EKS a chart and an add-on bring that, which are not priced as workloads.
  const objects = objectsOf(name).filter((object) => !objectsOf(name, 'bootstrap/').some((other) => titleOf(other) === titleOf(object)));
  const map = objectOf(objectsOf(name, 'cost/'), 'ConfigMap', 'cost-environments');
  const model = JSON.parse(map.data[`${name}.json`]) as EnvironmentModel;

  test('is its environment, and holds every workload, itself included', () => {
    expect(Object.keys(map.data)).toEqual([`${name}.json`]);
    expect(model).toMatchObject({ version: 1, name });
    expect(model.workloads.map((each) => `${each.namespace}/${each.name}`).sort())
      .toEqual(objects.filter((object) => ['Deployment', 'StatefulSet'].includes(object.kind)).map((object) => `${object.metadata.namespace}/${object.metadata.name}`).sort());
    const { minReplicas } = environments().find((each) => each.name === name)!.services.forecaster;
    expect(model.volumes).toEqual([
      { name: 'forecaster/forecaster own', type: 'gp3', sizeGiB: minReplicas }, { name: 'observability/prometheus data', type: 'gp3', sizeGiB: expect.toSatisfy((size: number) => size >= 8) },
    ]);
    for (const each of model.workloads) {
      expect(each.cpuMillicores).toBeGreaterThan(0);
      expect(each.memoryMiB).toBeGreaterThan(0);
      expect(each.minReplicas).toBeLessThanOrEqual(each.maxReplicas);
    }
  });

  test('lies where the service looks', () => {
    const { containers, volumes } = objectOf(objectsOf(name, 'cost/'), 'Deployment').spec.template.spec;
    const folder = containers[0].env.find((each: { name: string }) => each.name === 'COST_ENVIRONMENTS_DIR').value;
    const mount = containers[0].volumeMounts.find((each: { mountPath: string }) => each.mountPath === folder);
    expect(volumes.find((each: { name: string }) => each.name === mount.name)).toMatchObject({ configMap: { name: 'cost-environments' } });
  });
});
