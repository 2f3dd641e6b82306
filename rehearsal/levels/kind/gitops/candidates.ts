import { FaultError } from '../../../../base/faults';
import type { KubeApi, KubeObject, ObjectRef } from '../../../control-plane';
import { readApplication } from './application';
import { ARGOCD } from './install';

/** A Deployment that Git owns wholly: no scaler writes its replicas. */
export interface Candidate {
  readonly application: KubeObject;
  readonly deployment: ObjectRef;
}

/** Deployments that a rehearsal may change, by Application and name: those of Applications that heal themselves and that leave no field to others. */
export function candidatesAmong(applications: readonly KubeObject[]): Candidate[] {
  return applications
    .filter((application) => application.spec?.syncPolicy?.automated?.selfHeal === true)
    .flatMap((application) => {
      const others = new Set(((application.spec.ignoreDifferences ?? []) as { name?: string }[]).map(({ name }) => name));
      return readApplication(application).resources
        .filter(({ kind, name }) => kind === 'Deployment' && !others.has(name))
        .map(({ apiVersion, kind, name, namespace }): Candidate => ({ application, deployment: { apiVersion, kind, name, ...(namespace ? { namespace } : {}) } }));
    })
    .sort((a, b) => a.application.metadata.name.localeCompare(b.application.metadata.name) || a.deployment.name.localeCompare(b.deployment.name));
}

/**
 * The Deployment to change.
 *
 * @param preferred names of Applications to take before others: what is changed should not be what is measured
 * @throws FaultError when no Application has any
 */
export async function chooseCandidate(api: KubeApi, preferred: readonly string[] = ['cost']): Promise<Candidate> {
  const all = candidatesAmong(await api.list<KubeObject>('argoproj.io/v1alpha1', 'Application', { namespace: ARGOCD }));
  const found = preferred.map((name) => all.find(({ application }) => application.metadata.name === name)).find((each) => each !== undefined) ?? all[0];
  if (found) return found;
  throw new FaultError('there is nothing to change', [
    { where: 'Applications', got: 'none with a Deployment that no scaler owns', allowed: 'at least one', do: 'see what was left out of this rehearsal' },
  ]);
}
