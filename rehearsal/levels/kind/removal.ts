import { existsSync } from 'node:fs';
import { Engine, lines } from './engine';
import { OWNER_MOUNT } from './kind-config';
import { isRunning, ownerFolder, readRecord, removeRecord } from './record';
import { restoreSysctls } from './sysctls';

/** On every node: the name of its cluster. kind's. */
export const CLUSTER_LABEL = 'io.x-k8s.kind.cluster';
/** On the network of a cluster of ours: the folder of the cluster. */
export const NETWORK_LABEL = 'dev.tideline.cluster-folder';

/**
 * Whose a cluster name is: nobody's; `kept` or `running` or a `leftover` of a run from this work folder; or `foreign`, somebody else's, which is never touched.
 */
export type Claim = 'free' | 'kept' | 'running' | 'leftover' | 'foreign';

/** Names of the nodes of a cluster. */
export function nodesNamed(engine: Engine, name: string): Promise<string[]> {
  return engine.containers(`${CLUSTER_LABEL}=${name}`);
}

/** Finds out whose a cluster name is. @param folder of the cluster, as {@link clusterFolder} gives it */
export async function claimOf(engine: Engine, name: string, folder: string): Promise<Claim> {
  const nodes = await nodesNamed(engine, name);
  const record = readRecord(folder);
  if (nodes.length > 0 && !(await areOurs(engine, nodes, folder))) return 'foreign';
  if (await networkOwner(engine, name) === 'foreign') return 'foreign';
  if (nodes.length === 0 && record === undefined) return 'free';
  if (record === undefined) return 'leftover';
  if (record.kept && nodes.length > 0) return 'kept';
  return isRunning(record) ? 'running' : 'leftover';
}

/** Nodes see the folder of whoever started them; a file in it, written by hand, would not do. */
async function areOurs(engine: Engine, nodes: readonly string[], folder: string): Promise<boolean> {
  const format = `{{range .Mounts}}{{if eq .Destination "${OWNER_MOUNT}"}}{{.Source}}{{end}}{{end}}`;
  const sources = await Promise.all(nodes.map((node) => engine.run(['container', 'inspect', '--format', format, node])));
  // An engine in a virtual machine puts where it sees this machine's folders before them.
  return sources.every(({ status, stdout }) => status !== 0 || stdout.trim().endsWith(ownerFolder(folder)));
}

async function networkOwner(engine: Engine, name: string): Promise<string | undefined> {
  const { status, stdout } = await engine.run(['network', 'inspect', '--format', `{{index .Labels "${NETWORK_LABEL}"}}`, name]);
  if (status !== 0) return undefined;
  return stdout.trim() === '' ? 'foreign' : stdout.trim();
}

/**
 * Removes the nodes of a cluster with their volumes, its network and what gave access to it, and gives the machine its settings back. Logs stay. It can be called at
 * any point of a cluster's life, and again. Call it only for a name that is ours.
 *
 * @returns what is left, in words; empty if nothing is
 */
export async function removeCluster(engine: Engine, name: string, folder: string): Promise<string[]> {
  const left: string[] = [];
  const attempt = async (what: string, work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      left.push(`${what}: ${(error as Error).message.replace(/\s*\n\s*/g, ' ')}`);
    }
  };
  let nodes: string[] = [];
  await attempt(`nodes of ${name}`, async () => {
    nodes = await nodesNamed(engine, name);
    if (nodes.length > 0) await engine.output(['rm', '--force', '--volumes', ...nodes]);
  });
  await attempt(`network ${name}`, async () => {
    if (await networkOwner(engine, name) === folder) await engine.output(['network', 'rm', name]);
  });
  const record = readRecord(folder);
  if (record) await attempt('settings of the kernel', () => restoreSysctls(engine, record.image, record.sysctls));
  await attempt(`nodes of ${name}`, async () => {
    const still = await nodesNamed(engine, name);
    if (still.length > 0) throw new Error(`still there: ${still.join(', ')}`);
  });
  if (left.length === 0 && existsSync(folder)) removeRecord(folder);
  return left;
}

/** Node images of ours, which are a cache: removed when nobody wants to rehearse any more. @returns those that are gone */
export async function removeNodeImages(engine: Engine, label: string): Promise<string[]> {
  const names = lines(await engine.output(['image', 'ls', '--filter', `label=${label}`, '--format', '{{.Repository}}:{{.Tag}}']));
  const gone: string[] = [];
  for (const name of names) if ((await engine.run(['image', 'rm', name])).status === 0) gone.push(name);
  return gone;
}
