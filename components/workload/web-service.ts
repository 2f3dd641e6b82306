import { ApiObject, JsonPatch } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Fault, refuse, show } from '../../base/faults';
import { LABEL_PREFIX, labelsOf, Ownership, PROVIDED_ELSEWHERE, selectorOf } from '../labels';
import { Allow, Flow } from '../network/allow';
import { imageOf, ImageReference } from './image';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from './pod-security';
import type { ServiceContract } from './service-contract';

/** Where a setting's value comes from: said here, a Secret (only ever named, never written down), or the name of the pod. */
export type SettingSource = string | { readonly secret: string; readonly key: string } | { readonly podName: true };

/** A ConfigMap that is mounted as a folder. */
export interface MountedConfig {
  readonly configMap: string;
  /** Absolute path of the folder. */
  readonly path: string;
}

/** A Secret that is mounted as a folder; its values come from the secret store. */
export interface MountedSecret {
  readonly secret: string;
  /** Absolute path of the folder. */
  readonly path: string;
}

/** A volume that each replica has to itself and finds again after a restart. What is on it can be rebuilt: it goes with its replica. */
export interface OwnVolume {
  /** Absolute path of the folder; the only one besides /tmp that can be written. */
  readonly path: string;
  /** Gibibytes. */
  readonly sizeGiB: number;
  /** StorageClass, e.g. one that encrypts. @default - the cluster's own choice */
  readonly storageClass?: string;
}

/** Props of {@link WebService}. */
export interface WebServiceProps extends Ownership {
  readonly contract: ServiceContract;
  readonly namespace: string;
  readonly image: ImageReference;
  /** Replicas, or `scaled` where a scaler owns them: the Deployment then names none, so that there is one writer. */
  readonly replicas: number | 'scaled';
  /** Values of the contract's settings, by the contract's key. A setting that is left out keeps the service's own default. @default - none */
  readonly settings?: Readonly<Record<string, SettingSource>>;
  /** ConfigMaps it reads from files. @default - none */
  readonly config?: readonly MountedConfig[];
  /** Secrets it reads from files, e.g. certificates that are renewed while it runs. @default - none */
  readonly secretFiles?: readonly MountedSecret[];
  /** Makes it a StatefulSet: replicas are numbered, `<name>-0` and so on, and each has its volume. Cannot be scaled by a scaler. @default - a Deployment, nothing is kept */
  readonly volume?: OwnVolume;
  /** Whether the contract's `grpcPort` is open on the pods and the Service. @default false */
  readonly grpc?: boolean;
  /** Who may call it; Prometheus in `metricsNamespace` always may. @default - nobody else */
  readonly callers?: readonly Flow[];
  /** Whom it may call, besides name resolution. @default - nobody */
  readonly callees?: readonly Flow[];
  /** Namespace of the Prometheus that scrapes it. @default observability */
  readonly metricsNamespace?: string;
  /** Node pool it is kept to. @default - any node */
  readonly nodePool?: string;
}

/**
 * A service behind HTTP, as the platform wants every service: probes, requests and limits, restricted pod security, no API token, spread over zones,
 * a disruption budget, a network policy that allows what was said and nothing else, and its owner on every object.
 *
 * @throws FaultError naming whatever the contract promises that Kubernetes refuses, every setting it does not know, every one it cannot start without and every
 * secret given as plain text
 */
export class WebService extends Construct {
  /** The Deployment, or the StatefulSet where there is a volume. */
  readonly deployment: ApiObject;
  readonly service: ApiObject;
  readonly serviceAccount: ApiObject;
  readonly disruptionBudget: ApiObject;
  readonly networkPolicy: ApiObject;
  readonly props: WebServiceProps;

  constructor(scope: Construct, id: string, props: WebServiceProps) {
    super(scope, id);
    this.props = props;
    const { contract, namespace } = props;
    refuse(`the service ${contract.name} cannot be built`, [...contractFaults(this.node.path, contract), ...settingFaults(this.node.path, props)]);

    const labels = labelsOf(contract.name, props);
    const metadata = { name: contract.name, namespace, labels };
    // Objects are made of `manifest()`, never of the typed classes: those drop every field younger than their types when they are rendered, patches included.
    this.serviceAccount = new ApiObject(this, 'ServiceAccount', k8s.KubeServiceAccount.manifest({ metadata, automountServiceAccountToken: false }));
    const named = [...Object.values(props.settings ?? {}).flatMap((source) => (typeof source !== 'string' && 'secret' in source ? [source.secret] : [])), ...(props.secretFiles ?? []).map(({ secret }) => secret)];
    const secrets = [...new Set(named.map((name) => `Secret/${name}`))].sort();
    const workload = { ...metadata, ...(secrets.length > 0 ? { annotations: { [PROVIDED_ELSEWHERE]: secrets.join(',') } } : {}) };
    const common = {
      ...(props.replicas === 'scaled' ? {} : { replicas: props.replicas }),
      selector: { matchLabels: selectorOf(contract.name) },
      revisionHistoryLimit: 5,
      minReadySeconds: 10, // a pod that dies right after its start never takes the place of a good one
      template: { metadata: { labels, annotations: this.podAnnotations() }, spec: this.podSpec() },
    };
    this.deployment = props.volume ? this.statefulSet(workload, common, props.volume, labels) : new ApiObject(this, 'Resource', k8s.KubeDeployment.manifest({
      metadata: workload,
      spec: { ...common, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: k8s.IntOrString.fromString('25%'), maxUnavailable: k8s.IntOrString.fromNumber(0) } } },
    }));
    // Endpoints are taken out while the container still serves, so that no request is sent to a closed port.
    // The sleep action is stable since Kubernetes 1.34, younger than the types of cdk8s-plus-28.
    this.deployment.addJsonPatch(JsonPatch.add('/spec/template/spec/containers/0/lifecycle', { preStop: { sleep: { seconds: 5 } } }));
    this.service = new ApiObject(this, 'Service', k8s.KubeService.manifest({
      metadata,
      spec: { selector: selectorOf(contract.name), ports: this.servicePorts() },
    }));
    // With one replica a budget of minAvailable 1 would block every node drain; maxUnavailable 1 never does.
    this.disruptionBudget = new ApiObject(this, 'DisruptionBudget', k8s.KubePodDisruptionBudget.manifest({
      metadata, spec: { selector: { matchLabels: selectorOf(contract.name) }, maxUnavailable: k8s.IntOrString.fromNumber(1) },
    }));
    const scraper: Flow = { peer: { namespace: props.metricsNamespace ?? 'observability', name: 'prometheus' }, port: contract.port };
    this.networkPolicy = new Allow(this, 'NetworkPolicy', { namespace, name: contract.name, labels, from: [scraper, ...(props.callers ?? [])], to: props.callees }).apiObject;
  }

  private statefulSet(
    metadata: k8s.ObjectMeta & { readonly name: string; readonly namespace: string },
    common: Omit<k8s.StatefulSetSpec, 'serviceName'>,
    { sizeGiB, storageClass }: OwnVolume,
    labels: Record<string, string>,
  ): ApiObject {
    // Gives each pod a name of its own in DNS, so that one of them can be asked.
    const serviceName = `${metadata.name}-pods`;
    new ApiObject(this, 'PodService', k8s.KubeService.manifest({
      metadata: { name: serviceName, namespace: metadata.namespace, labels },
      spec: { clusterIp: 'None', selector: selectorOf(metadata.name), ports: this.servicePorts() },
    }));
    const set = new ApiObject(this, 'Resource', k8s.KubeStatefulSet.manifest({
      metadata,
      spec: {
        ...common,
        serviceName,
        podManagementPolicy: 'Parallel', // replicas do not wait for each other
        updateStrategy: { type: 'RollingUpdate' },
        volumeClaimTemplates: [{
          metadata: { name: VOLUME, labels },
          spec: {
            accessModes: ['ReadWriteOncePod'],
            ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
            resources: { requests: { storage: k8s.Quantity.fromString(`${sizeGiB}Gi`) } },
          },
        }],
      },
    }));
    // Stable since Kubernetes 1.32, younger than the types of cdk8s-plus-28.
    set.addJsonPatch(JsonPatch.add('/spec/persistentVolumeClaimRetentionPolicy', { whenDeleted: 'Delete', whenScaled: 'Delete' }));
    return set;
  }

  private servicePorts(): k8s.ServicePort[] {
    const { contract, grpc } = this.props;
    return [
      { name: 'http', port: 80, targetPort: k8s.IntOrString.fromString('http'), protocol: 'TCP' },
      ...(grpc ? [{ name: 'grpc', port: contract.grpcPort!, targetPort: k8s.IntOrString.fromString('grpc'), protocol: 'TCP' }] : []),
    ];
  }

  private podAnnotations(): Record<string, string> {
    const { contract } = this.props;
    return { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(contract.port), 'prometheus.io/path': contract.metricsPath };
  }

  private podSpec(): k8s.PodSpec {
    const { contract, config = [], secretFiles = [], grpc, nodePool, volume } = this.props;
    const probe = (path: string): k8s.Probe => ({ httpGet: { path, port: k8s.IntOrString.fromString('http') }, timeoutSeconds: 2 });
    const spread = (topologyKey: string): k8s.TopologySpreadConstraint => ({
      maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: selectorOf(contract.name) },
    });
    const { resources } = contract;
    return {
      serviceAccountName: contract.name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: RESTRICTED_POD,
      terminationGracePeriodSeconds: 30,
      topologySpreadConstraints: [spread('topology.kubernetes.io/zone'), spread('kubernetes.io/hostname')],
      ...(nodePool ? { nodeSelector: { [`${LABEL_PREFIX}/pool`]: nodePool } } : {}),
      containers: [{
        name: contract.name,
        image: imageOf(this.props.image),
        ports: [{ name: 'http', containerPort: contract.port, protocol: 'TCP' }, ...(grpc ? [{ name: 'grpc', containerPort: contract.grpcPort!, protocol: 'TCP' }] : [])],
        env: this.environmentVariables(),
        securityContext: RESTRICTED_CONTAINER,
        resources: {
          requests: { cpu: k8s.Quantity.fromString(`${resources.cpuRequestMillicores}m`), memory: k8s.Quantity.fromString(`${resources.memoryRequestMiB}Mi`) },
          limits: { cpu: k8s.Quantity.fromString(`${resources.cpuLimitMillicores}m`), memory: k8s.Quantity.fromString(`${resources.memoryLimitMiB}Mi`) },
        },
        // The start-up probe gives a slow start three times its usual length before the liveness probe may judge.
        startupProbe: { ...probe(contract.probes.startup), periodSeconds: 5, failureThreshold: Math.max(3, Math.ceil((contract.startupSeconds * 3) / 5)) },
        livenessProbe: { ...probe(contract.probes.liveness), periodSeconds: 10, failureThreshold: 3 },
        readinessProbe: { ...probe(contract.probes.readiness), periodSeconds: 5, failureThreshold: 2 },
        volumeMounts: [
          { name: 'tmp', mountPath: '/tmp' },
          ...(volume ? [{ name: VOLUME, mountPath: volume.path }] : []),
          ...config.map((mount, index) => ({ name: `config-${index}`, mountPath: mount.path, readOnly: true })),
          ...secretFiles.map((mount, index) => ({ name: `secret-${index}`, mountPath: mount.path, readOnly: true })),
        ],
      }],
      volumes: [
        { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } },
        ...config.map((mount, index) => ({ name: `config-${index}`, configMap: { name: mount.configMap } })),
        ...secretFiles.map((mount, index) => ({ name: `secret-${index}`, secret: { secretName: mount.secret } })),
      ],
    };
  }

  private environmentVariables(): k8s.EnvVar[] {
    const { contract, settings = {} } = this.props;
    return Object.entries(settings).map(([key, source]) => {
      const name = contract.settings[key]!.env;
      if (typeof source === 'string') return { name, value: source };
      if ('podName' in source) return { name, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };
      return { name, valueFrom: { secretKeyRef: { name: source.secret, key: source.key } } };
    });
  }
}

/** Name of the volume in the pod. */
const VOLUME = 'own';

const DNS_LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** What Kubernetes would refuse, or the restricted level does not permit. The CPU request is left to whoever needs it: a scaler. */
function contractFaults(path: string, contract: ServiceContract): Fault[] {
  const faults: Fault[] = [];
  const check = (fits: boolean, key: string, got: unknown, allowed: string) => {
    if (!fits) faults.push({ where: `${path} contract.${key}`, got: show(got), allowed, do: `mend '${key}' in the service's contract` });
  };
  check(DNS_LABEL.test(contract.name), 'name', contract.name, 'a DNS label of at most 63 characters that starts with a letter');
  check(Number.isInteger(contract.port) && contract.port > 1023 && contract.port <= 65535, 'port', contract.port, 'a whole number from 1024 to 65535: lower ones need a right the container does not have');
  const { grpcPort } = contract;
  check(grpcPort === undefined || (Number.isInteger(grpcPort) && grpcPort > 1023 && grpcPort <= 65535 && grpcPort !== contract.port), 'grpcPort', grpcPort, `a whole number from 1024 to 65535 other than port (${contract.port})`);
  for (const [probe, at] of Object.entries(contract.probes)) check(at.startsWith('/'), `probes.${probe}`, at, 'a path that starts with /');
  check(contract.metricsPath.startsWith('/'), 'metricsPath', contract.metricsPath, 'a path that starts with /');
  check(contract.startupSeconds >= 0 && Number.isFinite(contract.startupSeconds), 'startupSeconds', contract.startupSeconds, 'seconds from 0');
  const { cpuRequestMillicores, cpuLimitMillicores, memoryRequestMiB, memoryLimitMiB } = contract.resources;
  check(cpuLimitMillicores > 0 && cpuRequestMillicores <= cpuLimitMillicores, 'resources.cpuLimitMillicores', cpuLimitMillicores, `at least cpuRequestMillicores (${cpuRequestMillicores})`);
  check(memoryLimitMiB > 0 && memoryRequestMiB <= memoryLimitMiB, 'resources.memoryLimitMiB', memoryLimitMiB, `at least memoryRequestMiB (${memoryRequestMiB})`);
  return faults;
}

function settingFaults(path: string, props: WebServiceProps): Fault[] {
  const faults: Fault[] = [];
  const known = props.contract.settings;
  for (const [key, source] of Object.entries(props.settings ?? {})) {
    const setting = known[key];
    if (!setting) faults.push({ where: `${path} settings.${key}`, got: show(key), allowed: Object.keys(known).join(', '), do: 'use a key of the contract' });
    else if (setting.secret && (typeof source === 'string' || 'podName' in source)) faults.push({ where: `${path} settings.${key}`, got: 'a secret as plain text', allowed: '{ secret, key }', do: 'name the Secret that holds it' });
  }
  for (const [key, setting] of Object.entries(known)) {
    if (setting.fallback === undefined && props.settings?.[key] === undefined) {
      faults.push({ where: `${path} settings.${key}`, got: 'nothing', allowed: setting.description, do: `give '${key}': the service does not start without it` });
    }
  }
  if (props.grpc && props.contract.grpcPort === undefined) {
    faults.push({ where: `${path} grpc`, got: 'a contract without grpcPort', allowed: 'a contract that names it', do: "name 'grpcPort' in the contract, or leave 'grpc' out" });
  }
  if (props.volume && props.replicas === 'scaled') {
    faults.push({ where: `${path} volume`, got: "a volume and replicas 'scaled'", allowed: 'one of them', do: 'name the replicas, or keep nothing' });
  }
  if (props.volume && !(props.volume.path.startsWith('/') && props.volume.path !== '/' && Number.isFinite(props.volume.sizeGiB) && props.volume.sizeGiB > 0)) {
    faults.push({ where: `${path} volume`, got: show(props.volume), allowed: 'an absolute path below / and gibibytes above 0', do: "correct 'volume'" });
  }
  if (props.replicas !== 'scaled' && !(Number.isInteger(props.replicas) && props.replicas >= 0)) {
    faults.push({ where: `${path} replicas`, got: show(props.replicas), allowed: "a whole number from 0, or 'scaled'", do: "set 'replicas'" });
  }
  return faults;
}
