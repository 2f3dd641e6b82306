import { expect } from 'vitest';
import { check, Check, FullCheck, KubernetesObject, ManifestObject, Rule, rules, Synthesized, TerraformStack } from '../../verify';

/** A JSON object that a test changes as it likes. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test states the shape by what it changes
export type Loose = Record<string, any>;

const REPOSITORY = 'https://github.com/example/platform.git';
const LABELS = { 'tideline.dev/owner': 'shop', 'tideline.dev/environment': 'dev', 'tideline.dev/cost-centre': 'engineering' };
export const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** Where an object is put. */
export interface Placement {
  /** @default 'web' */
  readonly application?: string;
  /** @default 1 */
  readonly wave?: number;
  /** @default 'dev' */
  readonly environment?: string;
}

export function place(object: Loose, { application: folder = 'web', wave = 1, environment = 'dev' }: Placement = {}): ManifestObject {
  return { file: `${environment}/${folder}/${String(object.kind).toLowerCase()}-${object.metadata?.name}.yaml`, environment, application: folder, wave, object: object as KubernetesObject };
}

export function application(name: string, wave: number, change: (object: Loose) => void = () => undefined): Loose {
  const object: Loose = {
    apiVersion: 'argoproj.io/v1alpha1', kind: 'Application',
    metadata: { name, namespace: 'argocd', labels: LABELS, annotations: { 'argocd.argoproj.io/sync-wave': String(wave) } },
    spec: {
      source: { repoURL: REPOSITORY, targetRevision: 'main', path: `dist/dev/${name === 'dev-root' ? 'delivery' : name}` },
      syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['RespectIgnoreDifferences=true'] },
      ignoreDifferences: [{ group: 'apps', kind: 'Deployment', name: 'web', namespace: 'web', jsonPointers: ['/spec/replicas'] }],
    },
  };
  change(object);
  return object;
}

/** A container that nothing can be said against. */
export function container(): Loose {
  return {
    name: 'web', image: `registry.example/web:1.0.0@${DIGEST}`, ports: [{ name: 'http', containerPort: 8080 }],
    env: [{ name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'web', key: 'greeting' } } }],
    resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '64Mi' } },
    livenessProbe: { httpGet: { path: '/healthz', port: 'http' } }, readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  };
}

/** A pod template that nothing can be said against. */
export function podTemplate(): Loose {
  return {
    metadata: { labels: { ...LABELS, app: 'web' } },
    spec: {
      serviceAccountName: 'web', automountServiceAccountToken: false, securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [container()], volumes: [{ name: 'tmp', emptyDir: {} }],
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' }],
    },
  };
}

const inWeb = (apiVersion: string, kind: string, rest: Loose, name = 'web'): Loose => ({ apiVersion, kind, metadata: { name, namespace: 'web', labels: LABELS }, ...rest });

/** One service in one environment, as the charts make it: every rule that applies to it passes. */
export function healthy(): ManifestObject[] {
  const first = { application: 'namespaces', wave: 0 };
  return [
    place({ ...application('dev-root', 0) }, { application: 'root', wave: -2 }),
    place(application('namespaces', 0), { application: 'delivery', wave: -1 }),
    place(application('web', 1), { application: 'delivery', wave: -1 }),
    place({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web', labels: { ...LABELS, 'pod-security.kubernetes.io/enforce': 'restricted' } } }, first),
    place(inWeb('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } }, 'default-deny'), first),
    place(inWeb('apps/v1', 'Deployment', { spec: { selector: { matchLabels: { app: 'web' } }, template: podTemplate() } })),
    place(inWeb('v1', 'Service', { spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] } })),
    place(inWeb('v1', 'ServiceAccount', { automountServiceAccountToken: false })),
    place(inWeb('v1', 'ConfigMap', { data: { greeting: 'hello' } })),
    place(inWeb('policy/v1', 'PodDisruptionBudget', { spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } } })),
    place(inWeb('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'], ingress: [] } })),
    place(inWeb('autoscaling/v2', 'HorizontalPodAutoscaler', { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 5 } })),
  ];
}

/** {@link healthy} with one object changed: `Kind`, or `Kind name`. */
export function changed(which: string, change: (object: Loose) => void, objects: readonly ManifestObject[] = healthy()): ManifestObject[] {
  const [kind, name] = which.split(' ');
  const found = objects.find(({ object }) => object.kind === kind && (name === undefined || object.metadata.name === name));
  if (!found) throw new Error(`the fixture holds no ${which}`);
  const copy = structuredClone(found.object) as Loose;
  change(copy);
  return objects.map((each) => (each === found ? { ...each, object: copy as KubernetesObject } : each));
}

/** {@link healthy} without some objects. */
export function without(...titles: readonly string[]): ManifestObject[] {
  const kept = healthy().filter(({ object }) => !titles.includes(object.kind) && !titles.includes(`${object.kind} ${object.metadata.name}`));
  if (kept.length === healthy().length) throw new Error(`the fixture holds none of ${titles.join(', ')}`);
  return kept;
}

export function stack(json: Loose, name = 'dev-cluster'): TerraformStack {
  return { name, file: `${name}/cdk.tf.json`, json };
}

export function rule(id: string): Rule {
  const found = rules.find((each) => each.id === id);
  if (!found) throw new Error(`no rule ${id}`);
  return found;
}

/** Runs one rule. */
export function run(id: string, objects: readonly ManifestObject[], stacks: readonly TerraformStack[] = []): FullCheck {
  const synthesized: Synthesized = { objects, stacks };
  return check(rule(id), synthesized);
}

/** Expects exactly one finding, with four filled parts, at `where`, whose `got` holds the words. */
export function expectOne(result: Check, where: string, got: string): void {
  expect(result.status).toBe('fail');
  expect(result.findings.map((finding) => `${finding.where}: ${finding.got}`)).toEqual([expect.stringContaining(got)]);
  const [finding] = result.findings;
  expect(finding!.where).toContain(where);
  expect(Object.keys(finding!).sort()).toEqual(['allowed', 'do', 'got', 'where']);
  for (const part of Object.values(finding!)) expect(part.trim()).not.toBe('');
}
