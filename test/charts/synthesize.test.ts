import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { manifestFaults } from '../../charts/main';
import { synthesize } from '../../charts/synthesize';
import { environments } from '../../config';
import { objectOf } from '../support/synth';
import { files, names, objectsOf, parseObjects } from './manifests';

const CLUSTER_WIDE = ['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'APIService', 'CustomResourceDefinition', 'StorageClass', 'NodePool', 'EC2NodeClass'];

describe('synthesize', () => {
  test('gives the same bytes in the same order twice', () => {
    expect([...synthesize(environments())]).toEqual([...files]);
  });

  test('gives the same whatever order the environments are in', () => {
    expect([...synthesize([...environments()].reverse())]).toEqual([...files]);
  });

  test.each(names)('%s is the same alone as among the others', (name) => {
    const alone = synthesize(environments().filter((each) => each.name === name));
    expect([...alone]).toEqual([...files].filter(([path]) => path.startsWith(`${name}/`)));
  });

  test('is what dist/ holds, to the byte', () => {
    expect(manifestFaults(resolve(__dirname, '../../dist'), files)).toEqual([]);
  });

  test('needs no clock, no randomness and no environment variables', () => {
    const [clock, random, variables] = [Date.now, Math.random, process.env];
    const refuse = () => { throw new Error('not while synthesizing'); };
    try {
      Object.assign(Date, { now: refuse });
      Math.random = refuse;
      process.env = {};
      expect(synthesize(environments()).size).toBe(files.size);
    } finally {
      Object.assign(Date, { now: clock });
      Math.random = random;
      process.env = variables;
    }
  });
});

describe('every file', () => {
  test('but the root is one object, named after its kind and name', () => {
    for (const [path, content] of files) {
      if (path.endsWith('/root.yaml')) continue;
      const objects = parseObjects(content);
      expect(objects).toHaveLength(1);
      const file = path.split('/').at(-1);
      const { kind, metadata: { name, namespace } } = objects[0]!;
      expect([`${kind}-${name}.yaml`, `${kind}-${namespace}-${name}.yaml`].map((each) => each.toLowerCase().replaceAll(':', '-'))).toContain(file);
    }
  });

  test('names its namespace unless the kind has none, and holds nothing undefined', () => {
    for (const [path, content] of files) {
      for (const object of parseObjects(content)) expect([path, object.metadata.namespace === undefined]).toEqual([path, CLUSTER_WIDE.includes(object.kind)]);
      expect(content).not.toMatch(/undefined|NaN|\[object|Infinity/);
    }
  });

  test('has no name that cdk8s made up', () => {
    // Made-up names end in eight hexadecimal digits of a hash: they change when a construct moves.
    for (const path of files.keys()) expect(path).not.toMatch(/-c[0-9a-f]{7}\.yaml$/);
  });

  test('has a name that any file system takes', () => {
    expect([...files.keys()].filter((path) => !/^[a-z0-9./-]+$/.test(path))).toEqual([]);
  });

  test('says who answers for it', () => {
    for (const [path, content] of files) {
      for (const object of parseObjects(content)) expect([path, object.metadata.labels]).toEqual([path, expect.objectContaining({ 'tideline.dev/owner': expect.any(String) })]);
    }
  });

  test('belongs to the same Applications in every environment', () => {
    const whole = (name: string) => [...files.keys()].filter((path) => path.startsWith(`${name}/`)).map((path) => path.slice(name.length + 1));
    // Only an environment that asks the forecaster itself needs an identity for it. Pools and optional services are the environment's own, and have tests of their own.
    const shape = (name: string) => whole(name).filter((path) => !path.startsWith('node-pools/nodepool-') && !path.includes('loadgen'));
    const common = (name: string) => shape(name).filter((path) => path !== 'catalog/triggerauthentication-catalog-demand.yaml');
    for (const name of names) {
      expect(common(name)).toEqual(common(names[0]!));
      expect(shape(name).length - common(name).length).toBe(environments().find((each) => each.name === name)!.scaling.demandSource === 'external' ? 1 : 0);
    }
    expect(readdirSync(resolve(__dirname, '../../dist')).sort()).toEqual([...names].sort());
  });
});

describe('an environment decides', () => {
  const dev = environments().find(({ name }) => name === 'dev')!;

  test.each(names)('how catalog scales in %s', (name) => {
    const { services: { catalog }, scaling } = environments().find((each) => each.name === name)!;
    const { spec } = objectOf(objectsOf(name, 'catalog/'), 'ScaledObject');
    expect(spec).toMatchObject({ minReplicaCount: catalog.minReplicas, maxReplicaCount: catalog.maxReplicas, fallback: { replicas: catalog.minReplicas } });
    expect(spec.triggers[0].metadata.value).toBe(String(scaling.cpuTargetPercent));
    const { threshold, target, ...demand } = spec.triggers[1].metadata;
    expect(demand.scalerAddress !== undefined).toBe(scaling.demandSource === 'external');
    expect(Number(threshold ?? target)).toBeCloseTo(49 * scaling.demandTargetPercent / 100, 3);
    expect(spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds).toBe(scaling.scaleDownStabilizationSeconds);
  });

  test('to scale on CPU alone, and then no KEDA object is left in catalog', () => {
    const reactive = synthesize([{ ...dev, scaling: { ...dev.scaling, mode: 'reactive' } }]);
    const paths = [...reactive.keys()].filter((path) => path.startsWith('dev/catalog/'));
    expect(paths).toContain('dev/catalog/horizontalpodautoscaler-catalog.yaml');
    expect(paths).not.toContain('dev/catalog/scaledobject-catalog.yaml');
    const { spec } = parse(reactive.get('dev/delivery/application-catalog.yaml')!);
    expect(spec.syncPolicy.syncOptions).not.toContain('SkipDryRunOnMissingResource=true');
    expect(spec.ignoreDifferences).toHaveLength(1); // the scaler still owns the replicas
  });

  test('into how many shards the forecaster is split, and where a shard keeps what it learned', () => {
    const prod = environments().find((each) => each.name === 'prod')!;
    const split = synthesize([{ ...prod, services: { ...prod.services, forecaster: { minReplicas: 4, maxReplicas: 4, shards: 2 } } }]);
    const { spec } = parse(split.get('prod/forecaster/statefulset-forecaster.yaml')!);
    const [{ env, volumeMounts }] = spec.template.spec.containers;
    expect(spec.replicas).toBe(4);
    expect(env).toContainEqual({ name: 'FORECASTER_SHARD_COUNT', value: '2' });
    expect(env).toContainEqual({ name: 'FORECASTER_SHARD_INDEX', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } });
    const { value: folder } = env.find((each: { name: string }) => each.name === 'FORECASTER_STATE_DIRECTORY');
    expect(volumeMounts).toContainEqual({ name: spec.volumeClaimTemplates[0].metadata.name, mountPath: folder });
    expect(parse(split.get('prod/namespaces/storageclass-encrypted.yaml')!).metadata.name).toBe(spec.volumeClaimTemplates[0].spec.storageClassName);
  });

  test('what the forecaster publishes, and where it asks', () => {
    const env = objectOf(objectsOf('dev', 'forecaster/'), 'StatefulSet').spec.template.spec.containers[0].env as { name: string; value?: string }[];
    const value = (name: string) => env.find((each) => each.name === name)?.value;
    expect(value('FORECASTER_DEMAND_QUANTILE')).toBe(String(dev.scaling.demandQuantile));
    expect(value('FORECASTER_LEAD_TIME_SECONDS')).toBe(String(dev.scaling.leadTimeSeconds));
    // KEDA and the forecaster ask the same Prometheus where KEDA asks one.
    expect(value('FORECASTER_PROMETHEUS_URL')).toBe(objectOf(objectsOf('prod', 'catalog/'), 'ScaledObject').spec.triggers[1].metadata.serverAddress);
  });
});
