import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../rehearsal/control-plane';
import type { PreparedImage } from '../../../../rehearsal/images/contract';
import { DEBUG } from '../../../../rehearsal/images/infrastructure';
import { ClusterOptions, createCluster } from '../../../../rehearsal/levels/kind/cluster';
import { down } from '../../../../rehearsal/levels/kind/down';
import { Engine, lines } from '../../../../rehearsal/levels/kind/engine';
import { chooseNode, NodeChoice } from '../../../../rehearsal/levels/kind/node-choice';
import { look } from '../../../../rehearsal/levels/kind/preflight';
import { clusterFolder, readRecord } from '../../../../rehearsal/levels/kind/record';
import { claimOf } from '../../../../rehearsal/levels/kind/removal';
import { readSysctls, restoreSysctls } from '../../../../rehearsal/levels/kind/sysctls';
import { ensureTools, KIND_PROGRAMS, Toolbox } from '../../../../rehearsal/tools';

const MINUTES = 60_000;
const ZONES = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];

describe('a cluster of containers', () => {
  const engine = new Engine();
  const work = mkdtempSync(join(tmpdir(), 'tideline-kind-'));
  const name = `tideline-test-${process.pid}`;
  let node: NodeChoice;
  let toolbox: Toolbox;

  const options = (of: string, more: Partial<ClusterOptions> = {}): ClusterOptions => ({
    name: of, nodes: 1, image: node.image, tags: node.tags, region: 'eu-west-1', zones: ZONES, speed: 6, folder: clusterFolder(work, of), toolbox, engine, ...more,
  });

  /** Everything in the engine that carries a cluster's name. Volumes have none: they are counted. */
  const traces = async (of: string) => ({
    containers: (await engine.containers(`io.x-k8s.kind.cluster=${of}`)).length,
    networks: lines(await engine.output(['network', 'ls', '--filter', `name=${of}`, '--quiet'])).length,
  });
  const volumesOf = async (container: string) => lines(await engine.output(['container', 'inspect', '--format', '{{range .Mounts}}{{.Name}}\n{{end}}', container]));
  const volumes = async () => lines(await engine.output(['volume', 'ls', '--quiet']));
  const NONE = { containers: 0, networks: 0 };

  beforeAll(async () => {
    mkdirSync(join(work, 'scratch'));
    toolbox = await ensureTools({ programs: [...KIND_PROGRAMS] });
    node = await chooseNode({ mode: 'build', engine, scratch: join(work, 'scratch'), onProgress: () => undefined });
  }, 15 * MINUTES);

  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('runs pods, Services and volumes on three nodes, says that a node was killed, and leaves nothing', async () => {
    const original = await readSysctls(engine, node.image);
    await restoreSysctls(engine, node.image, { 'kernel/panic': '3' }); // neither what kubelet sets nor the default
    const cluster = await createCluster(options(name, { nodes: 3 }));
    let nodeVolumes: string[] = [];
    try {
      nodeVolumes = await volumesOf(cluster.nodes[0]!);
      expect(nodeVolumes.length).toBeGreaterThan(0);
      const zones = (await cluster.api.list('v1', 'Node')).map(({ metadata }) => metadata.labels?.['topology.kubernetes.io/zone']);
      expect(zones.sort()).toEqual(ZONES);
      const [manager] = await cluster.api.list('v1', 'Pod', { namespace: 'kube-system', labelSelector: 'component=kube-controller-manager' });
      expect(manager!.spec.containers[0].command).toContain('--horizontal-pod-autoscaler-sync-period=2500ms');

      await cluster.loadImages(node.prepared.filter(({ reference }) => reference === DEBUG.reference) as PreparedImage[]);
      await cluster.api.apply(application(cluster.nodes[1]!, cluster.nodes[2]!));
      expect(await cluster.kubectl(['wait', '--for=condition=Ready', 'pod', '--all', '--timeout=90s'], { timeoutSeconds: 100 })).toContain('condition met');
      expect(await cluster.kubectl(['exec', 'client', '--', 'sh', '-c', 'wget -qO- http://web && echo kept > /data/file && cat /data/file'])).toBe('hello\nkept\n');
      // Sealed: nothing of a pod leaves for the world.
      await expect(cluster.kubectl(['exec', 'client', '--', 'nc', '-w', '3', '192.0.2.1', '80'])).rejects.toThrow(/Network is unreachable/);

      const forward = await cluster.forward('default', 'svc/web', 80);
      expect(await (await fetch(forward.url)).text()).toBe('hello\n');
      await forward.close();
      expect(await cluster.memoryBytes()).toBeGreaterThan(2e8);
      await expect(createCluster(options(name))).rejects.toThrow(/a rehearsal that runs now/);
      expect((await look({ engine, name, folder: clusterFolder(work, name), nodes: 1, images: 'build' })).faults.map(({ where }) => where)).toEqual([`cluster ${name}`]);

      await engine.output(['kill', cluster.nodes[1]!]);
      await expect(cluster.failed).rejects.toThrow(`[node ${cluster.nodes[1]}] got: it ended with status 137 (killed)`);
    } finally {
      expect(await cluster.delete()).toEqual([]);
    }
    expect(await traces(name)).toEqual(NONE);
    expect((await volumes()).filter((volume) => nodeVolumes.includes(volume))).toEqual([]);
    const after = await readSysctls(engine, node.image);
    await restoreSysctls(engine, node.image, original);
    expect(after).toEqual({ ...original, 'kernel/panic': '3' });
    expect(readRecord(clusterFolder(work, name))).toBeUndefined();
    expect(readdirSync(clusterFolder(work, name))).toEqual(['logs']); // which are what a failure is explained with
  }, 6 * MINUTES);

  it('leaves nothing when it is interrupted while nodes start', async () => {
    const controller = new AbortController();
    const interrupted = new Error('interrupted');
    const onProgress: ClusterOptions['onProgress'] = ({ detail }) => {
      if (detail?.startsWith('Writing')) controller.abort(interrupted);
    };
    await expect(createCluster(options(name, { signal: controller.signal, onProgress }))).rejects.toBe(interrupted);
    expect(await traces(name)).toEqual(NONE);
  }, 3 * MINUTES);

  it('is removed by whoever comes after a run that was killed', async () => {
    const driver = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), join(__dirname, 'create-cluster.ts'), JSON.stringify({ name, image: node.image, tags: node.tags, folder: clusterFolder(work, name) })], { stdio: 'inherit' });
    const ended = once(driver, 'exit');
    await expect.poll(() => traces(name), { timeout: 60_000 }).toMatchObject({ containers: 1 });
    driver.kill('SIGKILL');
    await ended;
    expect(await claimOf(engine, name, clusterFolder(work, name))).toBe('leftover');
    expect(await down(work, engine)).toEqual({ removed: [name], left: [] });
    expect(await traces(name)).toEqual(NONE);
  }, 3 * MINUTES);

  it('does not touch a cluster of the same name that it did not make', async () => {
    const foreign = `${name}-control-plane`;
    await engine.output(['run', '--detach', '--name', foreign, '--label', `io.x-k8s.kind.cluster=${name}`, '--entrypoint', '/usr/bin/sleep', node.image, '600']);
    try {
      await expect(createCluster(options(name))).rejects.toThrow(/that no rehearsal from this folder made/);
      expect(await engine.states([foreign])).toMatchObject([{ running: true }]);
      // Not even with a record that says it is ours: nodes tell whose they are.
      mkdirSync(clusterFolder(work, name), { recursive: true });
      writeFileSync(join(clusterFolder(work, name), 'cluster.json'), JSON.stringify({ name, owner: { pid: 1, started: 'never' }, kept: true, image: node.image, sysctls: {}, created: '' }));
      expect((await down(work, engine)).left.join()).toContain('it is not the one that was made from here');
      expect(await engine.states([foreign])).toMatchObject([{ running: true }]);
    } finally {
      await engine.output(['rm', '--force', '--volumes', foreign]);
      rmSync(clusterFolder(work, name), { recursive: true, force: true });
    }
  }, 2 * MINUTES);
});

/** A web server behind a Service, and on another node a client with a volume. */
function application(webNode: string, clientNode: string): KubeObject[] {
  const shell = (command: string) => ({ image: DEBUG.reference, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', command] });
  const root = { runAsUser: 0 };
  const on = (node: string) => ({ nodeSelector: { 'kubernetes.io/hostname': node } });
  return [
    {
      apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels: { app: 'web' } },
      spec: { ...on(webNode), containers: [{ name: 'web', ...shell('while true; do printf "HTTP/1.0 200 OK\\r\\n\\r\\nhello\\n" | nc -l -p 8080; done') }] },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } },
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Mi' } } } },
    {
      apiVersion: 'v1', kind: 'Pod', metadata: { name: 'client' },
      spec: {
        ...on(clientNode),
        containers: [{ name: 'client', ...shell('sleep 3600'), securityContext: root, volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      },
    },
  ];
}
