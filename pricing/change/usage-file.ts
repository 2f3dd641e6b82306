import { Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { parse } from 'yaml';
import { Fault, FaultError, refuse, show } from '../../base/faults';
import type { EnvironmentModel } from '../contract';
import { keyOf } from '../model';
import type { EnvironmentFacts } from '../manifests/contract';
import type { ResourceUsage } from '../terraform';

const Amounts = Type.Record(Type.String(), Type.Number({ minimum: 0 }));
const Resources = Type.Object({
  byType: Type.Optional(Type.Record(Type.String(), Amounts)),
  byAddress: Type.Optional(Type.Record(Type.String(), Amounts)),
}, { additionalProperties: false });
const Pool = Type.Object({
  name: Type.String(), capacity: Type.Union([Type.Literal('on-demand'), Type.Literal('spot')]), instanceTypes: Type.Array(Type.String(), { minItems: 1 }),
  minNodes: Type.Number(), maxNodes: Type.Number(), rootVolumeGiB: Type.Optional(Type.Number()),
}, { additionalProperties: false });
const OfEnvironment = Type.Object({
  resources: Type.Optional(Resources),
  facts: Type.Optional(Type.Object({ region: Type.String(), budgetMonthlyUsd: Type.Number(), nodePools: Type.Array(Pool) }, { additionalProperties: false })),
  dataTransferGiB: Type.Optional(Type.Object({
    internetOut: Type.Optional(Type.Number({ minimum: 0 })), crossZone: Type.Optional(Type.Number({ minimum: 0 })),
  }, { additionalProperties: false })),
  loadBalancerCapacityUnits: Type.Optional(Type.Number({ minimum: 0 })),
  typicalReplicas: Type.Optional(Type.Record(Type.String(), Type.Number({ minimum: 0 }))),
}, { additionalProperties: false });

/** The shape of a usage file. */
const UsageSchema = Type.Object({
  resources: Type.Optional(Resources),
  environments: Type.Optional(Type.Record(Type.String(), OfEnvironment)),
}, { additionalProperties: false });

/** What somebody states of a month: how much is used, and how many replicas run in an ordinary hour. */
export type Usage = Static<typeof UsageSchema>;

/**
 * Reads a usage file, YAML or JSON.
 *
 * @param file its name, for faults
 * @throws FaultError naming everything in it that is not understood
 */
export function parseUsage(file: string, text: string): Usage {
  let value: unknown;
  try {
    value = parse(text) ?? {};
  } catch (error) {
    throw new FaultError('the usage file cannot be read', [{ where: file, got: (error as Error).message.split('\n')[0] ?? '', allowed: 'YAML or JSON', do: 'correct the file; docs/price.md shows one' }]);
  }
  if (Value.Check(UsageSchema, value)) return value;
  throw new FaultError('the usage file cannot be used', [...Value.Errors(UsageSchema, value)].map((error) => ({
    where: `${file}${error.path.replaceAll('/', '.')}`, got: show(error.value), allowed: error.message.toLowerCase(), do: 'correct the file; docs/price.md shows one',
  })));
}

/** Usage of the resources of one stack: what is stated of the environment goes before what is stated of all, `stack/address` before `address`. */
export function resourceUsageOf(usage: Usage, environment: string, stack: string): ResourceUsage {
  const [all, own] = [usage.resources, usage.environments?.[environment]?.resources];
  const byType: Record<string, Readonly<Record<string, number>>> = { ...all?.byType };
  for (const [type, fields] of Object.entries(own?.byType ?? {})) byType[type] = { ...byType[type], ...fields };
  const byAddress: Record<string, Readonly<Record<string, number>>> = {};
  for (const addresses of [all?.byAddress, own?.byAddress]) {
    const entries = Object.entries(addresses ?? {});
    for (const stacked of [false, true]) {
      for (const [address, fields] of entries) {
        const [first, second] = address.split('/');
        if ((second !== undefined) !== stacked || (stacked && first !== stack)) continue;
        const key = second ?? address;
        byAddress[key] = { ...byAddress[key], ...fields };
      }
    }
  }
  return { byType, byAddress };
}

/** Every address that is stated, of all environments or of one, as it is written. */
export function statedAddresses(usage: Usage): readonly string[] {
  const of = (resources: Static<typeof Resources> | undefined) => Object.keys(resources?.byAddress ?? {});
  return [...new Set([...of(usage.resources), ...Object.values(usage.environments ?? {}).flatMap((each) => of(each.resources))])];
}

/** Facts of an environment, with what is stated over them. Undefined if neither says them. */
export function factsWith(usage: Usage, environment: string, facts: EnvironmentFacts | undefined): EnvironmentFacts | undefined {
  const own = usage.environments?.[environment];
  const base: EnvironmentFacts | undefined = own?.facts ? { controlPlanes: 0, natGateways: 0, dataTransferGiB: {}, ...facts, name: environment, ...own.facts } : facts;
  if (!base || !own) return base;
  return {
    ...base, dataTransferGiB: { ...base.dataTransferGiB, ...own.dataTransferGiB },
    ...(own.loadBalancerCapacityUnits === undefined ? {} : { loadBalancerCapacityUnits: own.loadBalancerCapacityUnits }),
  };
}

/**
 * A model with the replicas that are stated as typical, between its own limits: the same statement is used for both sides of a change, and the limits may be what changes.
 */
export function withTypicalReplicas(model: EnvironmentModel, usage: Usage): EnvironmentModel {
  const stated = usage.environments?.[model.name]?.typicalReplicas ?? {};
  return {
    ...model,
    workloads: model.workloads.map((workload) => {
      const typical = stated[keyOf(workload)];
      return typical === undefined ? workload : { ...workload, typicalReplicas: Math.round(Math.min(workload.maxReplicas, Math.max(workload.minReplicas, typical))) };
    }),
  };
}

/**
 * Refuses what is stated of things there are none of: a misspelt name would otherwise be left out silently, and the price be that of something else.
 *
 * @param known environments, workloads by environment, and addresses (with and without their stack) on either side; an absent set is not checked
 */
export function checkUsage(file: string, usage: Usage, known: {
  readonly environments: readonly string[]; readonly workloads: ReadonlyMap<string, ReadonlySet<string>>; readonly addresses?: ReadonlySet<string>;
}): void {
  const faults: Fault[] = [];
  for (const [name, own] of Object.entries(usage.environments ?? {})) {
    if (!known.environments.includes(name)) {
      faults.push({ where: `${file}.environments.${name}`, got: name, allowed: known.environments.join(', '), do: 'name an environment there is, or leave it out' });
      continue;
    }
    const workloads = known.workloads.get(name);
    for (const workload of Object.keys(own.typicalReplicas ?? {})) {
      if (workloads && !workloads.has(workload)) {
        faults.push({ where: `${file}.environments.${name}.typicalReplicas`, got: workload, allowed: [...workloads].join(', '), do: 'name a workload as namespace/name' });
      }
    }
  }
  for (const address of statedAddresses(usage)) {
    if (known.addresses && !known.addresses.has(address)) {
      faults.push({ where: `${file}: byAddress`, got: address, allowed: 'the address of a synthesized resource, with or without its stack: dev-network/aws_nat_gateway.x', do: 'take it from cdktf.out, or leave it out' });
    }
  }
  refuse('the usage file cannot be used', faults);
}
