import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Fault, refuse, show } from '../../base/faults';
import { labelsOf } from '../labels';
import type { WebService } from '../workload/web-service';

/** Where forecast demand is asked for. */
export interface DemandSignal {
  /** Address of a Prometheus HTTP API, e.g. `http://prometheus.observability.svc:9090`. */
  readonly prometheus: string;
  /** Name of the demand metric; queried with the labels `namespace`, `service` and `metric="requests"`. */
  readonly metric: string;
  /** Share of a replica's capacity that forecast demand may fill, percent. */
  readonly targetPercent: number;
}

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
    const check = (fits: boolean, prop: string, got: unknown, allowed: string) => {
      if (!fits) faults.push({ where: `${this.node.path} ${prop}`, got: show(got), allowed, do: `set '${prop}' on PredictiveScaler` });
    };
    check(whole(props.minReplicas, 1), 'minReplicas', props.minReplicas, 'a whole number from 1');
    check(whole(props.maxReplicas, props.minReplicas), 'maxReplicas', props.maxReplicas, `a whole number from minReplicas (${props.minReplicas})`);
    check(whole(props.cpuTargetPercent, 10, 95), 'cpuTargetPercent', props.cpuTargetPercent, 'a whole number of percent from 10 to 95');
    check(whole(props.scaleDownStabilizationSeconds ?? 300, 0, 3600), 'scaleDownStabilizationSeconds', props.scaleDownStabilizationSeconds, 'a whole number of seconds from 0 to 3600');
    check(whole(props.failureThreshold ?? 3, 1, 1000), 'failureThreshold', props.failureThreshold, 'a whole number from 1 to 1000');
    if (props.demand) {
      check(props.demand.targetPercent >= 10 && props.demand.targetPercent <= 100, 'demand.targetPercent', props.demand.targetPercent, '10 to 100 percent');
      check(/^https?:$/.test(protocolOf(props.demand.prometheus)), 'demand.prometheus', props.demand.prometheus, 'an http or https address');
      check(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(props.demand.metric), 'demand.metric', props.demand.metric, 'a metric name: letters, digits, _ and :');
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
          {
            type: 'prometheus',
            name: 'forecast-demand',
            metricType: 'AverageValue',
            metadata: {
              serverAddress: demand.prometheus,
              query: `max(${demand.metric}{namespace="${namespace}",service="${contract.name}",metric="requests"})`,
              threshold: String(requestsPerReplica(props.target, demand.targetPercent)),
              ignoreNullValues: 'false', // an absent forecast is a failure that the fallback answers, never a demand of 0
            },
          },
        ],
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
