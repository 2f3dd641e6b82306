import { describe, expect, it } from 'vitest';
import { compress, reactiveCopy, readPolicy, redirectTriggers } from '../../../rehearsal/levels';
import { catalogObjects } from './support';

const tuned = { targetPercent: 55, stabilizationSeconds: 300 };

describe('the reactive copy', () => {
  const objects = catalogObjects();
  const before = JSON.stringify(objects);
  const copy = reactiveCopy(objects, tuned, { namespace: 'catalog-reactive' });
  const of = (kind: string) => copy.find((object) => object.kind === kind);

  it('lives in its own namespace, its references with it', () => {
    expect(of('Namespace')).toMatchObject({ metadata: { name: 'catalog-reactive', labels: { 'kubernetes.io/metadata.name': 'catalog-reactive' } } });
    expect(copy.filter((object) => object.metadata.namespace !== undefined).map((object) => object.metadata.namespace)).toEqual(Array(3).fill('catalog-reactive'));
    expect(of('NetworkPolicy')!.spec.ingress[0].from[0].namespaceSelector.matchLabels).toEqual({ 'kubernetes.io/metadata.name': 'catalog-reactive' });
    expect(of('Deployment')!.spec.template.spec.containers[0].env[0].value).toBe('http://catalog.catalog-reactive.svc:80');
    expect(of('Deployment')!.metadata.name).toBe('catalog');
  });

  it('shares nothing outside namespaces with the original', () => {
    expect(of('ClusterRole')!.metadata.name).toBe('catalog-reader-catalog-reactive');
    expect(of('ClusterRoleBinding')).toMatchObject({
      metadata: { name: 'catalog-reader-catalog-reactive' }, roleRef: { name: 'catalog-reader-catalog-reactive' }, subjects: [{ name: 'catalog', namespace: 'catalog-reactive' }],
    });
    expect(of('ClusterRoleBinding')!.subjects[0].kind).toBe('ServiceAccount');
  });

  it('is scaled by a plain HPA with the tuned settings and the same limits, and by nothing of KEDA', () => {
    expect(copy.some((object) => object.apiVersion.startsWith('keda.sh/'))).toBe(false);
    expect(of('HorizontalPodAutoscaler')).toMatchObject({
      apiVersion: 'autoscaling/v2',
      metadata: { name: 'catalog', namespace: 'catalog-reactive' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'catalog' },
        minReplicas: 2,
        maxReplicas: 20,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 55 } } }],
      },
    });
    const [original, reactive] = [readPolicy(objects, { service: 'catalog' }), readPolicy(copy, { service: 'catalog' })];
    expect(reactive.hpa.behavior!.scaleUp).toEqual(original.hpa.behavior!.scaleUp);
    expect(reactive.hpa.behavior!.scaleDown).toEqual({ ...original.hpa.behavior!.scaleDown, stabilizationWindowSeconds: 300 });
  });

  it('brings its namespace where the Application has none', () => {
    const bare = objects.filter((object) => object.kind !== 'Namespace');
    expect(reactiveCopy(bare, tuned)[0]).toEqual({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'catalog-reactive' } });
    expect(copy.filter((object) => object.kind === 'Namespace')).toHaveLength(1);
  });

  it('leaves the original as it was', () => {
    expect(JSON.stringify(objects)).toBe(before);
  });
});

describe('compression', () => {
  it('divides every window to whole seconds, and lists each with what it then stands for', () => {
    const objects = catalogObjects();
    const before = JSON.stringify(objects);
    const { objects: compressed, substitutions } = compress(objects, 60, { startupSeconds: { catalog: 60 } });
    const { behavior } = readPolicy(compressed, { service: 'catalog' }).hpa;
    expect(behavior!.scaleDown!.stabilizationWindowSeconds).toBe(2);
    // 15 s are a quarter of a second; a whole one lets through what four of them would: doubling four times, and four times 4 pods.
    expect(behavior!.scaleUp!.policies).toEqual([{ type: 'Percent', value: 1500, periodSeconds: 1 }, { type: 'Pods', value: 16, periodSeconds: 1 }]);
    const deployment = compressed.find((object) => object.kind === 'Deployment')!;
    expect(deployment.spec.minReadySeconds).toBe(4);
    expect(deployment.spec.template.metadata).toEqual({
      labels: { 'app.kubernetes.io/name': 'catalog' },
      annotations: { 'pod-ready.stage.kwok.x-k8s.io/delay': '1000ms' },
    });
    const path = 'spec.advanced.horizontalPodAutoscalerConfig.behavior';
    expect(substitutions.map((each) => [each.object, each.path, each.from, each.to])).toEqual([
      ['Deployment catalog/catalog', 'spec.minReadySeconds', '240 s', '4 s'],
      ['Deployment catalog/catalog', 'spec.template.metadata.annotations["pod-ready.stage.kwok.x-k8s.io/delay"]', 'absent', '1000ms'],
      ['ScaledObject catalog/catalog', 'spec.pollingInterval', '15 s', '1 s'],
      ['ScaledObject catalog/catalog', `${path}.scaleUp`, '100 % per 15 s, 4 pods per 15 s; window 0 s', '1500 % per 1 s, 16 pods per 1 s; window 0 s'],
      ['ScaledObject catalog/catalog', `${path}.scaleDown`, '100 % per 15 s; window 120 s', '100 % per 1 s; window 2 s'],
    ]);
    expect(substitutions[2]!.why).toBe('time runs 60 times as fast; rounded to whole seconds it stands for 60 s');
    expect(substitutions[4]!.why).toBe('time runs 60 times as fast, in whole seconds');
    expect(JSON.stringify(objects)).toBe(before);
  });

  it('writes a behavior out that is absent, for its default would be in wall time', () => {
    const hpa = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'x', namespace: 'y' }, spec: { maxReplicas: 3 } };
    const { objects, substitutions } = compress([hpa], 60);
    expect(objects[0]!.spec.behavior.scaleUp.policies.map((policy: { periodSeconds: number }) => policy.periodSeconds)).toEqual([1, 1]);
    expect(substitutions.map((each) => [each.path, each.from])).toEqual([['spec.behavior.scaleUp', 'the default'], ['spec.behavior.scaleDown', 'the default']]);
  });

  it('at the speed of time changes nothing', () => {
    const objects = catalogObjects();
    expect(compress(objects, 1)).toEqual({ objects, substitutions: [] });
  });

  it('touches nothing but windows and what is per window', () => {
    const strip = (all: readonly object[]): unknown => JSON.parse(JSON.stringify(all).replace(/"(stabilizationWindowSeconds|periodSeconds|value|pollingInterval|minReadySeconds)":\d+/g, '"$1":0'));
    const objects = catalogObjects();
    expect(strip(compress(objects, 120).objects)).toEqual(strip(objects));
  });
});

describe('another Prometheus', () => {
  it('is given to the triggers that query one', () => {
    const objects = catalogObjects();
    const { objects: changed, substitutions } = redirectTriggers(objects, [{ types: ['prometheus'], key: 'serverAddress', address: 'http://127.0.0.1:1/wall', why: 'because' }]);
    expect(changed.at(-1)!.spec.triggers[1].metadata).toEqual({ ...objects.at(-1)!.spec.triggers[1].metadata, serverAddress: 'http://127.0.0.1:1/wall' });
    expect(substitutions).toEqual([{
      object: 'ScaledObject catalog/catalog', path: 'spec.triggers[1].metadata.serverAddress', from: 'http://prometheus.observability.svc:9090', to: 'http://127.0.0.1:1/wall', why: 'because',
    }]);
    expect(changed.slice(0, -1)).toEqual(objects.slice(0, -1));
  });
});
