import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { EnvironmentFacts, environmentModelOf, PricedObject } from '../../../pricing/manifests/contract';
import { unmodelled } from '../../../pricing/manifests/environment-model';
import { environmentModelFaults } from '../../../pricing/model';
import { smallModel } from '../models';

const { version: _version, loadBalancers: _balancers, workloads: _workloads, volumes: _volumes, ...facts } = smallModel();
const given: EnvironmentFacts = facts;
const pod = (spec: object = {}, requests: object = { cpu: '100m', memory: '64Mi' }) => ({ containers: [{ name: 'main', resources: { requests } }], ...spec });
const object = (kind: string, spec: object, name = 'cart', more: object = {}): PricedObject => ({ kind, metadata: { name, namespace: 'shop', ...more }, spec });
const workload = (kind: string, spec: object = {}, podSpec: object = pod()) => object(kind, { ...spec, template: { spec: podSpec } });
const modelOf = (...objects: readonly PricedObject[]) => environmentModelOf(given, objects);
const first = (...objects: readonly PricedObject[]) => modelOf(...objects).workloads[0];

describe('environmentModelOf', () => {
  it('gives a model that can be priced, of the facts and of manifests whoever wrote them', () => {
    const model = modelOf(workload('Deployment', { replicas: 2 }), { kind: 'ConfigMap', metadata: { name: 'x' } }, { kind: 'Widget', metadata: { name: 'y' }, spec: 'not an object' });
    expect(model).toEqual({ ...smallModel(), loadBalancers: 0, volumes: [], workloads: [{ name: 'cart', namespace: 'shop', cpuMillicores: 100, memoryMiB: 64, minReplicas: 2, maxReplicas: 2 }] });
    expect(environmentModelFaults(model)).toEqual([]);
  });

  it('requests the limit where only that is stated, as Kubernetes does', () => {
    const spec = { containers: [{ name: 'a', resources: { limits: { cpu: '200m', memory: '1Gi' } } }, { name: 'b', resources: { requests: { cpu: '50m' }, limits: { cpu: '1' } } }] };
    expect(first(workload('Deployment', {}, spec))).toMatchObject({ cpuMillicores: 250, memoryMiB: 1024 });
  });

  it('sets aside the larger of what a pod runs with and what its start needs; sidecars are part of both', () => {
    const container = (cpu: string, more: object = {}) => ({ name: 'c', resources: { requests: { cpu } }, ...more });
    const of = (initContainers: readonly object[]) => first(workload('Deployment', {}, { initContainers, containers: [container('300m')] }))?.cpuMillicores;
    expect(of([container('200m')])).toBe(300);
    expect(of([container('700m')])).toBe(700);
    expect(of([container('100m', { restartPolicy: 'Always' })])).toBe(400);
    expect(of([container('100m', { restartPolicy: 'Always' }), container('700m')])).toBe(800);
    expect(first(workload('Deployment', {}, pod({ overhead: { cpu: '50m' } })))?.cpuMillicores).toBe(150);
  });

  it('takes what a scaler leaves out as its own default, not the workload\'s count', () => {
    const scaled = (kind: string, spec: object) => first(workload('Deployment', { replicas: 7 }), object(kind, { scaleTargetRef: { name: 'cart' }, ...spec }));
    expect(scaled('HorizontalPodAutoscaler', { maxReplicas: 5 })).toMatchObject({ minReplicas: 1, maxReplicas: 5 });
    expect(scaled('ScaledObject', {})).toMatchObject({ minReplicas: 0, maxReplicas: 100 });
  });

  it('keeps pods to the pools their node selector leaves', () => {
    const pools = (nodeSelector: object) => first(workload('Deployment', {}, pod({ nodeSelector })))?.pools;
    expect(pools({ 'tideline.dev/pool': 'system' })).toEqual(['system']);
    expect(pools({ 'karpenter.sh/capacity-type': 'spot' })).toEqual(['workload']);
    expect(pools({ 'eks.amazonaws.com/capacityType': 'ON_DEMAND' })).toEqual(['system']);
    expect(pools({ 'kubernetes.io/arch': 'arm64' })).toBeUndefined();
    expect(pools({ 'tideline.dev/pool': 'elsewhere' })).toBeUndefined();
  });

  it('counts Services of that type, and Ingresses of the AWS class by the balancer they share', () => {
    const ingress = (name: string, group?: string, ingressClassName = 'alb') => object('Ingress', { ingressClassName }, name, group ? { annotations: { 'alb.ingress.kubernetes.io/group.name': group } } : {});
    expect(modelOf(object('Service', { type: 'LoadBalancer' }), object('Service', {}, 'inner'), ingress('a', 'one'), ingress('b', 'one'), ingress('c'), ingress('d', undefined, 'nginx')).loadBalancers).toBe(3);
  });

  it('knows volumes of claims, of sets and of pods; those of a scaled set follow its replicas', () => {
    const claim = (storage: string, storageClassName?: string) => ({ resources: { requests: { storage } }, ...(storageClassName ? { storageClassName } : {}) });
    const set = workload('StatefulSet', { replicas: 3, volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim('10Gi') }] });
    expect(modelOf(set, object('PersistentVolumeClaim', claim('5Gi'), 'files')).volumes).toEqual([
      { name: 'shop/cart data', type: 'gp3', sizeGiB: 30 }, { name: 'shop/files', type: 'gp3', sizeGiB: 5 },
    ]);
    const scaled = modelOf(set, object('HorizontalPodAutoscaler', { scaleTargetRef: { kind: 'StatefulSet', name: 'cart' }, minReplicas: 2, maxReplicas: 6 }));
    expect(scaled.volumes).toEqual([{ name: 'shop/cart data', type: 'gp3', sizeGiB: 10, workload: 'shop/cart' }]);
    expect(environmentModelFaults(scaled)).toEqual([]);
    const brief = workload('Deployment', { replicas: 2 }, pod({ volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: claim('4Gi') } } }, { name: 'other', emptyDir: {} }] }));
    expect(modelOf(brief).volumes).toEqual([{ name: 'shop/cart scratch', type: 'gp3', sizeGiB: 8 }]);
  });

  it('asks storage classes for the kind of volume, and leaves out what it cannot tell', () => {
    const storageClass = (name: string, provisioner: string, parameters?: object) => ({ kind: 'StorageClass', metadata: { name }, provisioner, parameters });
    const claim = (storageClassName: string) => object('PersistentVolumeClaim', { storageClassName, resources: { requests: { storage: '1Gi' } } }, storageClassName);
    const objects = [
      storageClass('old', 'kubernetes.io/aws-ebs'), storageClass('new', 'ebs.csi.aws.com'), storageClass('named', 'ebs.csi.aws.com', { type: 'gp2' }),
      storageClass('shared', 'efs.csi.aws.com'), storageClass('fast', 'ebs.csi.aws.com', { type: 'io2' }),
      ...['old', 'new', 'named', 'gp2', 'shared', 'fast', 'elsewhere'].map(claim),
    ];
    expect(modelOf(...objects).volumes.map(({ name, type }) => [name, type])).toEqual([['shop/old', 'gp2'], ['shop/new', 'gp3'], ['shop/named', 'gp2'], ['shop/gp2', 'gp2']]);
    expect(unmodelled(given, objects).map(({ where }) => where)).toEqual(['volume shop/shared', 'volume shop/fast', 'volume shop/elsewhere']);
  });

  it('says of which pods it cannot count', () => {
    const objects = [
      workload('Job'), object('CronJob', { jobTemplate: { spec: { template: { spec: pod() } } } }, 'nightly'), workload('Rollout'), object('Pod', pod(), 'alone'), object('Application', { template: {} }, 'argo'),
    ];
    expect(unmodelled(given, objects).map(({ where }) => where)).toEqual(['Job shop/cart', 'CronJob shop/nightly', 'Rollout shop/cart']);
    expect(modelOf(...objects).workloads).toEqual([expect.objectContaining({ name: 'alone', minReplicas: 1, maxReplicas: 1 })]);
  });

  it.each([['replicas', { replicas: -1 }], ['replicas', { replicas: 'many' }], ['replicas', { replicas: 1.5 }]])('refuses a count of %s that is none: %o', (_what, spec) => {
    expect(() => modelOf(workload('Deployment', spec))).toThrow(FaultError);
    expect(() => modelOf(workload('Deployment', spec))).toThrow('Deployment shop/cart, replicas');
  });
});
