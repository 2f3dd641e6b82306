import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { FaultError } from '../../../base/faults';
import { cleanUpAfterCrash } from '../../control-plane';
import { workFolder } from '../../settings';
import { Engine } from './engine';
import { NODE_IMAGE_LABEL } from './node-image/node-image';
import { clusterFolder, isRunning, readRecord, recordedClusters } from './record';
import { claimOf, removeCluster, removeNodeImages } from './removal';

/** What {@link down} did. */
export interface DownResult {
  /** Clusters that are gone now. */
  readonly removed: readonly string[];
  /** What is left and why, in words. Empty if nothing is. */
  readonly left: readonly string[];
}

/**
 * Removes the clusters that rehearsals from a work folder left up, on purpose or because they were killed. A rehearsal that runs, and clusters of others, are not touched.
 *
 * @param folder the work folder. Absolute
 * @throws FaultError when there is something to remove and the engine does not answer
 */
export async function down(folder: string, engine: Engine = new Engine(), tell: (line: string) => void = () => undefined): Promise<DownResult> {
  const removed: string[] = [];
  const left: string[] = [];
  for (const name of recordedClusters(folder)) {
    const at = clusterFolder(folder, name);
    const record = readRecord(at);
    if (record && !record.kept && isRunning(record)) {
      left.push(`cluster ${name}: the rehearsal that made it is running (process id ${record.owner.pid}); end it with Ctrl-C`);
      continue;
    }
    if (await claimOf(engine, name, at) === 'foreign') {
      left.push(`cluster ${name}: it is not the one that was made from here, so it stays`);
      continue;
    }
    tell(`removing ${name}`);
    const remains = await removeCluster(engine, name, at);
    if (remains.length === 0) removed.push(name);
    left.push(...remains);
  }
  if (existsSync(clusterFolder(folder, ''))) cleanUpAfterCrash(clusterFolder(folder, ''));
  return { removed, left };
}

/** `npx projen rehearse:down`. @returns the exit code */
export async function main(): Promise<number> {
  try {
    const engine = new Engine();
    const { removed, left } = await down(workFolder() ?? resolve('.rehearsal'), engine, (line) => console.log(line));
    console.log(removed.length === 0 ? 'no cluster was up' : `removed ${removed.join(', ')}`);
    // The engine keeps them for the next rehearsal; who calls this wants everything gone.
    const images = left.length === 0 ? await removeNodeImages(engine, NODE_IMAGE_LABEL) : [];
    if (images.length > 0) console.log(`removed ${images.join(', ')}`);
    for (const line of left) console.error(`still there: ${line}`);
    return left.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    console.error(error.message);
    return 1;
  }
}

if (require.main === module) void main().then((code) => (process.exitCode = code));
