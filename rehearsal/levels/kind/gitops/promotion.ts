import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { FaultError } from '../../../../base/faults';
import type { KubeApi, KubeObject, ObjectRef } from '../../../control-plane';
import { nameOf } from '../../../control-plane/kube-objects';
import { ApplicationState, isDone, readApplication, reasonOfApplication } from './application';
import { diagnoseApplication } from './application-faults';
import { chooseCandidate } from './candidates';
import type { PromotionResult } from './contract';
import { diagnoseWorkload } from './diagnosis';
import { rounded } from './drift';
import { ARGOCD } from './install';
import type { Repositories, Repository } from './repository';
import { rolledOut } from './rollout';

/** Annotation of the pods that the seeded change sets: new pods and nothing else. */
export const PROMOTED = 'tideline.dev/promoted';

/** Options of {@link promote}. */
export interface PromotionOptions {
  /** This project's repository as it was pushed. */
  readonly repository: Repository;
  /** Value of the annotation; another one for each promotion. @default '1' */
  readonly value?: string;
  /** Applications whose objects to change rather than others'. @default - cost */
  readonly preferred?: readonly string[];
  /** Seconds from the commit until it has to be live. @default 180 */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
  /** Seconds, monotonic. @default - the process' own clock */
  readonly now?: () => number;
}

/**
 * Promotes a change by a commit: annotates the pods of a Deployment in Git, tells Argo CD as a webhook of the host of the repository would, and waits until the
 * Application is Synced to the commit, Healthy, and the new pods run.
 *
 * @throws FaultError when that takes too long, with what holds it up
 */
export async function promote(api: KubeApi, repositories: Repositories, options: PromotionOptions): Promise<PromotionResult> {
  const { repository, signal, timeoutSeconds = 180, value = '1' } = options;
  const now = options.now ?? (() => performance.now() / 1000);
  const { application, deployment } = await chooseCandidate(api, options.preferred);
  const name = application.metadata.name;
  const files = annotated(repository.files, deployment, value);
  const from = readApplication(application).revision;
  const begin = now();
  const to = await repositories.commit(repository.url, repository.revision, `promote ${deployment.name}`, files);
  const ref: ObjectRef = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: ARGOCD, name };
  await api.patch(ref, { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } });
  let state: ApplicationState;
  for (;;) {
    signal?.throwIfAborted();
    state = readApplication(await api.get<KubeObject>(ref));
    const live = await api.tryGet<KubeObject>(deployment);
    const arrived = live?.spec?.template?.metadata?.annotations?.[PROMOTED] === value;
    if (state.revision === to && isDone(state) && arrived && rolledOut(live) === true) break;
    if (now() - begin > timeoutSeconds) {
      const faults = [...await diagnoseApplication(api, state), ...await diagnoseWorkload(api, deployment)];
      throw new FaultError(`the commit ${to.slice(0, 10)} was not live within ${timeoutSeconds} s: ${name} is at ${state.revision.slice(0, 10) || 'no commit'}, ${reasonOfApplication(state)}`, faults);
    }
    await sleep(500, undefined, { signal });
  }
  return { application: name, object: nameOf(deployment), change: `annotation ${PROMOTED}=${value} of its pods`, from, to, seconds: rounded(now() - begin) };
}

/**
 * The file that holds a Deployment, with an annotation on its pods; comments and order stay.
 *
 * @throws FaultError when no file holds it
 */
export function annotated(files: ReadonlyMap<string, string>, deployment: ObjectRef, value: string): Map<string, string> {
  for (const [path, content] of files) {
    if (!/\.ya?ml$/.test(path) || !content.includes('kind: Deployment')) continue;
    const documents = parseAllDocuments(content);
    const document = documents.find((each) => each.get('kind') === 'Deployment' && each.getIn(['metadata', 'name']) === deployment.name
      && (each.getIn(['metadata', 'namespace']) ?? deployment.namespace) === deployment.namespace);
    if (!document) continue;
    document.setIn(['spec', 'template', 'metadata', 'annotations', PROMOTED], value);
    return new Map([[path, documents.map((each) => each.toString({ lineWidth: 0 })).join(documents.length > 1 ? '---\n' : '')]]);
  }
  throw new FaultError('the change cannot be made', [
    { where: nameOf(deployment), got: 'in no pushed file', allowed: 'a file of dist/ that holds it', do: 'see what was pushed to the Git server' },
  ]);
}
