import type { Fault } from '../base/faults';
import { byEnvironment, ManifestObject, titleOf } from './objects';
import type { Rule } from './rule';

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
    const findings: Fault[] = [];
    let applied = 0;
    for (const members of byEnvironment(objects).values()) {
      for (const target of members.filter(({ object }) => SCALABLE.includes(object.kind))) {
        applied += 1;
        const writers = writersOf(target, members);
        const scaled = writers.some((writer) => writer.how !== 'its manifest');
        if (scaled && !ignoresReplicas(target, members)) writers.push({ title: `Argo CD (Application ${target.application})`, how: 'self-heal without ignoreDifferences and RespectIgnoreDifferences for /spec/replicas' });
        if (writers.length > 1) {
          findings.push({
            where: titleOf(target), got: writers.map((writer) => `${writer.title} by ${writer.how}`).join('; '), allowed: 'one writer of spec.replicas',
            do: "leave replicas out of the manifest (replicas: 'scaled'), keep one scaler, and let Argo CD ignore /spec/replicas",
          });
        }
      }
    }
    return { applied, findings };
  },
};

function writersOf(target: ManifestObject, members: readonly ManifestObject[]): Writer[] {
  const { kind, metadata, spec } = target.object;
  const writers: Writer[] = spec?.replicas === undefined ? [] : [{ title: titleOf(target), how: 'its manifest' }];
  for (const scaler of members) {
    if (!['HorizontalPodAutoscaler', 'ScaledObject'].includes(scaler.object.kind) || scaler.object.metadata.namespace !== metadata.namespace) continue;
    const ref = scaler.object.spec?.scaleTargetRef;
    if (ref?.name === metadata.name && (ref.kind ?? 'Deployment') === kind) writers.push({ title: titleOf(scaler), how: 'scaling' });
  }
  return writers;
}

function ignoresReplicas(target: ManifestObject, members: readonly ManifestObject[]): boolean {
  const application = members.find(({ object }) => object.kind === 'Application' && object.metadata.name === target.application)?.object;
  if (application === undefined) return true; // nobody syncs it
  const { syncPolicy, ignoreDifferences = [] } = application.spec;
  if (syncPolicy?.automated?.selfHeal !== true) return true;
  const ignored = (ignoreDifferences as { kind?: string; name?: string; namespace?: string; jsonPointers?: string[] }[]).some((each) => each.kind === target.object.kind
    && (each.name === undefined || each.name === target.object.metadata.name) && (each.namespace === undefined || each.namespace === target.object.metadata.namespace)
    && each.jsonPointers?.includes('/spec/replicas'));
  return ignored && ((syncPolicy.syncOptions ?? []) as string[]).includes('RespectIgnoreDifferences=true');
}
