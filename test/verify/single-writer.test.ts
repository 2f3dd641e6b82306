import { describe, expect, test } from 'vitest';
import { changed, expectOne, healthy, Loose, place, run, without } from './support';

const scaledObject = (name = 'web'): Loose => ({
  apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', metadata: { name: 'web-demand', namespace: 'web' }, spec: { scaleTargetRef: { name } },
});

describe('single-writer', () => {
  test('passes where one scaler writes and Argo CD keeps off', () => {
    expect(run('single-writer', healthy())).toMatchObject({ status: 'pass', applied: 1 });
  });

  test('passes where only the manifest writes', () => {
    const objects = changed('Deployment', (each) => { each.spec.replicas = 3; }, without('HorizontalPodAutoscaler'));
    expect(run('single-writer', objects)).toMatchObject({ status: 'pass', applied: 1 });
  });

  test('does not apply without anything that scales', () => {
    expect(run('single-writer', without('Deployment'))).toMatchObject({ status: 'not-applicable', applied: 0 });
  });

  test('names the manifest and the scaler', () => {
    const result = run('single-writer', changed('Deployment', (each) => { each.spec.replicas = 3; }));
    expectOne(result, 'dev: Deployment web/web', 'dev: Deployment web/web by its manifest; dev: HorizontalPodAutoscaler web/web by scaling');
  });

  test('names two scalers of different kinds, also where one leaves the target kind to its default', () => {
    const result = run('single-writer', [...healthy(), place(scaledObject())]);
    expectOne(result, 'dev: Deployment web/web', 'HorizontalPodAutoscaler web/web by scaling; dev: ScaledObject web/web-demand by scaling');
  });

  test.each<[string, (application: Loose) => void]>([
    ['ignores no difference', (each) => { delete each.spec.ignoreDifferences; }],
    ['ignores another field', (each) => { each.spec.ignoreDifferences[0].jsonPointers = ['/spec/paused']; }],
    ['ignores it of another group', (each) => { each.spec.ignoreDifferences[0].group = 'argoproj.io'; }],
    ['ignores it of another workload', (each) => { each.spec.ignoreDifferences[0].name = 'api'; }],
    ['ignores it in another namespace', (each) => { each.spec.ignoreDifferences[0].namespace = 'other'; }],
    ['ignores it of another kind', (each) => { each.spec.ignoreDifferences[0].kind = 'StatefulSet'; }],
    ['does not respect what it ignores', (each) => { each.spec.syncPolicy.syncOptions = []; }],
  ])('names Argo CD, which heals, where it %s', (_, change) => {
    expectOne(run('single-writer', changed('Application web', change)), 'dev: Deployment web/web', 'Argo CD (Application web) by self-heal');
  });

  test.each<[string, (application: Loose) => void]>([
    ['by a path expression', (each) => { each.spec.ignoreDifferences = [{ group: '*', kind: 'Deployment', jqPathExpressions: ['.spec.replicas'] }]; }],
    ['by not healing at all', (each) => { each.spec.syncPolicy.automated = { prune: true }; delete each.spec.ignoreDifferences; }],
  ])('passes where Argo CD keeps off %s', (_, change) => {
    expect(run('single-writer', changed('Application web', change)).status).toBe('pass');
  });

  test('a scaler of another namespace or another workload is no writer', () => {
    const elsewhere = scaledObject();
    elsewhere.metadata.namespace = 'other';
    const otherKind = scaledObject();
    otherKind.spec.scaleTargetRef.kind = 'StatefulSet';
    expect(run('single-writer', [...healthy(), place(elsewhere), place(scaledObject('api')), place(otherKind)]).status).toBe('pass');
  });

  test('environments are separate', () => {
    const staging = healthy().filter(({ object }) => object.kind === 'HorizontalPodAutoscaler').map(({ object }) => place(object, { environment: 'staging' }));
    expect(run('single-writer', [...healthy(), ...staging]).status).toBe('pass');
  });
});
