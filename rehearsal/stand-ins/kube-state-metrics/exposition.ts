import { headOf, linesOf } from './families';
import type { Pod } from './pod';
import type { PodStore } from './pod-watch';

/** The families of all pods as a page. Of a pod its lines are kept, and not the pod: a page is asked for often, and pods seldom change. */
export class Exposition implements PodStore {
  private pods = new Map<string, readonly string[]>();
  /** Whether every pod has been seen once. */
  complete = false;

  /**
   * @param families names, in the order of the page
   * @param podLabels labels that `kube_pod_labels` shows
   */
  constructor(private readonly families: readonly string[], private readonly podLabels: readonly string[]) {}

  replace(pods: readonly Pod[]): void {
    this.pods = new Map(pods.map((pod) => [pod.metadata.uid, this.lines(pod)]));
    this.complete = true;
  }

  set(pod: Pod): void {
    this.pods.set(pod.metadata.uid, this.lines(pod));
  }

  delete(pod: Pod): void {
    this.pods.delete(pod.metadata.uid);
  }

  get size(): number {
    return this.pods.size;
  }

  page(): string {
    const all = [...this.pods.values()];
    return this.families.map((family, index) => headOf(family) + all.map((lines) => lines[index]).join('')).join('');
  }

  private lines(pod: Pod): readonly string[] {
    return this.families.map((family) => linesOf(family, pod, this.podLabels));
  }
}
