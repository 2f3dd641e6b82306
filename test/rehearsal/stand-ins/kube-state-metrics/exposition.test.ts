import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { FaultError } from '../../../../base/faults';
import { FAMILIES } from '../../../../charts/observability/kube-state-metrics';
import { Exposition } from '../../../../rehearsal/stand-ins/kube-state-metrics/exposition';
import { readFlags } from '../../../../rehearsal/stand-ins/kube-state-metrics/flags';
import type { Pod } from '../../../../rehearsal/stand-ins/kube-state-metrics/pod';
import { quantityOf } from '../../../../rehearsal/stand-ins/kube-state-metrics/quantity';
import { objectOf } from '../../../support/synth';
import { objectsOf } from '../../../charts/manifests';

const args: readonly string[] = objectOf(objectsOf('dev', 'kube-state-metrics/'), 'Deployment').spec.template.spec.containers[0].args;
const flags = readFlags(args);
const pod: Pod = {
  metadata: { name: 'web-1', namespace: 'shop', uid: 'u-1', labels: { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/part-of': 'tideline', 'pod-template-hash': 'x' } },
  spec: { nodeName: 'node-a', containers: [{ name: 'web', resources: { requests: { cpu: '250m', memory: '64Mi' }, limits: { memory: '128Mi', 'nvidia.com/gpu': '1' } } }, { name: 'idle' }] },
  status: { conditions: [{ type: 'PodScheduled', status: 'True' }, { type: 'Ready', status: 'True' }] },
};

function pageOf(...pods: readonly Pod[]): string[] {
  const exposition = new Exposition(flags.families, flags.podLabels);
  exposition.replace(pods);
  return exposition.page().split('\n').filter((line) => !line.startsWith('#') && line !== '');
}

describe('the page', () => {
  // Pods and lines of upstream's own tests at this version, internal/store/pod_test.go. The order of labels means nothing.
  it('shows the pods of upstream\'s tests as upstream does', () => {
    const resources = { cpu: '200m', memory: '100M', 'ephemeral-storage': '300M', storage: '400M', 'nvidia.com/gpu': '1' };
    const theirs: Pod = {
      metadata: { name: 'pod1', namespace: 'ns1', uid: 'uid1' },
      spec: { containers: [{ name: 'pod1_con1', resources: { requests: resources, limits: resources } }, { name: 'pod1_con2', resources: { requests: { cpu: '300m', memory: '200M' } } }] },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    };
    const labelled: Pod = { metadata: { name: 'pod1', namespace: 'ns1', uid: 'uid2', labels: { app: 'example' } }, spec: { containers: [] } };
    const exposition = new Exposition(flags.families, ['app']);
    exposition.replace([theirs, labelled]);
    const sorted = (lines: readonly string[]) => lines.filter((line) => line.startsWith('kube')).map((line) => {
      const [, name, labels, value] = /^(\w+)\{(.*)\} (.*)$/.exec(line)!;
      return `${name}{${labels!.split(',').sort().join(',')}} ${Number(value)}`;
    }).sort();
    const asked = (kind: string) => [
      `kube_pod_container_resource_${kind}{container="pod1_con1",namespace="ns1",node="",pod="pod1",resource="cpu",unit="core",uid="uid1"} 0.2`,
      `kube_pod_container_resource_${kind}{container="pod1_con1",namespace="ns1",node="",pod="pod1",resource="ephemeral_storage",unit="byte",uid="uid1"} 3e+08`,
      `kube_pod_container_resource_${kind}{container="pod1_con1",namespace="ns1",node="",pod="pod1",resource="memory",unit="byte",uid="uid1"} 1e+08`,
      `kube_pod_container_resource_${kind}{container="pod1_con1",namespace="ns1",node="",pod="pod1",resource="nvidia_com_gpu",unit="integer",uid="uid1"} 1`,
      `kube_pod_container_resource_${kind}{container="pod1_con1",namespace="ns1",node="",pod="pod1",resource="storage",unit="byte",uid="uid1"} 4e+08`,
    ];
    expect(sorted(exposition.page().split('\n'))).toEqual(sorted([
      ...asked('limits'),
      ...asked('requests'),
      'kube_pod_container_resource_requests{container="pod1_con2",namespace="ns1",node="",pod="pod1",resource="cpu",unit="core",uid="uid1"} 0.3',
      `kube_pod_container_resource_requests{container="pod1_con2",namespace="ns1",node="",pod="pod1",resource="memory",unit="byte",uid="uid1"} 2e+08`,
      'kube_pod_labels{label_app="example",namespace="ns1",pod="pod1",uid="uid2"} 1',
      'kube_pod_labels{namespace="ns1",pod="pod1",uid="uid1"} 1',
      'kube_pod_status_ready{condition="false",namespace="ns1",pod="pod1",uid="uid1"} 0',
      'kube_pod_status_ready{condition="true",namespace="ns1",pod="pod1",uid="uid1"} 1',
      'kube_pod_status_ready{condition="unknown",namespace="ns1",pod="pod1",uid="uid1"} 0',
    ]));
  });

  it('shows what the Deployment asks for of a pod of ours', () => {
    expect(pageOf(pod)).toEqual([
      'kube_pod_container_resource_limits{namespace="shop",pod="web-1",uid="u-1",container="web",node="node-a",resource="memory",unit="byte"} 134217728',
      'kube_pod_container_resource_limits{namespace="shop",pod="web-1",uid="u-1",container="web",node="node-a",resource="nvidia_com_gpu",unit="integer"} 1',
      'kube_pod_container_resource_requests{namespace="shop",pod="web-1",uid="u-1",container="web",node="node-a",resource="cpu",unit="core"} 0.25',
      'kube_pod_container_resource_requests{namespace="shop",pod="web-1",uid="u-1",container="web",node="node-a",resource="memory",unit="byte"} 67108864',
      'kube_pod_labels{namespace="shop",pod="web-1",uid="u-1",label_app_kubernetes_io_name="web",label_app_kubernetes_io_part_of="tideline"} 1',
      'kube_pod_status_ready{namespace="shop",pod="web-1",uid="u-1",condition="true"} 1',
      'kube_pod_status_ready{namespace="shop",pod="web-1",uid="u-1",condition="false"} 0',
      'kube_pod_status_ready{namespace="shop",pod="web-1",uid="u-1",condition="unknown"} 0',
    ]);
  });

  it('says of each family what it is, once', () => {
    const exposition = new Exposition(flags.families, flags.podLabels);
    exposition.replace([pod, { ...pod, metadata: { ...pod.metadata, name: 'web-2', uid: 'u-2' } }]);
    expect(exposition.page().split('\n').filter((line) => line.startsWith('# TYPE'))).toEqual(FAMILIES.map((family) => `# TYPE ${family} gauge`));
  });

  it('shows what is known of a pod that has just been made', () => {
    const fresh: Pod = { metadata: { name: 'new', namespace: 'shop', uid: 'u-3' }, spec: { containers: [{ name: 'web', resources: { requests: { cpu: '1', memory: 'plenty' } } }] } };
    expect(pageOf(fresh)).toEqual([
      'kube_pod_container_resource_requests{namespace="shop",pod="new",uid="u-3",container="web",node="",resource="cpu",unit="core"} 1',
      'kube_pod_labels{namespace="shop",pod="new",uid="u-3"} 1',
    ]);
  });

  it('forgets a pod that is gone, and one that a new list does not hold', () => {
    const exposition = new Exposition(flags.families, flags.podLabels);
    const other = { ...pod, metadata: { ...pod.metadata, name: 'web-2', uid: 'u-2' } };
    expect(exposition.complete).toBe(false);
    exposition.replace([pod, other]);
    exposition.delete(pod);
    expect(exposition.page()).not.toContain('web-1');
    exposition.set({ ...other, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } });
    expect(exposition.page()).toContain('pod="web-2",uid="u-2",condition="unknown"} 1');
    exposition.replace([]);
    expect(exposition.page()).not.toContain('web-2');
    expect(exposition).toMatchObject({ complete: true, size: 0 });
  });

  it('keeps whatever a label holds within its quotes', () => {
    fc.assert(fc.property(fc.string(), (value) => {
      const line = pageOf({ ...pod, metadata: { ...pod.metadata, labels: { 'app.kubernetes.io/name': value } } }).find((each) => each.startsWith('kube_pod_labels'))!;
      const quoted = /label_app_kubernetes_io_name="((?:[^"\\\n]|\\["\\n])*)"\} 1$/.exec(line)![1]!;
      expect(quoted.replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))).toBe(value);
    }));
  });
});

describe('the flags', () => {
  test('of the Deployment are followed', () => {
    expect(flags).toEqual({ host: '::', port: 8080, telemetryHost: '::', telemetryPort: 8081, families: [...FAMILIES].sort(), podLabels: ['app.kubernetes.io/name', 'app.kubernetes.io/part-of'] });
  });

  test.each([
    [['--resources=pods', '--shard=1'], '--shard=1'],
    [['--resources=pods,nodes'], '--resources'],
    [[], '--resources'],
    [['--resources=pods', '--port=http'], '--port'],
    [['--resources=pods', '--metric-allowlist=kube_pod_info'], '--metric-allowlist'],
    [['--resources=pods', '--metric-labels-allowlist=pods=[*]'], '--metric-labels-allowlist'],
    [['--resources=pods', 'more'], 'more'],
    [['--resources'], '--resources'],
  ])('that it does not understand are refused: %j', (given, named) => {
    expect(() => readFlags(given)).toThrow(FaultError);
    expect(() => readFlags(given)).toThrow(named);
  });
});

describe('a quantity', () => {
  test.each([['250m', 0.25], ['1', 1], ['1.5', 1.5], ['64Mi', 2 ** 26], ['1e3', 1000], ['2E', 2e18], ['1Ei', 2 ** 60], ['100n', 1e-7], ['.5Gi', 2 ** 29], ['12k', 12_000]])('%s is %d', (text, value) => {
    expect(quantityOf(text)).toBe(value);
  });

  test.each(['', 'much', '1 Gi', '1KiB', '--1'])('is not "%s"', (text) => {
    expect(quantityOf(text)).toBeUndefined();
  });

  test('of thousandths is the number that a reader would write', () => {
    fc.assert(fc.property(fc.nat(1_000_000), (milli) => {
      expect(quantityOf(`${milli}m`)).toBe(milli / 1000);
    }));
  });
});
