import type { PlantPod, PlantTarget, PodSource } from '../../../rehearsal/plant';
import type { Trace, TraceWindow } from '../../../rehearsal/traces';

export const PREDICTIVE: PlantTarget = { namespace: 'catalog', service: 'catalog', policy: 'predictive' };
export const REACTIVE: PlantTarget = { namespace: 'catalog-reactive', service: 'catalog-reactive', policy: 'reactive' };

/** A window that replays `replay` from second 6000 on, after `history`; one value per minute. */
export function windowOf(history: readonly number[], replay: readonly number[]): TraceWindow {
  const from = 6000;
  const trace: Trace = { name: 't', source: 's', licence: 'l', start: from - history.length * 60, stepSeconds: 60, values: [...history, ...replay], samples: history.length + replay.length, fills: [] };
  return { trace, from, to: from + replay.length * 60, hours: replay.length / 60, history, replay };
}

/** Pods that a test sets by hand. */
export class HandSetPods implements PodSource {
  readonly byNamespace = new Map<string, PlantPod[]>();

  set(target: PlantTarget, ready: number, starting = 0): void {
    const pod = (index: number): PlantPod => ({
      name: `pod-${index}`, running: index < ready, ready: index < ready, terminating: false, nodeName: `node-${index % 2}`, labels: { app: target.service, index: String(index) },
    });
    this.byNamespace.set(target.namespace, Array.from({ length: ready + starting }, (_, index) => pod(index)));
  }

  pods(target: PlantTarget): readonly PlantPod[] {
    return this.byNamespace.get(target.namespace) ?? [];
  }

  desired(target: PlantTarget): number {
    return this.pods(target).filter((pod) => !pod.terminating).length;
  }
}
