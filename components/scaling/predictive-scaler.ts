import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Fault, refuse, show } from '../../base/faults';
import { labelsOf, PROVIDED_ELSEWHERE } from '../labels';
import type { WebService } from '../workload/web-service';

/** Demand that is published as a metric and asked of Prometheus. */
export interface PrometheusDemand {
  /** @default prometheus */
  readonly source?: 'prometheus';
  /** Address of a Prometheus HTTP API, e.g. `http://prometheus.observability.svc:9090`. */
  readonly prometheus: string;
  /** Name of the demand metric; queried with the labels `namespace`, `service` and `metric="requests"`. */
  readonly metric: string;
  /** Share of a replica's capacity that forecast demand may fill, percent. */
  readonly targetPercent: number;
}

/** Demand that KEDA asks of an external scaler, over gRPC. */
export interface ExternalDemand {
  readonly source: 'external';
  /** Where the scaler listens, e.g. `forecaster.forecaster.svc:8082`. KEDA resolves it, so the namespace must be in it. */
  readonly address: string;
  /** Share of a replica's capacity that forecast demand may fill, percent. */
  readonly targetPercent: number;
  /** How far ahead demand looks, seconds. @default - what the scaler takes */
  readonly leadTimeSeconds?: number;
  /** Quantile of the forecast that is provisioned for. @default - what the scaler takes */
  readonly quantile?: number;
  /**
   * Secret of the target's namespace with `tls.crt`, `tls.key` and the scaler's authority `ca.crt`: KEDA's identity towards the scaler.
   *
   * @default - plaintext
   */
  readonly clientCertificate?: string;
}

/** Where forecast demand is asked for. */
export type DemandSignal = PrometheusDemand | ExternalDemand;

/** Props of {@link PredictiveScaler}. */
export interface PredictiveScalerProps {
  readonly target: WebService;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** CPU utilisation of requests at which replicas are added, percent: the reactive side, always there. */
  readonly cpuTargetPercent: number;
  /** Forecast demand beside CPU, the larger wins. @default - none: a plain HorizontalPodAutoscaler on CPU */
  readonly demand?: DemandSignal;
  /** How long the largest recommendation holds before replicas are removed, seconds. @default 300 */
  readonly scaleDownStabilizationSeconds?: number;
  /** Failed demand queries in a row before the fallback applies. @default 3 */
  readonly failureThreshold?: number;
}

/**
 * Requests per second that one replica may be given so that they fill the target share of the CPU it requests beyond what it takes idle.
 *
 * @returns NaN for a service whose contract names no `work`
 */
export function requestsPerReplica(target: WebService, targetPercent: number): number {
  const { work, resources } = target.props.contract;
  if (!work) return NaN;
  const usable = ((resources.cpuRequestMillicores - work.idleCpuMillicores) / 1000) * (targetPercent / 100);
  return Number((usable / work.cpuSecondsPerRequest).toPrecision(6)); // digits that mean something, however heavy a request is
}

/**
 * Scales a service on CPU and, if given, on forecast demand.
 *
 * The forecast is published as demand, never as replicas; Kubernetes' own autoscaler turns both signals into replicas and takes the larger.
 * A wrong, late or missing forecast can therefore never scale below what CPU alone asks for: the fallback is the least number of replicas,
 * which leaves the decision to CPU.
 *
 * @throws FaultError when limits or targets contradict each other; at synth when the target names replicas itself or has no CPU request
 */
export class PredictiveScaler extends Construct {
  /** The ScaledObject, or the HorizontalPodAutoscaler where there is no demand signal. */
  readonly apiObject: ApiObject;

  constructor(scope: Construct, id: string, props: PredictiveScalerProps) {
    super(scope, id);
    refuse(`the scaler of ${props.target.props.contract.name} cannot be built`, this.faults(props));
    this.node.addValidation({ validate: () => targetProblems(props.target) });
    this.apiObject = props.demand ? this.scaledObject(props, props.demand) : this.autoscaler(props);
  }

  private faults(props: PredictiveScalerProps): Fault[] {
    const faults: Fault[] = [];
    const check: Check = (fits, prop, got, allowed) => {
      if (!fits) faults.push({ where: `${this.node.path} ${prop}`, got: show(got), allowed, do: `set '${prop}' on PredictiveScaler` });
    };
    check(whole(props.minReplicas, 1), 'minReplicas', props.minReplicas, 'a whole number from 1');
    check(whole(props.maxReplicas, props.minReplicas), 'maxReplicas', props.maxReplicas, `a whole number from minReplicas (${props.minReplicas})`);
    check(whole(props.cpuTargetPercent, 10, 95), 'cpuTargetPercent', props.cpuTargetPercent, 'a whole number of percent from 10 to 95');
    check(whole(props.scaleDownStabilizationSeconds ?? 300, 0, 3600), 'scaleDownStabilizationSeconds', props.scaleDownStabilizationSeconds, 'a whole number of seconds from 0 to 3600');
    check(whole(props.failureThreshold ?? 3, 1, 1000), 'failureThreshold', props.failureThreshold, 'a whole number from 1 to 1000');
    if (props.demand) {
      check(props.demand.targetPercent >= 10 && props.demand.targetPercent <= 100, 'demand.targetPercent', props.demand.targetPercent, '10 to 100 percent');
      sourceFaults(props.demand, check);
      const perReplica = requestsPerReplica(props.target, 75);
      check(!Number.isNaN(perReplica), 'demand', 'a target whose contract names no work', 'a contract with cpuSecondsPerRequest');
      check(Number.isNaN(perReplica) || (perReplica > 0 && Number.isFinite(perReplica)), 'demand', 'a target whose CPU request leaves nothing for requests', 'a CPU request above idleCpuMillicores, and cpuSecondsPerRequest above 0');
    }
    return faults;
  }

  private behavior(props: PredictiveScalerProps) {
    return {
      // What Kubernetes does when nothing is said, written out so that a reader and the rehearsal see it.
      scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }, { type: 'Pods', value: 4, periodSeconds: 15 }] },
      scaleDown: { stabilizationWindowSeconds: props.scaleDownStabilizationSeconds ?? 300, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
    };
  }

  private scaledObject(props: PredictiveScalerProps, demand: DemandSignal): ApiObject {
    const { contract, namespace } = props.target.props;
    return new ApiObject(this, 'Resource', {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: { name: contract.name, namespace, labels: labelsOf(contract.name, props.target.props, 'scaler') },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: contract.name },
        minReplicaCount: props.minReplicas,
        maxReplicaCount: props.maxReplicas,
        pollingInterval: 15,
        fallback: { failureThreshold: props.failureThreshold ?? 3, replicas: props.minReplicas },
        advanced: { restoreToOriginalReplicaCount: false, horizontalPodAutoscalerConfig: { name: contract.name, behavior: this.behavior(props) } },
        triggers: [
          { type: 'cpu', metricType: 'Utilization', metadata: { value: String(props.cpuTargetPercent) } },
          { name: 'forecast-demand', metricType: 'AverageValue', ...this.trigger(props.target, demand) },
        ],
      },
    });
  }

  private trigger(target: WebService, demand: DemandSignal) {
    const { contract, namespace } = target.props;
    const threshold = String(requestsPerReplica(target, demand.targetPercent));
    if (demand.source !== 'external') {
      return {
        type: 'prometheus',
        metadata: {
          serverAddress: demand.prometheus,
          query: `max(${demand.metric}{namespace="${namespace}",service="${contract.name}",metric="requests"})`,
          threshold,
          ignoreNullValues: 'false', // an absent forecast is a failure that the fallback answers, never a demand of 0
        },
      };
    }
    if (demand.clientCertificate !== undefined) this.authentication(target, demand.clientCertificate);
    return {
      // The pushing kind: KEDA leaves a metric out of the autoscaler whose target it cannot ask for, and only this kind brings it back by itself.
      type: 'external-push',
      metadata: {
        scalerAddress: demand.address,
        ...(demand.clientCertificate === undefined ? {} : { enableTLS: 'true' }),
        namespace,
        service: contract.name,
        metric: 'requests',
        target: threshold,
        ...(demand.quantile === undefined ? {} : { quantile: String(demand.quantile) }),
        ...(demand.leadTimeSeconds === undefined ? {} : { leadTimeSeconds: String(demand.leadTimeSeconds) }),
      },
      ...(demand.clientCertificate === undefined ? {} : { authenticationRef: { name: authenticationName(target) } }),
    };
  }

  private authentication(target: WebService, secret: string): void {
    const { contract, namespace } = target.props;
    new ApiObject(this, 'Authentication', {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'TriggerAuthentication',
      metadata: {
        name: authenticationName(target), namespace, labels: labelsOf(contract.name, target.props, 'scaler'), annotations: { [PROVIDED_ELSEWHERE]: `Secret/${secret}` },
      },
      spec: {
        secretTargetRef: [['caCert', 'ca.crt'], ['tlsClientCert', 'tls.crt'], ['tlsClientKey', 'tls.key']].map(([parameter, key]) => ({ parameter, name: secret, key })),
      },
    });
  }

  private autoscaler(props: PredictiveScalerProps): ApiObject {
    const { contract, namespace } = props.target.props;
    return new ApiObject(this, 'Resource', k8s.KubeHorizontalPodAutoscalerV2.manifest({
      metadata: { name: contract.name, namespace, labels: labelsOf(contract.name, props.target.props, 'scaler') },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: contract.name },
        minReplicas: props.minReplicas,
        maxReplicas: props.maxReplicas,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: props.cpuTargetPercent } } }],
        behavior: this.behavior(props),
      },
    }));
  }
}

type Check = (fits: boolean, prop: string, got: unknown, allowed: string) => void;

function sourceFaults(demand: DemandSignal, check: Check): void {
  if (demand.source !== 'external') {
    check(/^https?:$/.test(protocolOf(demand.prometheus)), 'demand.prometheus', demand.prometheus, 'an http or https address');
    check(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(demand.metric), 'demand.metric', demand.metric, 'a metric name: letters, digits, _ and :');
    return;
  }
  const port = Number(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+:(\d{1,5})$/.exec(demand.address)?.[3]);
  check(port >= 1 && port <= 65535, 'demand.address', demand.address, 'name.namespace.svc:port, without a scheme');
  const { quantile = 0.9, leadTimeSeconds = 300, clientCertificate = 'a' } = demand;
  check(quantile >= 0.5 && quantile <= 0.99, 'demand.quantile', quantile, '0.5 to 0.99');
  check(whole(leadTimeSeconds, 30, 3600), 'demand.leadTimeSeconds', leadTimeSeconds, 'a whole number of seconds from 30 to 3600');
  check(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(clientCertificate), 'demand.clientCertificate', clientCertificate, 'the name of a Secret');
}

function authenticationName(target: WebService): string {
  return `${target.props.contract.name}-demand`;
}

function protocolOf(address: string): string {
  return URL.canParse(address) ? new URL(address).protocol : '';
}

function whole(value: number, min: number, max = Infinity): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

function targetProblems(target: WebService): string[] {
  interface Container { readonly name: string; readonly resources?: { readonly requests?: { readonly cpu?: unknown } } }
  const { spec } = target.deployment.toJson() as { spec: { replicas?: number; template: { spec: { containers: Container[] } } } };
  const problems: string[] = [];
  if (spec.replicas !== undefined) {
    problems.push(`the Deployment names replicas (${spec.replicas}), and so does its scaler; allowed: one writer; set replicas: 'scaled' on WebService`);
  }
  for (const container of spec.template.spec.containers) {
    if (container.resources?.requests?.cpu === undefined) {
      problems.push(`container ${container.name} has no CPU request, so utilisation has no meaning; allowed: a CPU request on every container; set it in the contract's resources`);
    }
  }
  return problems;
}
