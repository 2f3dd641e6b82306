import { FaultError } from '../../../../base/faults';
import type { KubeApi, KubeObject } from '../../../control-plane';
import { nameOf } from '../../../control-plane/kube-objects';
import { readApplication } from './application';
import { diagnoseApplication } from './application-faults';
import { chooseCandidate } from './candidates';
import type { DriftResult } from './contract';
import { ARGOCD } from './install';

/** Options of {@link healDrift}. */
export interface DriftOptions {
  /** Applications whose objects to change rather than others'. @default - cost */
  readonly preferred?: readonly string[];
  /** Seconds that Argo CD may take. @default 60 */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
  /** Seconds, monotonic. @default - the process' own clock */
  readonly now?: () => number;
}

/**
 * Scales a Deployment by hand, as somebody in a hurry would, and waits until Argo CD has undone it.
 *
 * @throws FaultError when it does not, with what the Application says; the Deployment is put back then
 */
export async function healDrift(api: KubeApi, options: DriftOptions = {}): Promise<DriftResult> {
  const { timeoutSeconds = 60, signal } = options;
  const now = options.now ?? (() => performance.now() / 1000);
  const { application, deployment } = await chooseCandidate(api, options.preferred);
  const before = ((await api.get<KubeObject>(deployment)).spec?.replicas ?? 1) as number;
  const change = `replicas ${before} to ${before + 1}`;
  const begin = now();
  await api.patch(deployment, { spec: { replicas: before + 1 } });
  try {
    await api.waitFor({
      what: `Argo CD to undo ${change}`, ref: deployment, timeoutSeconds, pollMs: 100, signal,
      until: (object) => object?.spec?.replicas === before || `replicas is ${object?.spec?.replicas ?? 'absent'}`,
    });
  } catch (error) {
    await api.patch(deployment, { spec: { replicas: before } });
    if (!(error instanceof FaultError)) throw error;
    const state = readApplication(await api.get<KubeObject>({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: ARGOCD, name: application.metadata.name }));
    const seen = await diagnoseApplication(api, state);
    throw new FaultError(`drift was not healed within ${timeoutSeconds} s`, [
      { where: nameOf(deployment), got: `${change}, done by hand, stayed`, allowed: `what Git has: ${before}`, do: `see that ${application.metadata.name} has selfHeal and that argocd-application-controller runs` },
      ...seen,
    ]);
  }
  return { object: nameOf(deployment), change: `${change}, by hand`, seconds: rounded(now() - begin) };
}

/** Seconds to a tenth. */
export function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
