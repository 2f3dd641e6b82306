import { byEnvironment, groupOf, ManifestObject, scales, titleOf } from './objects';
import type { Finding, Rule } from './rule';

const SCALABLE = ['Deployment', 'StatefulSet', 'Rollout'];

interface Writer {
  readonly title: string;
  readonly how: string;
}

/**
 * Who may write a workload's replicas: its own manifest, each scaler that targets it, and Argo CD where it heals a manifest that a scaler changed.
 * Two writers fight: https://github.com/kedacore/keda/issues/5572.
 */
export const singleWriter: Rule = {
  id: 'single-writer',
  title: 'each workload has one writer of its replicas',
  prove: ({ objects }) => {
    const findings: Finding[] = [];
    let applied = 0;
    for (const members of byEnvironment(objects).values()) {
      for (const target of members.filter(({ object }) => SCALABLE.includes(object.kind))) {
        applied += 1;
        const writers = writersOf(target, members);
        const scaled = writers.some((writer) => writer.how !== 'its manifest');
        if (scaled && !ignoresReplicas(target, members)) writers.push({ title: `Argo CD (Application ${target.application})`, how: 'self-heal without ignoreDifferences and RespectIgnoreDifferences for /spec/replicas' });
        if (writers.length > 1) {
          findings.push({
            on: target, where: titleOf(target), got: writers.map((writer) => `${writer.title} by ${writer.how}`).join('; '), allowed: 'one writer of spec.replicas',
            do: "leave replicas out of the manifest (replicas: 'scaled'), keep one scaler, and let Argo CD ignore /spec/replicas",
          });
        }
      }
    }
    return { applied, findings };
  },
};

function writersOf(target: ManifestObject, members: readonly ManifestObject[]): Writer[] {
  const writers: Writer[] = target.object.spec?.replicas === undefined ? [] : [{ title: titleOf(target), how: 'its manifest' }];
  for (const scaler of members) if (scales(scaler.object, target.object)) writers.push({ title: titleOf(scaler), how: 'scaling' });
  return writers;
}

/** https://argo-cd.readthedocs.io/en/stable/user-guide/diffing/ */
interface IgnoredDifference {
  readonly group?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly jsonPointers?: readonly string[];
  readonly jqPathExpressions?: readonly string[];
}

function ignoresReplicas(target: ManifestObject, members: readonly ManifestObject[]): boolean {
  const application = members.find(({ object }) => object.kind === 'Application' && object.metadata.name === target.application)?.object;
  if (application === undefined) return true; // nobody syncs it
  const { syncPolicy, ignoreDifferences = [] } = application.spec;
  if (syncPolicy?.automated?.selfHeal !== true) return true;
  const { metadata, kind } = target.object;
  const about = (given: string | undefined, own: string | undefined) => given === undefined || given === '*' || given === own;
  const ignored = (ignoreDifferences as IgnoredDifference[]).some((each) => about(each.group, groupOf(target.object)) && about(each.kind, kind)
    && about(each.name, metadata.name) && about(each.namespace, metadata.namespace)
    && (each.jsonPointers?.includes('/spec/replicas') === true || each.jqPathExpressions?.includes('.spec.replicas') === true));
  return ignored && ((syncPolicy.syncOptions ?? []) as string[]).includes('RespectIgnoreDifferences=true');
}
