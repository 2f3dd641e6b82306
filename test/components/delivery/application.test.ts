import { describe, expect, test } from 'vitest';
import { Application, ApplicationProps, AppOfApps } from '../../../components';
import { refusal, sampleOwnership } from '../../support/sample-service';
import { objectOf, synthChart } from '../../support/synth';

const PROPS: ApplicationProps = {
  ...sampleOwnership, name: 'shop', project: 'dev', repository: 'https://git.example/platform.git', revision: 'v1', path: 'dist/dev/shop', namespace: 'shop', wave: 3,
};
const synth = (props: Partial<ApplicationProps> = {}) => objectOf(synthChart((chart) => new Application(chart, 'app', { ...PROPS, ...props })), 'Application');

describe('Application', () => {
  test('keeps one folder of one revision in sync, in its wave', () => {
    expect(synth()).toMatchObject({
      apiVersion: 'argoproj.io/v1alpha1',
      metadata: {
        name: 'shop', namespace: 'argocd', annotations: { 'argocd.argoproj.io/sync-wave': '3' }, labels: { 'tideline.dev/owner': 'crew' },
        finalizers: ['resources-finalizer.argocd.argoproj.io'],
      },
      spec: {
        project: 'dev', destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
        source: { repoURL: 'https://git.example/platform.git', targetRevision: 'v1', path: 'dist/dev/shop' },
        syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['ServerSideApply=true'] },
      },
    });
    expect(synth().spec).not.toHaveProperty('ignoreDifferences');
    expect(synth().metadata).not.toHaveProperty(['annotations', 'tideline.dev/defines']);
  });

  test('leaves replicas alone that a scaler owns, when it compares and when it writes', () => {
    const { spec } = synth({ scaledDeployments: [{ namespace: 'shop', name: 'cart' }] });
    expect(spec.ignoreDifferences).toEqual([{ group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'cart', jsonPointers: ['/spec/replicas'] }]);
    expect(spec.syncPolicy.syncOptions).toContain('RespectIgnoreDifferences=true');
  });

  test('does not try custom resources out before their definitions are there', () => {
    expect(synth({ customResources: true }).spec.syncPolicy.syncOptions).toContain('SkipDryRunOnMissingResource=true');
    expect(synth().spec.syncPolicy.syncOptions).not.toContain('SkipDryRunOnMissingResource=true');
  });

  test('notes what it defines, and keeps what must not be deleted', () => {
    const object = synth({ defines: ['keda.sh', 'eventing.keda.sh'], prune: false });
    expect(object.metadata).toMatchObject({ annotations: { 'tideline.dev/defines': 'keda.sh,eventing.keda.sh' } });
    expect(object.spec.syncPolicy.automated).toEqual({ prune: false, selfHeal: true });
  });

  test.each(['', 'HEAD'])('refuses the revision "%s"', (revision) => {
    expect(refusal(() => synth({ revision }))).toEqual([`test/app revision | "${revision}"`]);
  });

  test('refuses a wave that is no whole number, beside the rest', () => {
    expect(refusal(() => synth({ wave: 0.5, revision: 'HEAD' }))).toHaveLength(2);
    expect(refusal(() => synth({ wave: NaN }))).toEqual(['test/app wave | NaN']);
    expect(synth({ wave: -1 }).metadata).toMatchObject({ annotations: { 'argocd.argoproj.io/sync-wave': '-1' } });
  });
});

describe('AppOfApps', () => {
  const { namespace: _namespace, wave: _wave, ...props } = PROPS;
  const objects = synthChart((chart) => new AppOfApps(chart, 'root', { ...props, name: 'dev-root', namespaces: ['shop', 'kube-system'], otherRepositories: ['https://git.example/upstream.git'], clusterKinds: [{ group: 'karpenter.sh', kind: 'NodePool' }] }));

  test('is a project and the Application that belongs to it', () => {
    expect(objects.map((object) => `${object.kind} ${object.metadata.name}`)).toEqual(['AppProject dev', 'Application dev-root']);
    expect(objectOf(objects, 'Application').spec).toMatchObject({ project: 'dev', destination: { namespace: 'argocd' } });
  });

  test('puts the project before every Application that names it', () => {
    const wave = (kind: string) => Number((objectOf(objects, kind).metadata as { annotations?: Record<string, string> }).annotations?.['argocd.argoproj.io/sync-wave']);
    expect(wave('AppProject')).toBeLessThan(wave('Application'));
  });

  test('permits what was named, and no wildcard', () => {
    const { spec } = objectOf(objects, 'AppProject');
    expect(spec.sourceRepos).toEqual(['https://git.example/platform.git', 'https://git.example/upstream.git']);
    expect(spec.destinations).toEqual(['argocd', 'shop', 'kube-system'].map((namespace) => ({ server: 'https://kubernetes.default.svc', namespace })));
    expect(JSON.stringify(spec)).not.toContain('*');
    expect(spec.clusterResourceWhitelist).toContainEqual({ group: 'karpenter.sh', kind: 'NodePool' });
  });
});
