import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FaultError } from '../../../base/faults';
import { environments } from '../../../config';
import type { KubeObject } from '../../../rehearsal/control-plane/kube-objects';
import { DEMAND_METRIC, readPolicy } from '../../../rehearsal/levels';
import { catalogObjects } from './support';

describe('a ScaledObject', () => {
  it('becomes the policy that it says', () => {
    expect(readPolicy(catalogObjects(), { service: 'catalog' })).toEqual({
      name: 'predictive',
      namespace: 'catalog',
      service: 'catalog',
      hpa: {
        minReplicas: 2,
        maxReplicas: 20,
        metrics: [{ type: 'Resource', resource: 'cpu', averageUtilization: 75 }, { type: 'External', name: DEMAND_METRIC, averageValue: 36.75 }],
        behavior: {
          scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }, { type: 'Pods', value: 4, periodSeconds: 15 }] },
          scaleDown: { stabilizationWindowSeconds: 120, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
        },
      },
      signal: { query: 'max(tideline_demand{namespace="catalog",service="catalog",metric="requests"})', threshold: 36.75, fallback: { failureThreshold: 3, replicas: 2 } },
    });
  });

  describe('whose demand KEDA asks of the forecaster itself', () => {
    const external = (changes: Record<string, unknown> = {}, of: Record<string, unknown> = {}) => catalogObjects({
      scaledObject: (spec) => {
        spec.triggers[1] = {
          type: 'external-push', name: 'forecast-demand', metricType: 'AverageValue', authenticationRef: { name: 'catalog-demand' },
          metadata: { scalerAddress: 'forecaster.forecaster.svc:8082', enableTLS: 'true', namespace: 'catalog', service: 'catalog', metric: 'requests', target: '36.75', quantile: '0.9', leadTimeSeconds: '300', ...changes },
          ...of,
        };
      },
    });

    it('becomes the same policy', () => {
      const viaPrometheus = readPolicy(catalogObjects(), { service: 'catalog' });
      expect(readPolicy(external(), { service: 'catalog' })).toEqual({ ...viaPrometheus, signal: { ...viaPrometheus.signal, query: 'grpc://forecaster.forecaster.svc:8082' } });
    });

    it.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
      ['no target', { target: undefined }, {}, 'spec.triggers[1].metadata.target'],
      ['another metric', { metric: 'memory' }, {}, 'spec.triggers[1].metadata.metric'],
      ['no address', { scalerAddress: undefined }, {}, 'spec.triggers[1].metadata.scalerAddress'],
      ['a key that nobody knows', { threshold: '5' }, {}, 'spec.triggers[1].metadata.threshold'],
      ['a sum instead of an average', {}, { metricType: 'Value' }, 'spec.triggers[1].metricType'],
      ['the kind that KEDA forgets', {}, { type: 'external' }, 'spec.triggers[1]'],
    ])('with %s is refused', (_, metadata, of, where) => {
      expect(() => readPolicy(external(metadata, of), { service: 'catalog' })).toThrow(where);
    });
  });

  it('without demand is a reactive policy', () => {
    const policy = readPolicy(catalogObjects({ scaledObject: (spec) => spec.triggers.pop() }), { service: 'catalog' });
    expect([policy.name, policy.signal, policy.hpa.metrics.length]).toEqual(['reactive', undefined, 1]);
  });

  it.each<[string, (spec: any) => void, string]>([ // eslint-disable-line @typescript-eslint/no-explicit-any -- a manifest
    ['a trigger of another kind', (spec) => spec.triggers.push({ type: 'cron', metadata: {} }), 'spec.triggers[2]'],
    ['a second query', (spec) => spec.triggers.push(spec.triggers[1]), 'spec.triggers[2]'],
    ['null values read as 0', (spec) => (spec.triggers[1].metadata.ignoreNullValues = 'true'), 'ignoreNullValues'],
    ['a threshold that is no number', (spec) => (spec.triggers[1].metadata.threshold = 'many'), 'spec.triggers[1].metadata.threshold'],
    ['scale to zero', (spec) => (spec.minReplicaCount = 0), 'spec.minReplicaCount'],
    ['idle replicas', (spec) => (spec.idleReplicaCount = 0), 'spec.idleReplicaCount'],
    ['another fallback behavior', (spec) => (spec.fallback.behavior = 'currentReplicas'), 'spec.fallback.behavior'],
    ['modifiers', (spec) => (spec.advanced.scalingModifiers = {}), 'spec.advanced.scalingModifiers'],
    ['an unknown policy', (spec) => (spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp.policies[0].type = 'Nodes'), 'scaleUp.policies[0].type'],
    ['one container\'s CPU', (spec) => (spec.triggers[0].metadata.containerName = 'catalog'), 'spec.triggers[0].metadata.containerName'],
  ])('with %s is refused, where it says so', (_, change, where) => {
    const read = () => readPolicy(catalogObjects({ scaledObject: change }), { service: 'catalog' });
    expect(read).toThrow(FaultError);
    expect(read).toThrow(where);
  });

  it('has all its faults told at once', () => {
    const read = () => readPolicy(catalogObjects({ scaledObject: (spec) => { spec.minReplicaCount = 0; spec.maxReplicaCount = 'x'; spec.triggers[0].metadata.value = '0'; } }), { service: 'catalog' });
    expect(read).toThrow(/minReplicaCount[^]*maxReplicaCount|metadata.value[^]*minReplicaCount[^]*maxReplicaCount/);
  });
});

describe('a service', () => {
  it('without a scaler, or with two, is refused', () => {
    expect(() => readPolicy(catalogObjects(), { service: 'cost' })).toThrow('[scaler of cost] got: none');
    const objects = catalogObjects();
    expect(() => readPolicy([...objects, { ...objects.at(-1)!, metadata: { name: 'other', namespace: 'catalog' } }], { service: 'catalog' })).toThrow('ScaledObject catalog/catalog, ScaledObject catalog/other');
  });
});

describe('an autoscaling/v2 HPA', () => {
  const hpa = (metrics: unknown) => [{
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'catalog', namespace: 'catalog' },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'catalog' }, maxReplicas: 9, metrics, behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } },
  }];

  it('on CPU becomes a reactive policy', () => {
    expect(readPolicy(hpa([{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 55 } } }]), { service: 'catalog' })).toEqual({
      name: 'reactive',
      namespace: 'catalog',
      service: 'catalog',
      hpa: { minReplicas: 1, maxReplicas: 9, metrics: [{ type: 'Resource', resource: 'cpu', averageUtilization: 55 }], behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } },
    });
  });

  it('on anything else, or on nothing, is refused', () => {
    expect(() => readPolicy(hpa([{ type: 'Pods' }]), { service: 'catalog' })).toThrow('spec.metrics[0]');
    expect(() => readPolicy(hpa([]), { service: 'catalog' })).toThrow('got: no metrics');
  });
});

describe('dist/', () => {
  it.each(environments().map((each) => [each.name, each] as const))('of %s says of the catalog what the environment decided', (name, environment) => {
    const folder = join(__dirname, '../../../dist', name, 'catalog');
    const objects = readdirSync(folder).map((file) => parse(readFileSync(join(folder, file), 'utf8')) as KubeObject);
    const policy = readPolicy(objects, { service: 'catalog' });
    const { scaling, services } = environment;
    expect(policy).toMatchObject({ name: scaling.mode, hpa: services.catalog });
    expect(policy.hpa.metrics[0]).toEqual({ type: 'Resource', resource: 'cpu', averageUtilization: scaling.cpuTargetPercent });
    expect(policy.hpa.behavior!.scaleDown!.stabilizationWindowSeconds).toBe(scaling.scaleDownStabilizationSeconds);
    expect(policy.signal!.threshold).toBeCloseTo(0.49 * scaling.demandTargetPercent, 6);
    expect(policy.signal!.fallback!.replicas).toBe(services.catalog.minReplicas);
  });
});
