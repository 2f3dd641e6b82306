import { FaultError } from '../../../../base/faults';
import type { KubeApi, KubeObject } from '../../../control-plane';
import { definitionsIn } from '../../../control-plane';
import { nameOf, ObjectRef } from '../../../control-plane/kube-objects';
import { Deployment } from '../../deploy';
import { diagnoseWorkload } from './diagnosis';
import { rolledOut, workloadsOf } from './rollout';

/** Namespace that Argo CD runs in, and its Applications are in. */
export const ARGOCD = 'argocd';

/** Options of {@link waitForWorkloads}. */
export interface WorkloadWait {
  /** What they belong to, for messages. */
  readonly what: string;
  readonly timeoutSeconds: number;
  /** Called with what is still missing. @default - nothing */
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Waits until workloads have all their pods.
 *
 * @throws FaultError with what holds up each pod, its events and the end of its log
 */
export async function waitForWorkloads(api: KubeApi, workloads: readonly ObjectRef[], options: WorkloadWait): Promise<void> {
  const end = performance.now() + options.timeoutSeconds * 1000;
  for (const [index, workload] of workloads.entries()) {
    options.onProgress?.(`${index} of ${workloads.length} ready; waiting for ${nameOf(workload)}`);
    try {
      await api.waitFor({
        what: `${nameOf(workload)} to be ready`, ref: workload, until: rolledOut, pollMs: 500, signal: options.signal,
        timeoutSeconds: Math.max(1, Math.round((end - performance.now()) / 1000)),
      });
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      const faults = (await Promise.all(workloads.map((each) => diagnoseWorkload(api, each)))).flat();
      throw new FaultError(`${options.what} did not come up within ${options.timeoutSeconds} s`, faults.length > 0 ? faults : error.faults);
    }
  }
}

/** Options of {@link installArgoCd}. */
export interface InstallOptions {
  /** Files of Argo CD's CustomResourceDefinitions. */
  readonly definitions: readonly string[];
  /** Argo CD as `dist/<environment>/bootstrap/argocd` has it, rewritten where this level has to. */
  readonly objects: readonly KubeObject[];
  /** Hosts of repositories whose certificate an authority of the run has signed. */
  readonly trust: { readonly hosts: readonly string[]; readonly authorityPem: string };
  /** @default 240 */
  readonly timeoutSeconds?: number;
  /** @default - nothing */
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Installs Argo CD: its definitions, whom it trusts, itself; and waits until it runs. */
export async function installArgoCd(api: KubeApi, options: InstallOptions): Promise<void> {
  const { objects, signal } = options;
  const definitions = definitionsIn(options.definitions);
  options.onProgress?.('definitions of Argo CD');
  await api.apply(definitions, { signal });
  await api.waitForDefinitions(definitions, signal);
  const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ARGOCD } };
  const own = objects.some((object) => object.kind === 'Namespace' && object.metadata.name === ARGOCD);
  // Its programs read the file when they start: it has to be there before them.
  const installed = withTrust(objects, options.trust);
  const deployment = new Deployment(api, (object) => ({ objects: [object], substitutions: [] }));
  await deployment.apply(own ? installed : [namespace, ...installed], ARGOCD, signal);
  await waitForWorkloads(api, workloadsOf(installed), {
    what: 'Argo CD', timeoutSeconds: options.timeoutSeconds ?? 240, ...(options.onProgress ? { onProgress: options.onProgress } : {}), ...(signal ? { signal } : {}),
  });
}

/**
 * The ConfigMap in which Argo CD looks for authorities by host, with that of the run in it.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/private-repositories/#self-signed-untrusted-tls-certificates
 */
export function withTrust(objects: readonly KubeObject[], trust: InstallOptions['trust']): KubeObject[] {
  const name = 'argocd-tls-certs-cm';
  const data = Object.fromEntries(trust.hosts.map((host) => [host, trust.authorityPem]));
  const is = (object: KubeObject) => object.kind === 'ConfigMap' && object.metadata.name === name;
  if (objects.some(is)) return objects.map((object) => (is(object) ? { ...object, data: { ...object.data, ...data } } : object));
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: ARGOCD, labels: { 'app.kubernetes.io/part-of': 'argocd', 'app.kubernetes.io/name': name } }, data }, ...objects];
}
