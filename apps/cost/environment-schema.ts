import { Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { Fault, show } from '../../base/faults';
import type { EnvironmentModel } from '../../pricing/contract';
import { environmentModelFaults } from '../../pricing/model';

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

/** The shape of a file in the environments folder. What its values may be is pricing's to say. */
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
  volumes: Type.Array(Type.Object({ name: Name, type: Type.Literal('gp3'), sizeGiB: Amount })),
  dataTransferGiB: Type.Object({ nat: Type.Optional(Amount), internetOut: Type.Optional(Amount), crossZone: Type.Optional(Amount) }),
  budgetMonthlyUsd: Amount,
});

/**
 * Reads one environment from the text of its file.
 *
 * @param file name of the file, for faults; an environment must carry the file's name
 */
export function parseEnvironment(file: string, text: string): { readonly model: EnvironmentModel } | { readonly faults: readonly Fault[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { faults: [{ where: file, got: (error as Error).message, allowed: 'JSON', do: 'correct the file, or write it again with npx projen update:manifests' }] };
  }
  if (!Value.Check(EnvironmentSchema, value)) {
    return {
      faults: [...Value.Errors(EnvironmentSchema, value)].map((error) => ({
        where: `${file}${error.path.replaceAll('/', '.')}`, got: show(error.value), allowed: error.message.toLowerCase(), do: 'correct the file, or write it again with npx projen update:manifests',
      })),
    };
  }
  const model: EnvironmentModel = value satisfies Static<typeof EnvironmentSchema>;
  const expected = file.replace(/\.json$/, '');
  const faults = model.name === expected ? [] : [{ where: `${file}.name`, got: show(model.name), allowed: expected, do: 'name the file after its environment' }];
  const all = [...faults, ...environmentModelFaults(model).map((fault) => ({ ...fault, where: `${file}: ${fault.where}` }))];
  return all.length > 0 ? { faults: all } : { model };
}
