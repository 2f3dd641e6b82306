import { describe, expect, it } from 'vitest';
import { ServiceContract, WebService, WebServiceProps } from '../../../components';
import { objectOf, synthChart } from '../../support/synth';
import { contract, faultsOf, patched, serviceProps } from '../support';

const synth = (changes: Partial<WebServiceProps> = {}) => synthChart((chart) => new WebService(chart, 'orders', { ...serviceProps, ...changes }));
const podOf = (changes: Partial<WebServiceProps> = {}) => objectOf(synth(changes), 'Deployment').spec.template.spec;
const containerOf = (changes: Partial<WebServiceProps> = {}) => podOf(changes).containers[0];
const refused = (changes: object) => faultsOf(() => synth(changes as Partial<WebServiceProps>));

const LABELS = {
  'app.kubernetes.io/name': 'orders',
  'app.kubernetes.io/component': 'service',
  'app.kubernetes.io/part-of': 'tideline',
  'app.kubernetes.io/managed-by': 'argocd',
  'tideline.dev/owner': 'shop',
  'tideline.dev/environment': 'dev',
  'tideline.dev/cost-centre': 'engineering',
};

describe('a web service', () => {
  it('is these objects, each named after the contract and in the namespace', () => {
    const objects = synth();
    expect(objects.map((object) => object.kind).sort()).toEqual(['Deployment', 'NetworkPolicy', 'PodDisruptionBudget', 'Service', 'ServiceAccount']);
    for (const object of objects) expect(object.metadata).toMatchObject({ name: 'orders', namespace: 'shop' });
  });

  it('names its owner on every object and on its pods, and selects by what never changes', () => {
    const objects = synth();
    for (const kind of ['Deployment', 'PodDisruptionBudget', 'Service', 'ServiceAccount']) expect(objectOf(objects, kind).metadata.labels).toEqual(LABELS);
    const { selector, template } = objectOf(objects, 'Deployment').spec;
    expect(template.metadata.labels).toEqual(LABELS);
    expect(selector).toEqual({ matchLabels: { 'app.kubernetes.io/name': 'orders' } });
    expect(objectOf(objects, 'Service').spec.selector).toEqual({ 'app.kubernetes.io/name': 'orders' });
  });

  it('runs the image, by digest where it is known', () => {
    expect(containerOf().image).toBe('registry.example/orders:1.2.3');
    const digest = `sha256:${'0'.repeat(64)}`;
    expect(containerOf({ image: { name: 'registry.example/orders', tag: '1.2.3', digest } }).image).toBe(`registry.example/orders:1.2.3@${digest}`);
  });

  it('probes what the contract names, and gives a slow start three times its usual length', () => {
    const { startupProbe, livenessProbe, readinessProbe } = containerOf();
    expect(startupProbe).toEqual({ httpGet: { path: '/started', port: 'http' }, timeoutSeconds: 2, periodSeconds: 5, failureThreshold: 36 });
    expect(livenessProbe).toEqual({ httpGet: { path: '/alive', port: 'http' }, timeoutSeconds: 2, periodSeconds: 10, failureThreshold: 3 });
    expect(readinessProbe).toEqual({ httpGet: { path: '/ready', port: 'http' }, timeoutSeconds: 2, periodSeconds: 5, failureThreshold: 2 });
  });

  it.each([[0, 3], [5, 3], [15, 9], [16, 10]])('waits for a start of %i s through %i probes', (startupSeconds, failureThreshold) => {
    expect(containerOf({ contract: { ...contract, startupSeconds } }).startupProbe.failureThreshold).toBe(failureThreshold);
  });

  it('requests and is limited to what the contract says', () => {
    expect(containerOf().resources).toEqual({ requests: { cpu: '500m', memory: '192Mi' }, limits: { cpu: '750m', memory: '384Mi' } });
  });

  it('meets the Pod Security level restricted, without an API token', () => {
    const pod = podOf();
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod.containers[0].securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: { drop: ['ALL'] } });
    expect(pod).toMatchObject({ serviceAccountName: 'orders', automountServiceAccountToken: false, enableServiceLinks: false });
    expect(objectOf(synth(), 'ServiceAccount').automountServiceAccountToken).toBe(false);
  });

  it('stays while endpoints forget it, and stops in time after that', () => {
    const pod = podOf();
    expect(pod.containers[0].lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(5);
  });

  it('never has less than its replicas while it is rolled out', () => {
    expect(objectOf(synth(), 'Deployment').spec.strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } });
  });

  it('spreads over zones and nodes, but starts where it cannot', () => {
    expect(podOf().topologySpreadConstraints).toEqual(['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
      maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'orders' } },
    })));
  });

  it('may be disrupted one pod at a time, which one replica can too', () => {
    expect(objectOf(synth({ replicas: 1 }), 'PodDisruptionBudget').spec).toEqual({ selector: { matchLabels: { 'app.kubernetes.io/name': 'orders' } }, maxUnavailable: 1 });
  });

  it('serves its port as port 80, under a name', () => {
    expect(containerOf().ports).toEqual([{ name: 'http', containerPort: 8080, protocol: 'TCP' }]);
    expect(objectOf(synth(), 'Service').spec.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }]);
  });

  it('tells Prometheus where its metrics are', () => {
    expect(objectOf(synth(), 'Deployment').spec.template.metadata.annotations)
      .toEqual({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080', 'prometheus.io/path': '/numbers' });
  });
});

describe('the replicas of a web service', () => {
  it.each([0, 1, 7])('are written down: %i', (replicas) => {
    expect(objectOf(synth({ replicas }), 'Deployment').spec.replicas).toBe(replicas);
  });

  it('are left out where a scaler writes them', () => {
    expect(objectOf(synth({ replicas: 'scaled' }), 'Deployment').spec).not.toHaveProperty('replicas');
  });

  it.each([-1, 1.5, NaN, Infinity])('are refused when they are no count: %d', (replicas) => {
    expect(refused({ replicas })).toEqual([{ where: 'test/orders replicas', got: String(replicas), allowed: "a whole number from 0, or 'scaled'", do: "set 'replicas'" }]);
  });
});

describe('the settings of a web service', () => {
  it('become environment variables; a secret is named, not written', () => {
    expect(containerOf({ settings: { ...serviceProps.settings, level: 'debug' } }).env).toEqual([
      { name: 'ORDERS_CURRENCY', value: 'EUR' },
      { name: 'ORDERS_TOKEN', valueFrom: { secretKeyRef: { name: 'orders', key: 'token' } } },
      { name: 'ORDERS_LEVEL', value: 'debug' },
    ]);
  });

  it('that have a fallback may be left out', () => {
    expect(containerOf().env.map((each: { name: string }) => each.name)).toEqual(['ORDERS_CURRENCY', 'ORDERS_TOKEN']);
  });

  it('may be none at all for a contract that asks for none', () => {
    expect(containerOf({ contract: { ...contract, settings: {} }, settings: undefined }).env ?? []).toEqual([]);
  });

  it('name the Secrets that must be provided elsewhere, each once and in order', () => {
    expect(objectOf(synth(), 'Deployment').metadata.annotations).toEqual({ 'tideline.dev/provided-elsewhere': 'Secret/orders' });
    const settings = { currency: { secret: 'zone', key: 'currency' }, token: { secret: 'orders', key: 'token' }, level: { secret: 'orders', key: 'level' } };
    expect(objectOf(synth({ settings }), 'Deployment').metadata.annotations).toEqual({ 'tideline.dev/provided-elsewhere': 'Secret/orders,Secret/zone' });
  });

  it('leave the annotation out where there is no Secret', () => {
    const open: ServiceContract = { ...contract, settings: { currency: contract.settings.currency! } };
    expect(objectOf(synth({ contract: open, settings: { currency: 'EUR' } }), 'Deployment').metadata).not.toHaveProperty('annotations');
  });

  it('refuse a secret as plain text, without repeating it', () => {
    const faults = refused({ settings: { currency: 'EUR', token: 'hunter2' } });
    expect(faults).toEqual([{ where: 'test/orders settings.token', got: 'a secret as plain text', allowed: '{ secret, key }', do: 'name the Secret that holds it' }]);
    expect(JSON.stringify(faults)).not.toContain('hunter2');
  });

  it('are refused all at once: unknown, missing, a secret, replicas', () => {
    const faults = refused({ settings: { colour: 'red', size: 'L', token: 'hunter2' }, replicas: -1 });
    expect(faults.map((fault) => `${fault.where}: ${fault.got}`)).toEqual([
      'test/orders settings.colour: "colour"', 'test/orders settings.size: "size"', 'test/orders settings.token: a secret as plain text',
      'test/orders settings.currency: nothing', 'test/orders replicas: -1',
    ]);
    expect(faults[0]).toMatchObject({ allowed: 'currency, token, level', do: 'use a key of the contract' });
    expect(faults[3]).toMatchObject({ allowed: 'ISO 4217 code', do: "give 'currency': the service does not start without it" });
  });
});

describe('the files of a web service', () => {
  it('are a small scratch folder and nothing else, unless it is given some', () => {
    const pod = podOf();
    expect(pod.volumes).toEqual([{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }]);
    expect(pod.containers[0].volumeMounts).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
  });

  it('may be ConfigMaps, which it cannot write', () => {
    const pod = podOf({ config: [{ configMap: 'models', path: '/etc/models' }, { configMap: 'rates', path: '/etc/rates' }] });
    expect(pod.volumes.slice(1)).toEqual([{ name: 'config-0', configMap: { name: 'models' } }, { name: 'config-1', configMap: { name: 'rates' } }]);
    expect(pod.containers[0].volumeMounts.slice(1)).toEqual([
      { name: 'config-0', mountPath: '/etc/models', readOnly: true }, { name: 'config-1', mountPath: '/etc/rates', readOnly: true },
    ]);
  });
});

describe('the nodes of a web service', () => {
  it('are any, unless it is kept to a pool', () => {
    expect(podOf()).not.toHaveProperty('nodeSelector');
    expect(podOf({ nodePool: 'burst' }).nodeSelector).toEqual({ 'tideline.dev/pool': 'burst' });
  });
});

describe('the network policy of a web service', () => {
  const policyOf = (changes: Partial<WebServiceProps> = {}) => objectOf(synth(changes), 'NetworkPolicy').spec;
  const scraper = {
    from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'observability' } }, podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } } }],
    ports: [{ protocol: 'TCP', port: 8080 }],
  };

  it('lets Prometheus in, and nobody else', () => {
    expect(policyOf()).toEqual({ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'orders' } }, policyTypes: ['Ingress'], ingress: [scraper] });
  });

  it('knows a Prometheus of another namespace', () => {
    expect(policyOf({ metricsNamespace: 'monitoring' }).ingress[0].from[0].namespaceSelector).toEqual({ matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } });
  });

  it('lets callers in and callees out, as they are named', () => {
    const { policyTypes, ingress, egress } = policyOf({ callers: [{ peer: { namespace: 'web', name: 'portal' }, port: 8080 }], callees: [{ port: 5432 }] });
    expect(policyTypes).toEqual(['Ingress', 'Egress']);
    expect(ingress).toEqual([scraper, {
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'web' } }, podSelector: { matchLabels: { 'app.kubernetes.io/name': 'portal' } } }],
      ports: [{ protocol: 'TCP', port: 8080 }],
    }]);
    expect(egress).toEqual([{ ports: [{ protocol: 'TCP', port: 5432 }] }]);
  });
});

describe('a web service can be patched, with fields younger than our types too', () => {
  it.each(['deployment', 'service', 'serviceAccount', 'disruptionBudget', 'networkPolicy'] as const)('%s', (part) => {
    expect(patched((chart) => new WebService(chart, 'orders', serviceProps)[part]).fromTheFuture).toEqual({ kept: true });
  });
});
