import { JsonPatch } from 'cdk8s';
import { describe, expect, test } from 'vitest';
import { PredictiveScaler, PredictiveScalerProps, requestsPerReplica, ServiceContract, WebService } from '../../../components';
import { readTrigger } from '../../../forecaster/service/scaler/trigger';
import { refusal, sampleContract, sampleOwnership } from '../../support/sample-service';
import { objectOf, synthChart } from '../../support/synth';

const DEMAND = { prometheus: 'http://prometheus.metrics.svc:9090', metric: 'tideline_demand', targetPercent: 80 };
const PROPS = { minReplicas: 2, maxReplicas: 9, cpuTargetPercent: 60, demand: DEMAND };

interface Changes {
  readonly props?: Partial<PredictiveScalerProps>;
  readonly contract?: Partial<ServiceContract>;
  readonly replicas?: number | 'scaled';
  readonly change?: (service: WebService) => void;
}
function synth({ props = {}, contract = {}, replicas = 'scaled', change = () => undefined }: Changes = {}) {
  return synthChart((chart) => {
    const target = new WebService(chart, 'sample', {
      ...sampleOwnership, contract: { ...sampleContract, ...contract }, namespace: 'samples', image: { name: 'a', tag: '1' }, replicas, settings: { address: 'x' },
    });
    change(target);
    new PredictiveScaler(chart, 'scaler', { target, ...PROPS, ...props });
  });
}
const scaledObject = (changes: Changes = {}) => objectOf(synth(changes), 'ScaledObject');
const BEHAVIOR = (stabilizationWindowSeconds: number) => ({
  scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }, { type: 'Pods', value: 4, periodSeconds: 15 }] },
  scaleDown: { stabilizationWindowSeconds, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
});

describe('PredictiveScaler with a demand signal', () => {
  test('scales the Deployment within its limits', () => {
    const { metadata, spec } = scaledObject();
    expect(metadata).toMatchObject({ name: 'sample', namespace: 'samples', labels: { 'tideline.dev/owner': 'crew' } });
    expect(spec).toMatchObject({ scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'sample' }, minReplicaCount: 2, maxReplicaCount: 9 });
  });

  test('keeps reactive CPU beside demand, so that the larger of the two wins', () => {
    expect(scaledObject().spec.triggers).toEqual([
      { type: 'cpu', metricType: 'Utilization', metadata: { value: '60' } },
      {
        type: 'prometheus', name: 'forecast-demand', metricType: 'AverageValue',
        metadata: {
          serverAddress: 'http://prometheus.metrics.svc:9090',
          query: 'max(tideline_demand{namespace="samples",service="sample",metric="requests"})',
          threshold: '14.4', // (1000 - 100) millicores x 80 % / 50 ms of CPU per request
          ignoreNullValues: 'false',
        },
      },
    ]);
  });

  test('falls to the least replicas when demand is missing, which leaves the decision to CPU', () => {
    expect(scaledObject().spec.fallback).toEqual({ failureThreshold: 3, replicas: 2 });
    expect(scaledObject({ props: { failureThreshold: 7, minReplicas: 4 } }).spec.fallback).toEqual({ failureThreshold: 7, replicas: 4 });
  });

  test('writes the behavior of Kubernetes out, with the given window for scaling down', () => {
    const { advanced } = scaledObject({ props: { scaleDownStabilizationSeconds: 45 } }).spec;
    expect(advanced).toEqual({ restoreToOriginalReplicaCount: false, horizontalPodAutoscalerConfig: { name: 'sample', behavior: BEHAVIOR(45) } });
  });

  test('leaves one writer of replicas', () => {
    expect(objectOf(synth(), 'Deployment').spec).not.toHaveProperty('replicas');
    expect(synth().some((object) => object.kind === 'HorizontalPodAutoscaler')).toBe(false);
  });
});

describe('PredictiveScaler that asks an external scaler', () => {
  const EXTERNAL = { source: 'external', address: 'forecaster.forecaster.svc:8082', targetPercent: 80 } as const;

  test('keeps reactive CPU beside it, and the fallback', () => {
    const { spec } = scaledObject({ props: { demand: EXTERNAL } });
    expect(spec.triggers).toEqual([
      { type: 'cpu', metricType: 'Utilization', metadata: { value: '60' } },
      {
        type: 'external-push', name: 'forecast-demand', metricType: 'AverageValue',
        metadata: { scalerAddress: 'forecaster.forecaster.svc:8082', namespace: 'samples', service: 'sample', metric: 'requests', target: '14.4' },
      },
    ]);
    expect(spec.fallback).toEqual({ failureThreshold: 3, replicas: 2 });
    expect(synth({ props: { demand: EXTERNAL } }).some((object) => object.kind === 'TriggerAuthentication')).toBe(false);
  });

  test('passes quantile and lead time on, in words that the scaler reads', () => {
    const { scalerMetadata, ...ref } = { name: 'sample', namespace: 'samples', scalerMetadata: scaledObject({ props: { demand: { ...EXTERNAL, quantile: 0.975, leadTimeSeconds: 420 } } }).spec.triggers[1].metadata };
    expect(readTrigger({ ...ref, scalerMetadata }, { quantile: 0.5, leadTimeSeconds: 30 })).toEqual({
      namespace: 'samples', service: 'sample', metric: 'requests', target: 14.4, quantile: 0.975, leadTimeSeconds: 420, metricName: 'tideline-demand-requests',
    });
  });

  test('identifies itself with a Secret that comes from elsewhere', () => {
    const objects = synth({ props: { demand: { ...EXTERNAL, clientCertificate: 'keda-client' } } });
    const { metadata, spec } = objectOf(objects, 'TriggerAuthentication');
    expect(metadata).toMatchObject({ name: 'sample-demand', namespace: 'samples', annotations: { 'tideline.dev/provided-elsewhere': 'Secret/keda-client' }, labels: { 'tideline.dev/owner': 'crew' } });
    expect(spec).toEqual({
      secretTargetRef: [
        { parameter: 'caCert', name: 'keda-client', key: 'ca.crt' }, { parameter: 'tlsClientCert', name: 'keda-client', key: 'tls.crt' }, { parameter: 'tlsClientKey', name: 'keda-client', key: 'tls.key' },
      ],
    });
    const [, trigger] = objectOf(objects, 'ScaledObject').spec.triggers;
    expect(trigger).toMatchObject({ authenticationRef: { name: 'sample-demand' }, metadata: { enableTLS: 'true' } });
  });

  test.each<[string, object, string]>([
    ['an address with a scheme', { address: 'http://forecaster.forecaster.svc:8082' }, 'demand.address | "http://forecaster.forecaster.svc:8082"'],
    ['an address without its port', { address: 'forecaster.forecaster.svc' }, 'demand.address | "forecaster.forecaster.svc"'],
    ['an address without its namespace', { address: 'forecaster:8082' }, 'demand.address | "forecaster:8082"'],
    ['a port that is none', { address: 'forecaster.forecaster.svc:0' }, 'demand.address | "forecaster.forecaster.svc:0"'],
    ['a quantile below the median', { quantile: 0.3 }, 'demand.quantile | 0.3'],
    ['a lead time beyond the horizon', { leadTimeSeconds: 7200 }, 'demand.leadTimeSeconds | 7200'],
    ['a Secret without a name', { clientCertificate: '' }, 'demand.clientCertificate | ""'],
  ])('refuses %s', (_, changes, fault) => {
    expect(refusal(() => synth({ props: { demand: { ...EXTERNAL, ...changes } } }))).toEqual([`test/scaler ${fault}`]);
  });
});

describe('PredictiveScaler without a demand signal', () => {
  test('is a plain autoscaler on CPU with the same limits and behavior', () => {
    const objects = synth({ props: { demand: undefined } });
    expect(objects.some((object) => object.kind === 'ScaledObject')).toBe(false);
    expect(objectOf(objects, 'HorizontalPodAutoscaler')).toMatchObject({
      apiVersion: 'autoscaling/v2',
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'sample' }, minReplicas: 2, maxReplicas: 9, behavior: BEHAVIOR(300),
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } }],
      },
    });
  });

  test('needs no work in the contract', () => {
    expect(objectOf(synth({ props: { demand: undefined }, contract: { work: undefined } }), 'HorizontalPodAutoscaler').spec.maxReplicas).toBe(9);
  });
});

describe('requestsPerReplica', () => {
  const of = (contract: Partial<ServiceContract>, target: number) => {
    let result = NaN;
    synthChart((chart) => {
      result = requestsPerReplica(new WebService(chart, 's', {
        ...sampleOwnership, contract: { ...sampleContract, ...contract }, namespace: 'n', image: { name: 'a', tag: '1' }, replicas: 1, settings: { address: 'x' },
      }), target);
    });
    return result;
  };

  test('is the target share of what is left beyond idling, over the cost of a request', () => {
    expect(of({}, 100)).toBe(18);
    expect(of({}, 50)).toBe(9);
    expect(of({ work: { cpuSecondsPerRequest: 7, idleCpuMillicores: 0 } }, 10)).toBe(0.0142857); // digits of a heavy request survive
  });

  test('is not a number without work', () => {
    expect(of({ work: undefined }, 80)).toBeNaN();
  });
});

describe('PredictiveScaler refuses', () => {
  const cases: [string, Changes, string][] = [
    ['a minimum above the maximum', { props: { minReplicas: 10 } }, 'maxReplicas | 9'],
    ['no replica at least', { props: { minReplicas: 0 } }, 'minReplicas | 0'],
    ['half a replica', { props: { maxReplicas: 2.5 } }, 'maxReplicas | 2.5'],
    ['a CPU target that leaves no room', { props: { cpuTargetPercent: 100 } }, 'cpuTargetPercent | 100'],
    ['a negative window', { props: { scaleDownStabilizationSeconds: -1 } }, 'scaleDownStabilizationSeconds | -1'],
    ['a window longer than Kubernetes takes', { props: { scaleDownStabilizationSeconds: 3601 } }, 'scaleDownStabilizationSeconds | 3601'],
    ['a fallback after no failure', { props: { failureThreshold: 0 } }, 'failureThreshold | 0'],
    ['demand above what a replica can do', { props: { demand: { ...DEMAND, targetPercent: 101 } } }, 'demand.targetPercent | 101'],
    ['an address that is none', { props: { demand: { ...DEMAND, prometheus: 'prometheus:9090' } } }, 'demand.prometheus | "prometheus:9090"'],
    ['a metric that changes the query', { props: { demand: { ...DEMAND, metric: 'up) or vector(1' } } }, 'demand.metric | "up) or vector(1"'],
    ['demand for a service whose work is not known', { contract: { work: undefined } }, 'demand | "a target whose contract names no work"'],
    ['demand for a service that only idles', { contract: { work: { cpuSecondsPerRequest: 0.1, idleCpuMillicores: 1000 } } }, 'demand | "a target whose CPU request leaves nothing for requests"'],
    ['requests that cost nothing', { contract: { work: { cpuSecondsPerRequest: 0, idleCpuMillicores: 0 } } }, 'demand | "a target whose CPU request leaves nothing for requests"'],
  ];
  test.each(cases)('%s', (_, changes, fault) => {
    expect(refusal(() => synth(changes))).toEqual([`test/scaler ${fault}`]);
  });

  test('everything that is wrong, at once', () => {
    expect(refusal(() => synth({ props: { minReplicas: 0, cpuTargetPercent: 5, demand: { ...DEMAND, targetPercent: 1 } } }))).toHaveLength(3);
  });

  test('nothing at the bounds', () => {
    const bounds = { minReplicas: 1, maxReplicas: 1, cpuTargetPercent: 95, scaleDownStabilizationSeconds: 0, failureThreshold: 1, demand: { ...DEMAND, targetPercent: 100 } };
    expect(scaledObject({ props: bounds }).spec).toMatchObject({ minReplicaCount: 1, maxReplicaCount: 1 });
  });

  test('at synth, a target that names replicas too', () => {
    expect(() => synth({ replicas: 2 })).toThrow(/\[test\/scaler\] the Deployment names replicas \(2\), and so does its scaler; allowed: one writer; set replicas: 'scaled'/);
  });

  test('at synth, a target without a CPU request, also when it was patched away', () => {
    const remove = (service: WebService) => service.deployment.addJsonPatch(JsonPatch.remove('/spec/template/spec/containers/0/resources/requests/cpu'));
    expect(() => synth({ change: remove })).toThrow(/\[test\/scaler\] container sample has no CPU request/);
    const sidecar = (service: WebService) => service.deployment.addJsonPatch(JsonPatch.add('/spec/template/spec/containers/-', { name: 'sidecar', image: 'b:1' }));
    expect(() => synth({ change: sidecar })).toThrow(/container sidecar has no CPU request/);
  });
});
