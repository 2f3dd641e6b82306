import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import type { Assets } from '../tools';

/** On a pod (so in the template of its workload): how long it takes from being scheduled to being ready, in wall time, as `800ms` or `1.5s`. */
export const POD_READY_DELAY_ANNOTATION = 'pod-ready.stage.kwok.x-k8s.io/delay';

/**
 * What happens to nodes and pods, for KWOK: upstream's own stages, but a pod becomes ready after a delay. A pod that is deleted is gone at once.
 *
 * @param podReadyMs delay of pods without {@link POD_READY_DELAY_ANNOTATION}, in milliseconds of wall time
 */
export function kwokStages(files: Assets['kwokStages'], podReadyMs: number): string {
  const stages = [files.nodeInitialize, files.nodeHeartbeat, files.podReady, files.podComplete, files.podDelete].map((path) => parse(readFileSync(path, 'utf8')));
  const ready = stages.find((stage) => stage.metadata.name === 'pod-ready');
  ready.spec.delay = {
    durationMilliseconds: podReadyMs,
    durationFrom: { expressionFrom: `.metadata.annotations["${POD_READY_DELAY_ANNOTATION}"]` },
  };
  // A pod without a node is not ready soon but pending: the delay counts from its scheduling.
  ready.spec.selector.matchExpressions.push({ key: '.spec.nodeName', operator: 'Exists' });
  return stages.map((stage) => stringify(stage)).join('---\n');
}
