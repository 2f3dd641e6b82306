import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../rehearsal/control-plane/kube-objects';
import { rewriteForControlPlane } from '../../../rehearsal/levels/substitutions';
import { loadObjects } from '../../../verify';
import { catalogObjects } from './support';

const PROMETHEUS = 'http://127.0.0.1:4242/wall';
const rewrite = rewriteForControlPlane({ speed: 120, prometheusUrl: PROMETHEUS, startupSeconds: { catalog: 60 } });

/** Paths at which two JSON values differ, and those that only one has. */
function differences(before: unknown, after: unknown, path = ''): string[] {
  if (before === after) return [];
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null) return [path];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => {
    const below = Array.isArray(before) ? `${path}[${key}]` : /^[\w-]+$/.test(key) ? `${path}${path ? '.' : ''}${key}` : `${path}["${key}"]`;
    return differences((before as Record<string, unknown>)[key], (after as Record<string, unknown>)[key], below);
  });
}

const annotated = (annotations: Record<string, string>, env: unknown[]): KubeObject => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'keda-operator', namespace: 'keda', annotations },
  spec: { template: { spec: { containers: [{ name: 'operator', env }] } } },
});
const secretRef = (name: string, key: string) => ({ name: key.toUpperCase(), valueFrom: { secretKeyRef: { name, key } } });

describe('rewriteForControlPlane', () => {
  it('leaves every object alone that no rule names', () => {
    for (const original of catalogObjects().filter((object) => !['ScaledObject', 'Deployment'].includes(object.kind))) {
      expect(rewrite(original)).toEqual({ objects: [original], substitutions: [] });
    }
  });

  it('changes in each object of dist/ what it lists, and nothing else', () => {
    const objects = loadObjects('dist').objects;
    expect(objects.length).toBeGreaterThan(100);
    let changed = 0;
    for (const { object } of objects) {
      const before = structuredClone(object);
      const { objects: after, substitutions } = rewrite(object);
      expect(object).toEqual(before); // its argument stays as it is
      const same = after.find((each) => each.kind === object.kind && each.metadata.name === object.metadata.name);
      const listed = substitutions.map((each) => each.path);
      if (same === undefined) {
        expect(listed).toEqual(['(whole object)']);
        continue;
      }
      const undeclared = differences(object, same).filter((path) => !listed.some((each) => path === each || path.startsWith(`${each}.`) || path.startsWith(`${each}[`) || each.startsWith(`${path}.`) || each.startsWith(`${path}[`)));
      expect(undeclared, `${object.kind} ${object.metadata.name}`).toEqual([]);
      if (substitutions.length > 0) changed += 1;
    }
    expect(changed).toBeGreaterThan(5);
  });

  it('divides the windows of a ScaledObject and sends its queries to the plant', () => {
    const original = catalogObjects().find((object) => object.kind === 'ScaledObject')!;
    const { objects: [after], substitutions } = rewrite(original);
    expect(after!.spec).toMatchObject({ pollingInterval: 1, minReplicaCount: 2, maxReplicaCount: 20, fallback: { failureThreshold: 3, replicas: 2 } });
    expect(after!.spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds).toBe(1);
    expect(after!.spec.triggers[1].metadata).toEqual({ ...original.spec.triggers[1].metadata, serverAddress: PROMETHEUS });
    expect(substitutions.map((each) => each.path)).toEqual(expect.arrayContaining(['spec.pollingInterval', 'spec.triggers[1].metadata.serverAddress']));
    for (const each of substitutions) expect(each).toMatchObject({ object: expect.stringContaining('ScaledObject'), why: expect.stringMatching(/\w/) });
  });

  describe('where the forecaster’s scaler runs', () => {
    const client = { 'tls.crt': 'a certificate', 'tls.key': 'a key', 'ca.crt': 'an authority' };
    const withScaler = rewriteForControlPlane({ speed: 120, prometheusUrl: PROMETHEUS, startupSeconds: {}, scaler: { address: '127.0.0.1:4243', client } });
    const authentication = (annotations: Record<string, string>): KubeObject => ({
      apiVersion: 'keda.sh/v1alpha1', kind: 'TriggerAuthentication', metadata: { name: 'catalog-demand', namespace: 'catalog', annotations },
      spec: { secretTargetRef: [{ parameter: 'caCert', name: 'client', key: 'ca.crt' }, { parameter: 'tlsClientCert', name: 'client', key: 'tls.crt' }, { parameter: 'password', name: 'other', key: 'password' }] },
    });

    it('triggers call it, and it alone', () => {
      const original = catalogObjects({ scaledObject: (spec) => spec.triggers.push({ type: 'external-push', metadata: { scalerAddress: 'forecaster.forecaster.svc:8082', target: '5' } }) }).find((object) => object.kind === 'ScaledObject')!;
      const { objects: [after], substitutions } = withScaler(original);
      expect(after!.spec.triggers[2].metadata).toEqual({ scalerAddress: '127.0.0.1:4243', target: '5' });
      expect(after!.spec.triggers[1].metadata.serverAddress).toBe(PROMETHEUS);
      expect(substitutions).toContainEqual(expect.objectContaining({ path: 'spec.triggers[2].metadata.scalerAddress', from: 'forecaster.forecaster.svc:8082', to: '127.0.0.1:4243' }));
      expect(rewrite(original).objects[0]!.spec.triggers[2].metadata.scalerAddress).toBe('forecaster.forecaster.svc:8082');
    });

    it('KEDA identifies itself with what was made for the run, none of it in the report', () => {
      const object = authentication({ 'tideline.dev/provided-elsewhere': 'Secret/client' });
      const { objects, substitutions } = withScaler(object);
      expect(objects).toEqual([{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'client', namespace: 'catalog' }, stringData: { 'ca.crt': 'an authority', 'tls.crt': 'a certificate' } }, object]);
      expect(substitutions).toMatchObject([{ object: 'Secret catalog/client', to: 'a certificate of this run' }]);
      expect(JSON.stringify(substitutions)).not.toContain('an authority');
    });

    it('a Secret that does not come from elsewhere is left alone', () => {
      expect(withScaler(authentication({}))).toEqual({ objects: [authentication({})], substitutions: [] });
    });
  });

  it('gives a modelled Deployment its start-up time, and another none', () => {
    const original = catalogObjects().find((object) => object.kind === 'Deployment')!;
    const delay = (object: KubeObject | undefined) => object?.spec.template.metadata?.annotations?.['pod-ready.stage.kwok.x-k8s.io/delay'];
    expect(delay(rewrite(original).objects[0])).toBe('500ms');
    expect(delay(rewrite({ ...original, metadata: { ...original.metadata, name: 'other' } }).objects[0])).toBeUndefined();
  });

  it('leaves out the registration of KEDA’s metrics, and no other', () => {
    const registration = (group: string): KubeObject => ({
      apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: `v1beta1.${group}` }, spec: { group, service: { namespace: 'keda', name: 'keda-metrics' } },
    });
    expect(rewrite(registration('external.metrics.k8s.io'))).toMatchObject({ objects: [], substitutions: [{ path: '(whole object)', from: 'Service keda/keda-metrics' }] });
    expect(rewrite(registration('metrics.k8s.io'))).toEqual({ objects: [registration('metrics.k8s.io')], substitutions: [] });
  });

  it('removes finalizers of Argo CD’s objects, and no others', () => {
    const object = (apiVersion: string): KubeObject => ({ apiVersion, kind: 'Application', metadata: { name: 'keda', namespace: 'argocd', finalizers: ['resources-finalizer.argocd.argoproj.io'] }, spec: { project: 'x' } });
    expect(rewrite(object('argoproj.io/v1alpha1')).objects).toEqual([{ apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: { name: 'keda', namespace: 'argocd' }, spec: { project: 'x' } }]);
    expect(rewrite(object('argoproj.io/v1alpha1')).substitutions).toMatchObject([{ path: 'metadata.finalizers', to: 'absent' }]);
    expect(rewrite(object('example.org/v1'))).toEqual({ objects: [object('example.org/v1')], substitutions: [] });
  });

  it('stands in for Secrets that come from elsewhere: each key that is read, a new value each time, none of it in the report', () => {
    const object = annotated({ 'tideline.dev/provided-elsewhere': 'Secret/token' }, [secretRef('token', 'a'), secretRef('token', 'b'), secretRef('own', 'c'), { name: 'PLAIN', value: '1' }]);
    const { objects: [secret, after], substitutions } = rewrite(object);
    expect(after).toEqual(object);
    expect(secret).toMatchObject({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'token', namespace: 'keda' } });
    const values = secret!.stringData as Record<string, string>;
    expect(Object.keys(values)).toEqual(['a', 'b']);
    expect(values.a).not.toBe(values.b);
    expect((rewrite(object).objects[0]!.stringData as Record<string, string>).a).not.toBe(values.a);
    expect(substitutions).toHaveLength(1);
    for (const value of Object.values(values)) expect(JSON.stringify(substitutions)).not.toContain(value);
  });

  it('makes no Secret for a workload that says nothing of it', () => {
    const object = annotated({}, [secretRef('token', 'a')]);
    expect(rewrite(object)).toEqual({ objects: [object], substitutions: [] });
  });
});
