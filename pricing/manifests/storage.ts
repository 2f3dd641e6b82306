import type { Fault } from '../../base/faults';
import type { EnvironmentModel, PricedWorkload } from '../contract';
import { at, listAt, namespaceOf, podSpecOf, PricedObject, textAt } from './objects';
import { amount } from './quantity';

type Volume = EnvironmentModel['volumes'][number];

/** Kinds of EBS volume that the price book knows. */
const TYPES: readonly Volume['type'][] = ['gp3', 'gp2'];

/** A claim for a volume, before its kind is known. */
interface Claim {
  readonly title: string;
  readonly spec: unknown;
  /** Copies; undefined where a scaler decides. */
  readonly copies?: number;
  readonly workload?: PricedWorkload;
}

/** Volumes that objects claim, and claims whose price is not known. */
export interface ClaimedVolumes {
  readonly volumes: readonly Volume[];
  readonly unknown: readonly Fault[];
}

/**
 * Volumes of claims, of what StatefulSets keep for each replica, and of what pods take for their lifetime.
 *
 * @throws FaultError naming a claim whose size cannot be read
 */
export function volumesOf(objects: readonly PricedObject[], workloads: ReadonlyMap<PricedObject, PricedWorkload>): ClaimedVolumes {
  const volumes: Volume[] = [];
  const unknown: Fault[] = [];
  for (const { title, spec, copies, workload } of objects.flatMap((object) => claimsOf(object, workloads.get(object)))) {
    const type = typeOf(spec, objects);
    if (type === undefined) {
      unknown.push({
        where: `volume ${title}`, got: `storage class ${textAt(spec, 'storageClassName')}`, allowed: `a StorageClass of the manifests with an EBS type of ${TYPES.join(', ')}`,
        do: 'add the StorageClass to the manifests, or its type to the price book',
      });
      continue;
    }
    const gib = amount(at(spec, 'resources', 'requests', 'storage'), `volume ${title}`) / 2 ** 30;
    if (copies !== undefined) volumes.push({ name: title, type, sizeGiB: gib * copies });
    else volumes.push({ name: title, type, sizeGiB: gib, workload: `${workload!.namespace}/${workload!.name}` });
  }
  return { volumes, unknown };
}

function claimsOf(object: PricedObject, workload: PricedWorkload | undefined): Claim[] {
  const own = `${namespaceOf(object)}/${object.metadata.name}`;
  if (object.kind === 'PersistentVolumeClaim') return [{ title: own, spec: object.spec, copies: 1 }];
  if (!workload) return [];
  const kept = object.kind === 'StatefulSet' ? listAt(object.spec, 'volumeClaimTemplates').map((claim) => ({ name: textAt(claim, 'metadata', 'name'), spec: at(claim, 'spec') })) : [];
  const brief = listAt(podSpecOf(object), 'volumes').flatMap((volume) => {
    const spec = at(volume, 'ephemeral', 'volumeClaimTemplate', 'spec');
    return spec === undefined ? [] : [{ name: textAt(volume, 'name'), spec }];
  });
  const scaled = workload.perNode || workload.minReplicas !== workload.maxReplicas;
  return [...kept, ...brief].map(({ name, spec }) => ({ title: `${own} ${name ?? '?'}`, spec, workload, ...(scaled ? {} : { copies: workload.minReplicas }) }));
}

/** Kind of volume of a storage class; undefined where it cannot be told. A claim that names no class gets the default one, which is gp3 on this platform. */
function typeOf(spec: unknown, objects: readonly PricedObject[]): Volume['type'] | undefined {
  const name = textAt(spec, 'storageClassName');
  if (name === undefined) return 'gp3';
  const storageClass = objects.find((object) => object.kind === 'StorageClass' && object.metadata.name === name);
  if (!storageClass) return TYPES.find((type) => type === name);
  const provisioner = textAt(storageClass, 'provisioner');
  if (!['ebs.csi.aws.com', 'ebs.csi.eks.amazonaws.com', 'kubernetes.io/aws-ebs'].includes(provisioner ?? '')) return undefined;
  const type = textAt(storageClass, 'parameters', 'type') ?? (provisioner === 'kubernetes.io/aws-ebs' ? 'gp2' : 'gp3'); // each driver's own default
  return TYPES.find((each) => each === type);
}
