import { describe, expect, it } from 'vitest';
import { ServiceContract, WebService, WebServiceProps } from '../../../components';
import { refusal, sampleContract, sampleOwnership } from '../../support/sample-service';
import { objectOf, synthChart } from '../../support/synth';

const contract: ServiceContract = sampleContract;
const PROPS: WebServiceProps = {
  ...sampleOwnership, contract, namespace: 'samples', image: { name: 'registry.example/sample', tag: '1.2.3' }, replicas: 2,
  settings: { address: 'world', token: { secret: 'sample', key: 'token' } },
};
const synth = (changes: Partial<WebServiceProps> = {}) => synthChart((chart) => new WebService(chart, 'service', { ...PROPS, ...changes }));
const podOf = (changes: Partial<WebServiceProps> = {}) => objectOf(synth(changes), 'Deployment').spec.template.spec;
const containerOf = (changes: Partial<WebServiceProps> = {}) => podOf(changes).containers[0];
const refused = (changes: Partial<WebServiceProps>) => refusal(() => synth(changes));

const LABELS = {
  'app.kubernetes.io/name': 'sample',
  'app.kubernetes.io/component': 'service',
  'app.kubernetes.io/part-of': 'tideline',
  'app.kubernetes.io/managed-by': 'argocd',
  'tideline.dev/owner': 'crew',
  'tideline.dev/environment': 'dev',
  'tideline.dev/cost-centre': 'research',
};

describe('a web service', () => {
  it('is these objects, each named after the contract and in the namespace', () => {
    const objects = synth();
    expect(objects.map((object) => object.kind).sort()).toEqual(['Deployment', 'NetworkPolicy', 'PodDisruptionBudget', 'Service', 'ServiceAccount']);
    for (const object of objects) expect(object.metadata).toMatchObject({ name: 'sample', namespace: 'samples' });
  });

  it('names its owner on every object and on its pods, and selects by what never changes', () => {
    const objects = synth();
    for (const kind of ['Deployment', 'NetworkPolicy', 'PodDisruptionBudget', 'Service', 'ServiceAccount']) expect(objectOf(objects, kind).metadata.labels).toEqual(LABELS);
    const { selector, template } = objectOf(objects, 'Deployment').spec;
    expect(template.metadata.labels).toEqual(LABELS);
    expect(selector).toEqual({ matchLabels: { 'app.kubernetes.io/name': 'sample' } });
    expect(objectOf(objects, 'Service').spec.selector).toEqual({ 'app.kubernetes.io/name': 'sample' });
  });

  it('runs the image, by digest where it is known', () => {
    expect(containerOf().image).toBe('registry.example/sample:1.2.3');
    const digest = `sha256:${'0'.repeat(64)}`;
    expect(containerOf({ image: { name: 'registry.example/sample', tag: '1.2.3', digest } }).image).toBe(`registry.example/sample:1.2.3@${digest}`);
  });

  it('probes what the contract names, and gives a slow start three times its usual length', () => {
    const { startupProbe, livenessProbe, readinessProbe } = containerOf();
    expect(startupProbe).toEqual({ httpGet: { path: '/started', port: 'http' }, timeoutSeconds: 2, periodSeconds: 5, failureThreshold: 12 });
    expect(livenessProbe).toEqual({ httpGet: { path: '/alive', port: 'http' }, timeoutSeconds: 2, periodSeconds: 10, failureThreshold: 3 });
    expect(readinessProbe).toEqual({ httpGet: { path: '/ready', port: 'http' }, timeoutSeconds: 2, periodSeconds: 5, failureThreshold: 2 });
  });

  it.each([[0, 3], [5, 3], [15, 9], [16, 10]])('waits for a start of %i s through %i probes', (startupSeconds, failureThreshold) => {
    expect(containerOf({ contract: { ...contract, startupSeconds } }).startupProbe.failureThreshold).toBe(failureThreshold);
  });

  it('requests and is limited to what the contract says', () => {
    expect(containerOf().resources).toEqual({ requests: { cpu: '1000m', memory: '100Mi' }, limits: { cpu: '2000m', memory: '200Mi' } });
  });

  it('meets the Pod Security level restricted, without an API token', () => {
    const pod = podOf();
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod.containers[0].securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: { drop: ['ALL'] } });
    expect(pod).toMatchObject({ serviceAccountName: 'sample', automountServiceAccountToken: false, enableServiceLinks: false });
    expect(objectOf(synth(), 'ServiceAccount').automountServiceAccountToken).toBe(false);
  });

  it('stays while endpoints forget it, and stops in time after that', () => {
    const pod = podOf();
    expect(pod.containers[0].lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(5);
  });

  it('never has less than its replicas while it is rolled out', () => {
    expect(objectOf(synth(), 'Deployment').spec.strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } });
    expect(objectOf(synth(), 'Deployment').spec.minReadySeconds).toBe(10); // one that dies right after its start replaces nobody
  });

  it('spreads over zones and nodes, but starts where it cannot', () => {
    expect(podOf().topologySpreadConstraints).toEqual(['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
      maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'sample' } },
    })));
  });

  it('may be disrupted one pod at a time, which one replica can too', () => {
    expect(objectOf(synth({ replicas: 1 }), 'PodDisruptionBudget').spec).toEqual({ selector: { matchLabels: { 'app.kubernetes.io/name': 'sample' } }, maxUnavailable: 1 });
  });

  it('serves its port as port 80, under a name', () => {
    expect(containerOf().ports).toEqual([{ name: 'http', containerPort: 9000, protocol: 'TCP' }]);
    expect(objectOf(synth(), 'Service').spec.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }]);
  });

  it('opens the port for gRPC too, where that is asked for', () => {
    const props = { contract: { ...sampleContract, grpcPort: 9001 } as ServiceContract };
    expect(containerOf(props).ports).toHaveLength(1);
    expect(containerOf({ ...props, grpc: true }).ports[1]).toEqual({ name: 'grpc', containerPort: 9001, protocol: 'TCP' });
    expect(objectOf(synth({ ...props, grpc: true }), 'Service').spec.ports[1]).toEqual({ name: 'grpc', port: 9001, targetPort: 'grpc', protocol: 'TCP' });
  });

  it('cannot open a port for gRPC that the contract does not name, or that is taken', () => {
    expect(refused({ grpc: true })).toEqual(['test/service grpc | a contract without grpcPort']);
    for (const grpcPort of [9000, 80, 70_000, 1.5]) expect(refused({ contract: { ...sampleContract, grpcPort } })).toEqual([`test/service contract.grpcPort | ${grpcPort}`]);
  });

  it('mounts Secrets as folders, and says that they come from elsewhere', () => {
    const objects = synth({ secretFiles: [{ secret: 'pair', path: '/certificates' }] });
    const { metadata, spec } = objectOf(objects, 'Deployment');
    expect(spec.template.spec.volumes.slice(1)).toEqual([{ name: 'secret-0', secret: { secretName: 'pair' } }]);
    expect(spec.template.spec.containers[0].volumeMounts.slice(1)).toEqual([{ name: 'secret-0', mountPath: '/certificates', readOnly: true }]);
    expect(metadata.annotations?.['tideline.dev/provided-elsewhere']?.split(',')).toContain('Secret/pair');
  });

  it('tells Prometheus where its metrics are', () => {
    expect(objectOf(synth(), 'Deployment').spec.template.metadata.annotations)
      .toEqual({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9000', 'prometheus.io/path': '/stats' });
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
    expect(refused({ replicas })).toEqual([`test/service replicas | ${replicas}`]);
  });
});

describe('the settings of a web service', () => {
  it('become environment variables; a secret is named, not written', () => {
    expect(containerOf({ settings: { ...PROPS.settings, level: 'debug' } }).env).toEqual([
      { name: 'SAMPLE_ADDRESS', value: 'world' },
      { name: 'SAMPLE_TOKEN', valueFrom: { secretKeyRef: { name: 'sample', key: 'token' } } },
      { name: 'SAMPLE_LEVEL', value: 'debug' },
    ]);
  });

  it('that have a fallback may be left out', () => {
    expect(containerOf().env.map((each: { name: string }) => each.name)).toEqual(['SAMPLE_ADDRESS', 'SAMPLE_TOKEN']);
  });

  it('may be none at all for a contract that asks for none', () => {
    expect(containerOf({ contract: { ...contract, settings: {} }, settings: undefined }).env ?? []).toEqual([]);
  });

  it('name the Secrets that must be provided elsewhere, each once and in order', () => {
    expect(objectOf(synth(), 'Deployment').metadata.annotations).toEqual({ 'tideline.dev/provided-elsewhere': 'Secret/sample' });
    const settings = { address: { secret: 'zone', key: 'address' }, token: { secret: 'sample', key: 'token' }, level: { secret: 'sample', key: 'level' } };
    expect(objectOf(synth({ settings }), 'Deployment').metadata.annotations).toEqual({ 'tideline.dev/provided-elsewhere': 'Secret/sample,Secret/zone' });
  });

  it('leave the annotation out where there is no Secret', () => {
    expect(objectOf(synth({ settings: { address: 'world' } }), 'Deployment').metadata).not.toHaveProperty('annotations');
  });

  it('refuse a secret as plain text, without repeating it', () => {
    const build = () => synth({ settings: { address: 'world', token: 'hunter2' } });
    expect(refusal(build)).toEqual(['test/service settings.token | a secret as plain text']);
    expect(build).toThrow('allowed: { secret, key }; do: name the Secret that holds it');
    expect(build).not.toThrow('hunter2');
  });

  it('are refused all at once: unknown, missing, a secret, replicas', () => {
    const build = () => synth({ settings: { colour: 'red', size: 'L', token: 'hunter2' }, replicas: -1 });
    expect(refusal(build)).toEqual([
      'test/service settings.colour | "colour"', 'test/service settings.size | "size"', 'test/service settings.token | a secret as plain text',
      'test/service settings.address | nothing', 'test/service replicas | -1',
    ]);
    expect(build).toThrow("allowed: where it connects to; do: give 'address': the service does not start without it");
    expect(build).toThrow('allowed: level, address, token; do: use a key of the contract');
  });
});

describe('the contract of a web service', () => {
  const cases: [string, Partial<ServiceContract>, string][] = [
    ['a name that is no DNS label', { name: 'Sample' }, 'name | "Sample"'],
    ['a name that is too long', { name: 's'.repeat(64) }, `name | "${'s'.repeat(64)}"`],
    ['a port that only root may open', { port: 80 }, 'port | 80'],
    ['a port that does not exist', { port: 65536 }, 'port | 65536'],
    ['a probe that is no path', { probes: { ...contract.probes, readiness: 'ready' } }, 'probes.readiness | "ready"'],
    ['metrics at no path', { metricsPath: '' }, 'metricsPath | ""'],
    ['a start that takes less than no time', { startupSeconds: -1 }, 'startupSeconds | -1'],
    ['a start that never ends', { startupSeconds: Infinity }, 'startupSeconds | Infinity'],
    ['less CPU than is requested', { resources: { ...contract.resources, cpuLimitMillicores: 999 } }, 'resources.cpuLimitMillicores | 999'],
    ['less memory than is requested', { resources: { ...contract.resources, memoryLimitMiB: 99 } }, 'resources.memoryLimitMiB | 99'],
  ];
  it.each(cases)('may not promise %s', (_, change, fault) => {
    expect(refused({ contract: { ...contract, ...change } })).toEqual([`test/service contract.${fault}`]);
  });

  it('may go to the bounds', () => {
    const bounds = { name: 's'.repeat(63), port: 1024, resources: { cpuRequestMillicores: 1, cpuLimitMillicores: 1, memoryRequestMiB: 1, memoryLimitMiB: 1 }, startupSeconds: 0 };
    expect(containerOf({ contract: { ...contract, ...bounds } }).ports[0].containerPort).toBe(1024);
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
    ports: [{ protocol: 'TCP', port: 9000 }],
  };

  it('lets Prometheus in and nobody else, and out only to resolve names', () => {
    const { podSelector, policyTypes, ingress, egress } = policyOf();
    expect(podSelector).toEqual({ matchLabels: { 'app.kubernetes.io/name': 'sample' } });
    expect(policyTypes).toEqual(['Ingress', 'Egress']);
    expect(ingress).toEqual([scraper]);
    expect(egress).toHaveLength(1);
    expect(egress[0].ports.map(({ port }: { port: number }) => port)).toEqual([53, 53]);
  });

  it('knows a Prometheus of another namespace', () => {
    expect(policyOf({ metricsNamespace: 'monitoring' }).ingress[0].from[0].namespaceSelector).toEqual({ matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } });
  });

  it('lets callers in and callees out, as they are named', () => {
    const { ingress, egress } = policyOf({ callers: [{ peer: { namespace: 'web', name: 'portal' }, port: 9000 }], callees: [{ port: 5432 }] });
    expect(ingress).toEqual([scraper, {
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'web' } }, podSelector: { matchLabels: { 'app.kubernetes.io/name': 'portal' } } }],
      ports: [{ protocol: 'TCP', port: 9000 }],
    }]);
    expect(egress.slice(1)).toEqual([{ ports: [{ protocol: 'TCP', port: 5432 }] }]);
  });
});

describe('a web service with a volume', () => {
  const volume = { path: '/state', sizeGiB: 2, storageClass: 'encrypted' };
  const settings = { ...PROPS.settings, address: { podName: true } as const };
  const objects = synth({ volume, settings });
  const { metadata, spec } = objectOf(objects, 'StatefulSet');

  it('is a StatefulSet whose pods have a name of their own in DNS', () => {
    expect(objects.map((object) => `${object.kind} ${object.metadata.name}`).sort())
      .toEqual(['NetworkPolicy sample', 'PodDisruptionBudget sample', 'Service sample', 'Service sample-pods', 'ServiceAccount sample', 'StatefulSet sample']);
    expect(objectOf(objects, 'Service', 'sample-pods').spec).toMatchObject({ clusterIP: 'None', selector: { 'app.kubernetes.io/name': 'sample' } });
    expect(spec.serviceName).toBe('sample-pods');
    expect(metadata).toEqual(objectOf(synth(), 'Deployment').metadata);
    expect(spec).toMatchObject({ replicas: 2, podManagementPolicy: 'Parallel', minReadySeconds: 10, updateStrategy: { type: 'RollingUpdate' } });
  });

  it('keeps what a replica wrote for as long as there is that replica', () => {
    expect(spec.volumeClaimTemplates).toEqual([{
      metadata: { name: 'own', labels: LABELS }, spec: { accessModes: ['ReadWriteOncePod'], storageClassName: 'encrypted', resources: { requests: { storage: '2Gi' } } },
    }]);
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: 'Delete', whenScaled: 'Delete' });
    expect(objectOf(synth({ volume: { path: '/state', sizeGiB: 2 } }), 'StatefulSet').spec.volumeClaimTemplates[0].spec).not.toHaveProperty('storageClassName');
  });

  it('can write there and nowhere else; its pods are what those of a Deployment are', () => {
    const [container] = spec.template.spec.containers;
    expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
    expect(container.volumeMounts).toEqual([{ name: 'tmp', mountPath: '/tmp' }, { name: 'own', mountPath: '/state' }]);
    const plain = podOf({ settings });
    plain.containers[0].volumeMounts.push({ name: 'own', mountPath: '/state' });
    expect(spec.template.spec).toEqual(plain);
  });

  it('can tell a replica its name', () => {
    expect(spec.template.spec.containers[0].env).toContainEqual({ name: 'SAMPLE_ADDRESS', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } });
  });

  it('is refused where a scaler owns the replicas, where the folder is none, and where a name would be a secret', () => {
    expect(refused({ volume, replicas: 'scaled' }).join()).toContain("a volume and replicas 'scaled'");
    for (const wrong of [{ path: 'state', sizeGiB: 1 }, { path: '/', sizeGiB: 1 }, { path: '/state', sizeGiB: 0 }]) expect(refused({ volume: wrong }).join()).toContain('service volume');
    expect(refused({ settings: { ...PROPS.settings, token: { podName: true } } }).join()).toContain('a secret as plain text');
  });
});
