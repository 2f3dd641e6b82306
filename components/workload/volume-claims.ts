import { ApiObject, JsonPatch } from 'cdk8s';

/**
 * Writes what a StatefulSet's templates of claims are, which cdk8s leaves out and the API server fills in: Argo CD compares the templates as a whole, and would
 * find the set different from Git for ever.
 *
 * @param set with templates
 * @param templates how many
 */
export function typedClaims(set: ApiObject, templates = 1): void {
  for (let index = 0; index < templates; index++) {
    const path = `/spec/volumeClaimTemplates/${index}`;
    set.addJsonPatch(JsonPatch.add(`${path}/apiVersion`, 'v1'), JsonPatch.add(`${path}/kind`, 'PersistentVolumeClaim'));
  }
}
