import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../../base/atomic-file';
import { isAlive, type ProcessIdentity } from '../../tools';
import type { Sysctls } from './sysctls';

/** What a run notes about its cluster before it makes anything, so that whoever comes after it can remove all of it. */
export interface ClusterRecord {
  readonly name: string;
  /** The run. */
  readonly owner: ProcessIdentity;
  /** Whether it is to stay when the run has ended. */
  readonly kept: boolean;
  /** Image of its nodes. */
  readonly image: string;
  /** The machine's settings before nodes changed them. */
  readonly sysctls: Sysctls;
  /** When it was made. */
  readonly created: string;
}

/** Folder below a work folder that holds a folder for each cluster. */
const CLUSTERS = 'kind';
const FILE = 'cluster.json';

/** The folder of a cluster: its record, kubeconfig, logs. @param workFolder e.g. `.rehearsal`, absolute */
export function clusterFolder(workFolder: string, name: string): string {
  return join(workFolder, CLUSTERS, name);
}

/** Names of the clusters that were made from a work folder. */
export function recordedClusters(workFolder: string): string[] {
  const folder = join(workFolder, CLUSTERS);
  return existsSync(folder) ? readdirSync(folder).filter((name) => existsSync(join(folder, name, FILE))).sort() : [];
}

/** The record of a cluster; undefined when there is none, or half of one. */
export function readRecord(folder: string): ClusterRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as ClusterRecord;
  } catch {
    return undefined;
  }
}

/** Writes it. */
export function writeRecord(folder: string, record: ClusterRecord): void {
  writeFileAtomic(join(folder, FILE), `${JSON.stringify(record, undefined, 2)}\n`, 0o600);
}

/** Whether the run that made it still goes on. */
export function isRunning(record: ClusterRecord): boolean {
  return isAlive(record.owner);
}

/** The folder that the nodes of a cluster see, which tells whose they are. */
export function ownerFolder(folder: string): string {
  return join(folder, 'owner');
}

/** Makes it. */
export function makeOwnerFolder(folder: string): string {
  const owner = ownerFolder(folder);
  mkdirSync(owner, { recursive: true, mode: 0o755 });
  writeFileSync(join(owner, 'README'), 'The nodes of this cluster were started by a rehearsal; `npx projen rehearse:down` removes them.\n');
  return owner;
}

/** Removes what gives access to a cluster that is gone, and the record; logs stay. */
export function removeRecord(folder: string): void {
  for (const entry of ['owner', 'tmp', '.kube', 'kubeconfig', 'kubeconfig.lock', 'kind.yaml', FILE]) rmSync(join(folder, entry), { recursive: true, force: true });
}
