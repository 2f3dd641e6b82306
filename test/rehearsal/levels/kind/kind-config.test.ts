import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { compress } from '../../../../rehearsal/control-plane';
import { kindConfig, KindConfigOptions, OWNER_MOUNT } from '../../../../rehearsal/levels/kind/kind-config';

const OPTIONS: KindConfigOptions = {
  name: 'tideline-dev', nodes: 3, region: 'eu-west-1', zones: ['eu-west-1a', 'eu-west-1b'], labels: { 'tideline.dev/pool': 'system' },
  compression: compress(6), ownerFolder: '/work/.rehearsal/kind/tideline-dev/owner', tags: { etcd: '3.6.8-0', coredns: 'v1.15.0' },
};

function configOf(more: Partial<KindConfigOptions> = {}) {
  const config = parse(kindConfig({ ...OPTIONS, ...more }));
  const patches = (config.kubeadmConfigPatches as string[]).map((text) => parse(text));
  return { config, patch: (kind: string) => patches.find((each) => each.kind === kind) };
}

describe('the cluster as kind is told it', () => {
  it('spreads nodes over the zones, the API server on this machine alone', () => {
    const { config } = configOf();
    expect(config.nodes.map((node: { role: string; labels: Record<string, string> }) => [node.role, node.labels['topology.kubernetes.io/zone'], node.labels['tideline.dev/pool']])).toEqual([
      ['control-plane', 'eu-west-1a', 'system'], ['worker', 'eu-west-1b', 'system'], ['worker', 'eu-west-1a', 'system'],
    ]);
    expect(config.networking).toEqual({ apiServerAddress: '127.0.0.1', ipFamily: 'ipv4' });
  });

  it('lets nodes say whose they are', () => {
    for (const node of configOf().config.nodes) expect(node.extraMounts).toEqual([{ hostPath: OPTIONS.ownerFolder, containerPath: OWNER_MOUNT, readOnly: true }]);
  });

  it('divides the windows of the autoscaler by the speed', () => {
    const flags = Object.fromEntries(configOf().patch('ClusterConfiguration').controllerManager.extraArgs.map(({ name, value }: { name: string; value: string }) => [name, value]));
    expect(flags).toMatchObject({
      'horizontal-pod-autoscaler-sync-period': '2500ms', 'horizontal-pod-autoscaler-downscale-stabilization': '50000ms', 'horizontal-pod-autoscaler-tolerance': '0.1',
    });
  });

  it('names the images that were built, and none where the node image is kind\'s', () => {
    expect(configOf().patch('ClusterConfiguration')).toMatchObject({ dns: { imageTag: 'v1.15.0' }, etcd: { local: { imageTag: '3.6.8-0' } } });
    const released = configOf({ tags: undefined }).patch('ClusterConfiguration');
    expect(released.dns).toBeUndefined();
    expect(released.etcd.local.imageTag).toBeUndefined();
  });

  it('lets the control plane run pods beside workers; of a single node kind removes the taint itself', () => {
    expect(configOf().patch('InitConfiguration').nodeRegistration.taints).toEqual([]);
    expect(configOf({ nodes: 1 }).patch('InitConfiguration').nodeRegistration.taints).toBeUndefined();
  });

  it('lets CPU be measured more often where time is compressed, on every node, but not without end', () => {
    const interval = (speed: number, kind: string) => configOf({ compression: compress(speed) }).patch(kind).nodeRegistration.kubeletExtraArgs;
    for (const kind of ['InitConfiguration', 'JoinConfiguration']) {
      expect(interval(1, kind)).toEqual([{ name: 'housekeeping-interval', value: '10s' }]);
      expect(interval(60, kind)).toEqual([{ name: 'housekeeping-interval', value: '2s' }]);
    }
  });
});
