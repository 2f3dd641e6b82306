import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { Fault, show } from '../base/faults';
import type { EnvironmentModel } from './contract';

const Name = Type.String({ minLength: 1, maxLength: 253 });
const Amount = Type.Number();

const NodePool = Type.Object({
  name: Name,
  capacity: Type.Union([Type.Literal('on-demand'), Type.Literal('spot')]),
  instanceTypes: Type.Array(Name),
  minNodes: Amount,
  maxNodes: Amount,
  rootVolumeGiB: Type.Optional(Amount),
});

const Workload = Type.Object({
  name: Name,
  namespace: Name,
  cpuMillicores: Amount,
  memoryMiB: Amount,
  minReplicas: Amount,
  maxReplicas: Amount,
  typicalReplicas: Type.Optional(Amount),
  perNode: Type.Optional(Type.Boolean()),
  pools: Type.Optional(Type.Array(Name)),
});

/** The shape of an EnvironmentModel. What its values may be is for `environmentModelFaults` to say. */
const EnvironmentSchema = Type.Object({
  version: Type.Literal(1),
  name: Name,
  region: Name,
  controlPlanes: Amount,
  kubernetesSupport: Type.Optional(Type.Union([Type.Literal('standard'), Type.Literal('extended')])),
  natGateways: Amount,
  loadBalancers: Amount,
  loadBalancerCapacityUnits: Type.Optional(Amount),
  nodePools: Type.Array(NodePool),
  workloads: Type.Array(Workload),
  volumes: Type.Array(Type.Object({ name: Name, type: Type.Union([Type.Literal('gp3'), Type.Literal('gp2')]), sizeGiB: Amount, workload: Type.Optional(Name) })),
  dataTransferGiB: Type.Object({ nat: Type.Optional(Amount), internetOut: Type.Optional(Amount), crossZone: Type.Optional(Amount) }),
  budgetMonthlyUsd: Amount,
});

/**
 * Whether a value has the shape of a model.
 *
 * @param where what holds it, for faults
 */
export function readEnvironmentModel(value: unknown, where: string, todo: string): { readonly model: EnvironmentModel } | { readonly faults: readonly Fault[] } {
  if (Value.Check(EnvironmentSchema, value)) return { model: value };
  return {
    faults: [...Value.Errors(EnvironmentSchema, value)].map((error) => ({
      where: `${where}${error.path.replaceAll('/', '.')}`, got: show(error.value), allowed: error.message.toLowerCase(), do: todo,
    })),
  };
}
