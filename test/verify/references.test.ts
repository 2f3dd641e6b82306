import { describe, expect, test } from 'vitest';
import { changed, expectOne, healthy, Loose, place, run, without } from './support';

const pod = (change: (spec: Loose) => void) => changed('Deployment', (each) => change(each.spec.template.spec));
const more = (...objects: readonly Loose[]) => [...healthy(), ...objects.map((object) => place(object))];
const inWeb = (apiVersion: string, kind: string, rest: Loose): Loose => ({ apiVersion, kind, metadata: { name: 'extra', namespace: 'web' }, ...rest });
const webhooks = (service: Loose): Loose => ({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'extra' }, webhooks: [{ name: 'a', clientConfig: { service } }] });
const ingress = (name: string, port: Loose): Loose => inWeb('networking.k8s.io/v1', 'Ingress', { spec: { rules: [{ http: { paths: [{ path: '/', backend: { service: { name, port } } }] } }] } });

const external = (scalerAddress?: string, type = 'external-push') => more(inWeb('keda.sh/v1alpha1', 'ScaledObject', {
  spec: { scaleTargetRef: { name: 'web' }, triggers: [{ type: 'cpu', metadata: { value: '75' } }, { type, metadata: { target: '10', ...(scalerAddress === undefined ? {} : { scalerAddress }) } }] },
}));
const authentication = (annotations: Record<string, string>): Loose => ({
  ...inWeb('keda.sh/v1alpha1', 'TriggerAuthentication', { spec: { secretTargetRef: [{ parameter: 'caCert', name: 'client', key: 'ca.crt' }] } }), metadata: { name: 'extra', namespace: 'web', annotations },
});

const nodePool = (nodeClassRef: Loose | undefined): Loose => ({ apiVersion: 'karpenter.sh/v1', kind: 'NodePool', metadata: { name: 'burst' }, spec: { template: { spec: { nodeClassRef } } } });
const VIOLATIONS: readonly (readonly [string, string, string, () => ReturnType<typeof healthy>])[] = [
  ['a Service that selects nothing', 'Service web/web', 'which no pod carries', () => changed('Service', (each) => { each.spec.selector = { app: 'api' }; })],
  ['a port name nobody has', 'Service web/web', 'port 80 goes to metrics', () => changed('Service', (each) => { each.spec.ports[0].targetPort = 'metrics'; })],
  ['a port number nobody listens on', 'Service web/web', 'port 80 goes to 9090', () => changed('Service', (each) => { each.spec.ports[0].targetPort = 9090; })],
  ['a Service without a target port', 'Service web/web', 'port 80 goes to 80', () => changed('Service', (each) => { delete each.spec.ports[0].targetPort; })],
  ['a budget that selects nothing', 'PodDisruptionBudget web/web', 'which no pod carries', () => changed('PodDisruptionBudget', (each) => { each.spec.selector.matchLabels.app = 'api'; })],
  ['a policy that selects nothing', 'NetworkPolicy web/web', 'which no pod carries', () => changed('NetworkPolicy web', (each) => { each.spec.podSelector.matchLabels.app = 'api'; })],
  ['a policy whose expression selects nothing', 'NetworkPolicy web/web', 'which no pod carries', () => changed('NetworkPolicy web', (each) => { each.spec.podSelector = { matchExpressions: [{ key: 'app', operator: 'In', values: ['api'] }] }; })],
  ['a scaler without its target', 'HorizontalPodAutoscaler web/web', 'it scales Deployment api', () => changed('HorizontalPodAutoscaler', (each) => { each.spec.scaleTargetRef.name = 'api'; })],
  ['a scaler of another kind', 'HorizontalPodAutoscaler web/web', 'it scales StatefulSet web', () => changed('HorizontalPodAutoscaler', (each) => { each.spec.scaleTargetRef.kind = 'StatefulSet'; })],
  ['a scaler without a reference', 'HorizontalPodAutoscaler web/web', 'without a name', () => changed('HorizontalPodAutoscaler', (each) => { delete each.spec.scaleTargetRef; })],
  ['a trigger without its authentication', 'ScaledObject web/extra', 'TriggerAuthentication prometheus', () => more(inWeb('keda.sh/v1alpha1', 'ScaledObject', { spec: { scaleTargetRef: { name: 'web' }, triggers: [{ authenticationRef: { name: 'prometheus' } }] } }))],
  ['an authentication without its Secret', 'TriggerAuthentication web/extra', 'parameter caCert names Secret client', () => more(authentication({}))],
  ['a trigger that calls a Service nobody has', 'ScaledObject web/extra', 'it calls Service web/api, which does not exist', () => external('api.web.svc:80')],
  ['a trigger that calls a Service of another namespace', 'ScaledObject web/extra', 'it calls Service other/web, which does not exist', () => external('web.other.svc.cluster.local:80')],
  ['a trigger that calls a port nobody has', 'ScaledObject web/extra', 'it calls port 8082 of Service web/web, which it does not have', () => external('web.web.svc:8082', 'external')],
  ['a trigger that calls a name of its own namespace, which KEDA does not look in', 'ScaledObject web/extra', 'a trigger calls web:80', () => external('web:80')],
  ['a trigger that names no port', 'ScaledObject web/extra', 'a trigger calls web.web.svc', () => external('web.web.svc')],
  ['a trigger that calls nobody', 'ScaledObject web/extra', 'a trigger calls no address', () => external()],
  ['an account that is not there', 'Deployment web/web', 'ServiceAccount web', () => without('ServiceAccount')],
  ['a ConfigMap that is not there', 'Deployment web/web', 'variable GREETING names ConfigMap web', () => without('ConfigMap')],
  ['a key that is not there', 'Deployment web/web', 'the key greeting', () => changed('ConfigMap', (each) => { each.data = { farewell: 'bye' }; })],
  ['an item of a volume that is not there', 'Deployment web/web', 'the key rules.yaml', () => pod((spec) => { spec.volumes.push({ name: 'rules', configMap: { name: 'web', items: [{ key: 'rules.yaml', path: 'rules.yaml' }] } }); })],
  ['a Secret that is not there', 'Deployment web/web', 'a volume names Secret certificates', () => pod((spec) => { spec.volumes.push({ name: 'certificates', secret: { secretName: 'certificates' } }); })],
  ['a projected Secret that is not there', 'Deployment web/web', 'a volume names Secret certificates', () => pod((spec) => { spec.volumes.push({ name: 'certificates', projected: { sources: [{ secret: { name: 'certificates' } }] } }); })],
  ['a Secret of a variable', 'Deployment web/web', 'variable TOKEN names Secret web', () => pod((spec) => { spec.containers[0].env.push({ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'web', key: 'token' } } }); })],
  ['a Secret of all variables', 'Deployment web/web', 'envFrom names Secret web', () => pod((spec) => { spec.containers[0].envFrom = [{ secretRef: { name: 'web' } }]; })],
  ['a Secret to pull with', 'Deployment web/web', 'imagePullSecrets names Secret pull', () => pod((spec) => { spec.imagePullSecrets = [{ name: 'pull' }]; })],
  ['a claim that is not there', 'Deployment web/web', 'PersistentVolumeClaim data', () => pod((spec) => { spec.volumes.push({ name: 'data', persistentVolumeClaim: { claimName: 'data' } }); })],
  ['a mount without its volume', 'Deployment web/web', 'mounts the volume tmp', () => pod((spec) => { spec.volumes = []; })],
  ['a probe of a port nobody has', 'Deployment web/web', 'livenessProbe of container web calls the port health', () => pod((spec) => { spec.containers[0].livenessProbe.httpGet.port = 'health'; })],
  ['a workload that does not select its pods', 'Deployment web/web', 'does not select its own pods', () => changed('Deployment', (each) => { each.spec.selector.matchLabels.app = 'api'; })],
  ['a binding without its role', 'RoleBinding web/extra', 'it names Role web/reader', () => more(inWeb('rbac.authorization.k8s.io/v1', 'RoleBinding', { roleRef: { kind: 'Role', name: 'reader' }, subjects: [{ kind: 'ServiceAccount', name: 'web' }] }))],
  ['a binding without its account', 'RoleBinding web/extra', 'it names ServiceAccount web/api', () => more(inWeb('rbac.authorization.k8s.io/v1', 'RoleBinding', { roleRef: { kind: 'ClusterRole', name: 'view' }, subjects: [{ kind: 'ServiceAccount', name: 'api' }] }))],
  ['an APIService without its Service', 'APIService v1.example.com', 'it calls Service web/api', () => more({ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1.example.com' }, spec: { service: { namespace: 'web', name: 'api' } } })],
  ['a webhook without its Service', 'ValidatingWebhookConfiguration extra', 'it calls Service web/api', () => more(webhooks({ namespace: 'web', name: 'api' }))],
  ['a webhook that calls a port nobody has', 'ValidatingWebhookConfiguration extra', 'it calls port 443 of Service web/web', () => more(webhooks({ namespace: 'web', name: 'web' }))],
  ['an Ingress without its Service', 'Ingress web/extra', 'which does not exist', () => more(ingress('api', { number: 80 }))],
  ['a node pool without the class of its nodes', 'NodePool burst', 'its nodes are made by EC2NodeClass tideline, which does not exist', () => more(nodePool({ kind: 'EC2NodeClass', name: 'tideline' }))],
  ['a node pool that names no class', 'NodePool burst', 'it names no node class', () => more(nodePool(undefined))],
  ['an Ingress to a port nobody has', 'Ingress web/extra', 'has no such port', () => more(ingress('web', { name: 'metrics' }))],
];

describe('references', () => {
  test('passes where everything named is there, having applied to it', () => {
    const result = run('references', healthy());
    expect(result).toMatchObject({ status: 'pass', findings: [] });
    expect(result.applied).toBeGreaterThanOrEqual(10);
  });

  test('does not apply to objects that name nothing', () => {
    expect(run('references', [place({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'alone', namespace: 'web' } })])).toMatchObject({ status: 'not-applicable', applied: 0 });
  });

  test.each(VIOLATIONS)('%s', (_, where, got, objects) => {
    expectOne(run('references', objects()), where, got);
  });

  test.each<[string, () => ReturnType<typeof healthy>]>([
    ['a trigger that calls a port of a Service', () => external('web.web.svc:80')],
    ['a trigger that calls it by its whole name', () => external('dns:///web.web.svc.cluster.local:80')],
    ['a trigger that calls somebody outside the cluster', () => external('scaler.example.com.:443')],
    ['a trigger of another type, whatever it calls', () => external('nowhere', 'kafka')],
    ['an authentication whose Secret comes from elsewhere', () => more(authentication({ 'tideline.dev/provided-elsewhere': 'Secret/client' }))],
    ['an Ingress to a port of a Service', () => more(ingress('web', { name: 'http' }), { ...ingress('web', { number: 80 }), metadata: { name: 'other', namespace: 'web' } })],
    ['a webhook that calls a port of its Service', () => more(webhooks({ namespace: 'web', name: 'web', port: 80 }))],
    ['a node pool and the class of its nodes', () => more(nodePool({ kind: 'NodeClass', name: 'tideline' }), { apiVersion: 'eks.amazonaws.com/v1', kind: 'NodeClass', metadata: { name: 'tideline' } })],
    ['a role that Kubernetes brings', () => more(inWeb('rbac.authorization.k8s.io/v1', 'RoleBinding', { roleRef: { kind: 'ClusterRole', name: 'system:auth-delegator' }, subjects: [{ kind: 'ServiceAccount', name: 'web' }] }))],
    ['an optional Secret', () => pod((spec) => { spec.volumes.push({ name: 'certificates', secret: { secretName: 'certificates', optional: true } }); })],
    ['a Secret declared to come from elsewhere', () => changed('Deployment', (each) => {
      each.metadata.annotations = { 'tideline.dev/provided-elsewhere': 'ConfigMap/other, Secret/web' };
      each.spec.template.spec.containers[0].envFrom = [{ secretRef: { name: 'web' } }];
    })],
    ['a volume claimed by a template', () => more({
      apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', namespace: 'web' },
      spec: {
        selector: { matchLabels: { app: 'db' } }, volumeClaimTemplates: [{ metadata: { name: 'data' } }],
        template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', volumeMounts: [{ name: 'data', mountPath: '/data' }] }] } },
      },
    })],
    ['a policy that selects by an expression', () => changed('NetworkPolicy web', (each) => { each.spec.podSelector = { matchExpressions: [{ key: 'app', operator: 'Exists' }, { key: 'batch', operator: 'DoesNotExist' }] }; })],
  ])('passes: %s', (_, objects) => {
    expect(run('references', objects())).toMatchObject({ status: 'pass', findings: [] });
  });

  test('what another environment or namespace holds does not count', () => {
    const accounts = ['staging', 'dev'].map((environment) => place(
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web', namespace: environment === 'dev' ? 'other' : 'web' } }, { environment }));
    expectOne(run('references', [...without('ServiceAccount'), ...accounts]), 'dev: Deployment web/web', 'ServiceAccount web, which does not exist in web');
  });
});
