import { ClusterOptions, createCluster } from '../../../../rehearsal/levels/kind/cluster';
import { Engine } from '../../../../rehearsal/levels/kind/engine';
import { ensureTools, KIND_PROGRAMS } from '../../../../rehearsal/tools';

/** Makes a cluster and holds it until it is killed. Its argument: what distinguishes the cluster, as JSON. */
async function main(): Promise<void> {
  const given = JSON.parse(process.argv[2]!) as Pick<ClusterOptions, 'name' | 'image' | 'tags' | 'folder'>;
  const toolbox = await ensureTools({ programs: [...KIND_PROGRAMS] });
  const cluster = await createCluster({ ...given, nodes: 1, region: 'eu-west-1', zones: ['eu-west-1a'], speed: 6, toolbox, engine: new Engine() });
  await cluster.failed;
}

void main();
