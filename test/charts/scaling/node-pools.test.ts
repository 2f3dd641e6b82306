import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { synthesize } from '../../../charts/synthesize';
import type { Manifest } from '../../../components';
import { DISCOVERY_TAG } from '../../../components/cloud';
import { catalogue, Environment, environment, environments, kubernetesVersions, nodeImage } from '../../../config';
import { factsOf } from '../../../config/facts';
import { rootVolumeOf } from '../../../pricing/node-price';
import { loadObjects, verifyAll } from '../../../verify';
import { objectOf } from '../../support/synth';
import { names, objectsOf } from '../manifests';

const folders = (files: ReadonlyMap<string, string>, name: string) => [...new Set([...files.keys()].filter((path) => path.split('/').length === 3).map((path) => path.split('/')[1]!))].filter((folder) => folder === name);
const application = (files: ReadonlyMap<string, string>, environment_: string, name: string) => files.has(`${environment_}/delivery/application-${name}.yaml`);

describe.each(names)('the node pools of %s', (name) => {
  const given = environment(name);
  const objects = objectsOf(name, 'node-pools/');
  const pools = objects.filter(({ kind }) => kind === 'NodePool');
  const facts = factsOf(given);

  test('are those that the provisioner scales, as the environment says', () => {
    const wanted = given.nodePools.filter(({ scaledBy }) => scaledBy === 'provisioner');
    expect(pools.map(({ metadata }) => metadata.name).sort()).toEqual(wanted.map((pool) => pool.name).sort());
    for (const pool of wanted) {
      const { spec } = objectOf(pools, 'NodePool', pool.name);
      const requirement = (key: string) => (spec.template.spec.requirements as { key: string; values: string[] }[]).find((each) => each.key === key)?.values;
      expect(requirement('karpenter.sh/capacity-type')).toEqual([pool.capacity]);
      expect(requirement('node.kubernetes.io/instance-type')).toEqual(pool.instanceTypes);
      expect(spec.limits).toEqual({ nodes: String(pool.maxNodes) });
    }
  });

  test('are filled in the order that is priced: spot first, on-demand where it has run dry, and else as they are listed', () => {
    const wanted = given.nodePools.filter(({ scaledBy }) => scaledBy === 'provisioner');
    const weight = ({ name: pool }: { name: string }) => Number(objectOf(pools, 'NodePool', pool).spec.weight);
    const filled = [...wanted].sort((a, b) => weight(b) - weight(a));
    expect(new Set(wanted.map(weight)).size).toBe(wanted.length);
    expect(filled.map(({ capacity }) => capacity)).toEqual(filled.map(({ capacity }) => capacity).sort().reverse());
    for (const capacity of ['spot', 'on-demand']) {
      const listed = (list: readonly { name: string; capacity: string }[]) => list.filter((pool) => pool.capacity === capacity).map((pool) => pool.name);
      expect(listed(filled)).toEqual(listed(wanted));
    }
  });

  test('are made of what the cluster and network stacks made', () => {
    const { spec } = objectOf(objects, 'EC2NodeClass');
    expect(spec.role).toBe(facts.provisioner.nodeRole);
    expect(spec.subnetSelectorTerms).toEqual([{ tags: { [DISCOVERY_TAG]: facts.cluster.name } }]);
    expect(spec.securityGroupSelectorTerms).toEqual([{ tags: { 'aws:eks:cluster-name': facts.cluster.name } }]);
    expect(spec.amiSelectorTerms).toEqual([{ alias: `${nodeImage.family}@${nodeImage.release}` }]);
    expect(spec.tags).toMatchObject({ owner: given.owner, environment: name, 'cost-centre': given.costCentre });
  });

  test('have the root volume that is priced', () => {
    const priced = rootVolumeOf({ ...given.nodePools[0]! });
    expect(objectOf(objects, 'EC2NodeClass').spec.blockDeviceMappings).toMatchObject([{ ebs: { volumeType: 'gp3', volumeSize: `${priced}Gi`, encrypted: true } }]);
  });
});

describe('Karpenter', () => {
  test.each(names)('in %s knows its cluster, its queue and its region', (name) => {
    const { cluster, interruptions, provisioner } = factsOf(environment(name));
    const deployment = objectOf(objectsOf(name, 'karpenter/'), 'Deployment');
    const [container] = deployment.spec.template.spec.containers as { image: string; env: { name: string; value?: string }[] }[];
    const env = Object.fromEntries(container!.env.map((each) => [each.name, each.value]));
    expect(env).toMatchObject({ CLUSTER_NAME: cluster.name, INTERRUPTION_QUEUE: interruptions.queue, AWS_REGION: environment(name).region, EKS_CONTROL_PLANE: 'true' });
    expect(env.ENABLE_ZONAL_SHIFT).toBe(environment(name).network.nat === 'per-zone' ? 'true' : undefined); // as the cluster itself
    const { name: image, tag, digest } = catalogue.karpenter.images.controller;
    expect(container!.image).toBe(`${image}:${tag}@${digest}`);
    expect(deployment.metadata.namespace).toBe(provisioner.namespace);
    expect(deployment.spec.template.spec.serviceAccountName).toBe(provisioner.serviceAccount);
  });

  test('in production has a second replica, on another node', () => {
    const { replicas, template } = objectOf(objectsOf('prod', 'karpenter/'), 'Deployment').spec;
    expect(replicas).toBe(2);
    expect(template.spec.topologySpreadConstraints).toContainEqual(expect.objectContaining({ topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule', maxSkew: 1 }));
  });

  test.each(names)('in %s runs on node groups only', (name) => {
    const { affinity } = objectOf(objectsOf(name, 'karpenter/'), 'Deployment').spec.template.spec;
    const groups = environment(name).nodePools.filter(({ scaledBy }) => scaledBy === 'node-group').map((pool) => pool.name);
    expect(affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms).toEqual([{
      matchExpressions: [{ key: 'karpenter.sh/nodepool', operator: 'DoesNotExist' }, { key: 'tideline.dev/pool', operator: 'In', values: groups }],
    }]);
  });

  test('may call AWS and the agent that gives it credentials, and is called by Prometheus alone', () => {
    const { spec } = objectOf(objectsOf('prod', 'karpenter/'), 'NetworkPolicy') as Manifest & { spec: { egress: { to?: object[]; ports: { port: number }[] }[]; ingress: { ports: { port: number }[] }[] } };
    expect(spec.egress.slice(1)).toEqual([
      { ports: [{ protocol: 'TCP', port: 443 }] }, { to: [{ ipBlock: { cidr: '169.254.170.23/32' } }], ports: [{ protocol: 'TCP', port: 80 }] },
    ]);
    expect(spec.ingress).toHaveLength(1);
    expect(spec.ingress[0]!.ports).toEqual([{ protocol: 'TCP', port: 8080 }]);
  });

  test('is of a version that every Kubernetes version of the catalogue works with', () => {
    // https://karpenter.sh/docs/upgrading/compatibility/
    const least: Readonly<Record<string, readonly [number, number]>> = { '1.33': [1, 5], '1.34': [1, 6], '1.35': [1, 9], '1.36': [1, 13] };
    const [major = 0, minor = 0] = catalogue.karpenter.version.split('.').map(Number);
    for (const version of Object.keys(kubernetesVersions)) {
      const needed = least[version];
      expect([version, needed !== undefined && (major > needed[0] || (major === needed[0] && minor >= needed[1]))]).toEqual([version, true]);
    }
  });
});

describe('an environment', () => {
  const dev = environments()[0]!;
  const with_ = (change: Partial<Environment>) => synthesize([{ ...dev, ...change }]);

  test('on Auto Mode has pools of its class, and neither Karpenter nor its definitions', () => {
    const files = with_({ nodeProvisioner: 'auto-mode' });
    expect(folders(files, 'karpenter')).toEqual([]);
    expect([application(files, 'dev', 'karpenter'), application(files, 'dev', 'karpenter-crds'), application(files, 'dev', 'node-pools')]).toEqual([false, false, true]);
    const nodeClass = parse(files.get('dev/node-pools/nodeclass-tideline.yaml')!);
    expect(nodeClass).toMatchObject({ apiVersion: 'eks.amazonaws.com/v1', spec: { role: factsOf(dev).provisioner.nodeRole } });
    expect(parse(files.get('dev/node-pools/nodepool-workload.yaml')!).spec.template.spec.nodeClassRef).toEqual({ group: 'eks.amazonaws.com', kind: 'NodeClass', name: 'tideline' });
    expect(files.get('dev/root.yaml')).toContain('kind: NodeClass');
    expect(files.get('dev/root.yaml')).not.toContain('karpenter.k8s.aws');
    const failed = verifyAll(loadObjects(files)).filter(({ status }) => status === 'fail').map(({ id, findings }) => [id, findings]);
    expect(failed).toEqual([]);
  });

  test('whose nodes only people size has nothing of it', () => {
    const files = with_({ nodePools: dev.nodePools.filter(({ scaledBy }) => scaledBy === 'node-group') });
    expect([...folders(files, 'karpenter'), ...folders(files, 'node-pools')]).toEqual([]);
    expect(files.get('dev/root.yaml')).not.toContain('NodePool');
    expect([...files.keys()].filter((path) => path.includes('karpenter'))).toEqual([]);
  });
});
