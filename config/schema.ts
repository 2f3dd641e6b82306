import { Fault, refuse, show } from '../base/faults';
import { kubernetesVersions } from './catalogue';

/** AWS regions that the price book knows. */
export const REGIONS = ['us-east-1', 'eu-west-1'] as const;
export type Region = (typeof REGIONS)[number];

/** How a service's replicas are decided. `predictive`: reactive CPU and forecast demand, the larger wins. `reactive`: CPU only. */
export type ScalingMode = 'predictive' | 'reactive';

/**
 * How forecast demand gets to KEDA. `prometheus`: published as a metric, asked of Prometheus; the larger answer of several replicas wins. `external`: KEDA asks
 * the forecaster itself, over gRPC with mutual TLS.
 */
export type DemandSource = 'prometheus' | 'external';

/** The services of ours that an environment runs. */
export const SERVICES = ['catalog', 'cost', 'forecaster'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** The addresses of one environment's VPC. */
export interface NetworkSettings {
  /** IPv4 block of the VPC, /16 to /20. Environments must not overlap. */
  readonly cidr: string;
  /** Availability zones to spread over, 2 or 3. */
  readonly availabilityZones: number;
  /** `single` saves money, `per-zone` survives the loss of a zone. */
  readonly nat: 'single' | 'per-zone';
}

/** A group of interchangeable nodes. */
export interface NodePool {
  /** DNS label, unique in the environment. */
  readonly name: string;
  readonly capacity: 'on-demand' | 'spot';
  /** EC2 instance types, the preferred one first. Spot pools want several. */
  readonly instanceTypes: readonly string[];
  readonly minNodes: number;
  readonly maxNodes: number;
}

/** How one service is sized and scaled in an environment. */
export interface ServiceSettings {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Parts its work is split into; replicas beyond their number are copies. For the forecaster only. @default 1 */
  readonly shards?: number;
}

/** How replicas follow load. All durations are seconds of real time. */
export interface ScalingSettings {
  readonly mode: ScalingMode;
  /** Matters in mode `predictive` only. @default prometheus */
  readonly demandSource?: DemandSource;
  /** CPU utilisation of requests at which the reactive side adds replicas, percent. */
  readonly cpuTargetPercent: number;
  /** Share of a replica's capacity that forecast demand may fill, percent. */
  readonly demandTargetPercent: number;
  /** Quantile of the forecast that is published as demand, e.g. 0.9. */
  readonly demandQuantile: number;
  /** How far ahead demand looks: what a pod (or node) needs to become ready, with margin. */
  readonly leadTimeSeconds: number;
  /** HPA scale-down stabilization window. */
  readonly scaleDownStabilizationSeconds: number;
}

/** Everything decided about one environment. Pure data: the same value feeds stacks and charts. */
export interface Environment {
  /** DNS label; prefixes every stack and names the folder in dist/. */
  readonly name: string;
  /** AWS account number, 12 digits. */
  readonly account: string;
  readonly region: Region;
  /** Team that answers for it. */
  readonly owner: string;
  /** Cost centre every resource is tagged with. */
  readonly costCentre: string;
  readonly network: NetworkSettings;
  readonly kubernetes: {
    /** Minor version, e.g. `1.36`. */
    readonly version: string;
    /** Whether the API endpoint is reachable from outside the VPC, and from which blocks. */
    readonly publicAccessCidrs: readonly string[];
  };
  readonly nodePools: readonly NodePool[];
  readonly services: Readonly<Record<ServiceName, ServiceSettings>>;
  readonly scaling: ScalingSettings;
  readonly budget: {
    /** Budget of a month, US dollars. */
    readonly monthlyUsd: number;
    /** Who hears of it. At least one address. */
    readonly notify: readonly string[];
  };
  readonly retention: { readonly logsDays: number; readonly metricsDays: number };
  readonly images: {
    /** Where our own images are pulled from, without a trailing slash. */
    readonly repository: string;
    /** Tag of our own images. */
    readonly tag: string;
  };
  readonly slo: {
    /** Share of requests that must succeed, e.g. 0.999. */
    readonly availability: number;
  };
  readonly gitops: {
    /** Repository Argo CD syncs from. */
    readonly repository: string;
    /** Branch or tag. Production wants a tag. */
    readonly revision: string;
  };
}

const LABEL = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/;
const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;
const INSTANCE_TYPE = /^[a-z]+[0-9]+[a-z]*(-[a-z]+)?\.[a-z0-9]+$/;

interface Block { readonly base: number; readonly size: number }

/** Parses an IPv4 block; a shape is not a value, so octets and host bits are checked too. */
export function parseCidr(text: string): Block | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [a, b, c, d, prefix] = match.slice(1).map(Number) as [number, number, number, number, number];
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
  const base = ((a * 256 + b) * 256 + c) * 256 + d;
  const size = 2 ** (32 - prefix);
  return base % size === 0 ? { base, size } : undefined;
}

/** True if two IPv4 blocks share an address. */
export function overlaps(one: string, other: string): boolean {
  const [a, b] = [parseCidr(one), parseCidr(other)];
  return a !== undefined && b !== undefined && a.base < b.base + b.size && b.base < a.base + a.size;
}

/**
 * Checks an environment once, at the door, and freezes it.
 *
 * @throws FaultError with every fault found, each as where / got / allowed / do.
 */
export function defineEnvironment(input: Environment): Environment {
  const faults = environmentFaults(input);
  refuse(`environment ${show(input?.name)} is not usable`, faults);
  return deepFreeze(structuredClone(input));
}

/** Checks that environments do not clash with each other. */
export function environmentsFaults(environments: readonly Environment[]): Fault[] {
  const faults: Fault[] = [];
  environments.forEach((one, index) => {
    for (const other of environments.slice(index + 1)) {
      if (one.name === other.name) {
        faults.push({ where: `environments/${one.name}`, got: 'two environments of this name', allowed: 'unique names', do: 'rename one of them' });
      }
      if (overlaps(one.network.cidr, other.network.cidr)) {
        faults.push({
          where: `environments/${other.name}.network.cidr`, got: `${other.network.cidr}, which overlaps ${one.network.cidr} of ${one.name}`,
          allowed: 'blocks that share no address', do: 'choose another block, so that the networks can be peered',
        });
      }
    }
  });
  return faults;
}

/** Every fault of one environment; empty if it is usable. */
export function environmentFaults(input: Environment): Fault[] {
  const faults: Fault[] = [];
  const root = `environments/${typeof input?.name === 'string' && input.name !== '' ? input.name : '?'}`;
  const check = (fits: boolean, path: string, got: unknown, allowed: string, todo: string) => {
    if (!fits) faults.push({ where: `${root}.${path}`, got: show(got), allowed, do: todo });
  };
  const object = (value: unknown, path: string): value is object => {
    const fits = typeof value === 'object' && value !== null;
    check(fits, path, value, 'an object', `give '${path}'`);
    return fits;
  };
  const between = (value: unknown, min: number, max: number, path: string, unit: string, integer = false) => {
    const fits = typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max && (!integer || Number.isInteger(value));
    check(fits, path, value, `${integer ? 'a whole number' : 'a number'} from ${min} to ${max}${unit ? ` ${unit}` : ''}`, `set '${path}'`);
    return fits;
  };
  const filled = (value: unknown, path: string) => check(typeof value === 'string' && value.trim() !== '', path, value, 'a text that is not empty', `set '${path}'`);

  if (!object(input, 'value')) return faults;
  notData(input, root, faults);
  check(typeof input.name === 'string' && LABEL.test(input.name), 'name', input.name, 'a DNS label of 1 to 40 characters', "set 'name' to e.g. dev");
  check(typeof input.account === 'string' && /^\d{12}$/.test(input.account), 'account', input.account, '12 digits', "set 'account' to the AWS account number, as a string");
  check(REGIONS.includes(input.region), 'region', input.region, REGIONS.join(', '), 'choose a region that pricing/ knows, or add it to the price book and to REGIONS');
  filled(input.owner, 'owner');
  filled(input.costCentre, 'costCentre');

  if (object(input.network, 'network')) {
    const block = typeof input.network.cidr === 'string' ? parseCidr(input.network.cidr) : undefined;
    check(block !== undefined && block.size >= 2 ** 12 && block.size <= 2 ** 16, 'network.cidr', input.network.cidr,
      'an IPv4 block from /16 to /20 without host bits', "set 'network.cidr' to e.g. 10.10.0.0/16");
    between(input.network.availabilityZones, 2, 3, 'network.availabilityZones', 'zones', true);
    check(['single', 'per-zone'].includes(input.network.nat), 'network.nat', input.network.nat, 'single, per-zone', "set 'network.nat'");
  }
  if (object(input.kubernetes, 'kubernetes')) {
    check(typeof input.kubernetes.version === 'string' && Object.hasOwn(kubernetesVersions, input.kubernetes.version), 'kubernetes.version', input.kubernetes.version,
      Object.keys(kubernetesVersions).join(', '), 'choose a version the catalogue lists');
    const blocks: readonly unknown[] = Array.isArray(input.kubernetes.publicAccessCidrs) ? Array.from(input.kubernetes.publicAccessCidrs) : [];
    check(Array.isArray(input.kubernetes.publicAccessCidrs), 'kubernetes.publicAccessCidrs', input.kubernetes.publicAccessCidrs, 'a list of blocks, empty for a private endpoint', 'give a list');
    blocks.forEach((block, index) => {
      const parsed = typeof block === 'string' ? parseCidr(block) : undefined;
      check(parsed !== undefined && parsed.size <= 2 ** 24, `kubernetes.publicAccessCidrs[${index}]`, block,
        'an IPv4 block of /8 or smaller: not the whole internet, nor half of it', 'name the networks your engineers come from, or leave the list empty');
    });
  }
  poolFaults(input, faults, root, check, between);
  if (object(input.services, 'services')) {
    for (const service of SERVICES) {
      const settings = input.services[service];
      if (!object(settings, `services.${service}`)) continue;
      const low = between(settings.minReplicas, 1, 1000, `services.${service}.minReplicas`, 'replicas', true);
      const high = between(settings.maxReplicas, 1, 1000, `services.${service}.maxReplicas`, 'replicas', true);
      if (low && high) {
        check(settings.minReplicas <= settings.maxReplicas, `services.${service}`, `minReplicas ${settings.minReplicas} above maxReplicas ${settings.maxReplicas}`,
          'minReplicas at most maxReplicas', 'swap them or raise maxReplicas');
      }
      if (settings.shards === undefined) continue;
      check(service === 'forecaster', `services.${service}.shards`, settings.shards, 'nothing: only the forecaster is split', "remove 'shards'");
      const split = between(settings.shards, 1, 64, `services.${service}.shards`, 'shards', true);
      if (split && low) {
        check(settings.shards <= settings.minReplicas, `services.${service}`, `${settings.shards} shards on ${settings.minReplicas} replicas`,
          'a replica for each shard at least', 'raise minReplicas: nobody would forecast the services of a shard without a replica');
        check(settings.shards === 1 || input.scaling?.demandSource !== 'external', `services.${service}.shards`, `${settings.shards} shards where KEDA asks the forecaster itself`,
          "one shard, or scaling.demandSource 'prometheus'", 'choose one of them: KEDA asks any replica, so each must know every service');
      }
    }
    for (const name of Object.keys(input.services)) {
      check((SERVICES as readonly string[]).includes(name), `services.${name}`, name, SERVICES.join(', '), 'remove it, or add the service to apps/ and to SERVICES');
    }
  }
  if (object(input.scaling, 'scaling')) {
    check(['predictive', 'reactive'].includes(input.scaling.mode), 'scaling.mode', input.scaling.mode, 'predictive, reactive', "set 'scaling.mode'");
    check(['prometheus', 'external'].includes(input.scaling.demandSource ?? 'prometheus'), 'scaling.demandSource', input.scaling.demandSource, 'prometheus, external', "set 'scaling.demandSource', or leave it out");
    between(input.scaling.cpuTargetPercent, 10, 95, 'scaling.cpuTargetPercent', 'percent');
    between(input.scaling.demandTargetPercent, 10, 100, 'scaling.demandTargetPercent', 'percent');
    between(input.scaling.demandQuantile, 0.5, 0.99, 'scaling.demandQuantile', '');
    between(input.scaling.leadTimeSeconds, 30, 3600, 'scaling.leadTimeSeconds', 'seconds', true);
    between(input.scaling.scaleDownStabilizationSeconds, 0, 3600, 'scaling.scaleDownStabilizationSeconds', 'seconds', true);
  }
  if (object(input.budget, 'budget')) {
    between(input.budget.monthlyUsd, 1, 10_000_000, 'budget.monthlyUsd', 'US dollars');
    const notify: readonly unknown[] = Array.isArray(input.budget.notify) ? Array.from(input.budget.notify) : [];
    check(notify.length > 0 && notify.every((address) => typeof address === 'string' && EMAIL.test(address)), 'budget.notify', input.budget.notify,
      'at least one e-mail address', 'name who hears of the budget');
  }
  if (object(input.retention, 'retention')) {
    between(input.retention.logsDays, 1, 3653, 'retention.logsDays', 'days', true);
    between(input.retention.metricsDays, 1, 3653, 'retention.metricsDays', 'days', true);
  }
  if (object(input.images, 'images')) {
    check(typeof input.images.repository === 'string' && /^\S*[^\s/]$/.test(input.images.repository), 'images.repository', input.images.repository,
      'a repository without a slash at its end', "set 'images.repository'");
    check(typeof input.images.tag === 'string' && input.images.tag !== '' && input.images.tag !== 'latest', 'images.tag', input.images.tag, "a tag other than 'latest'", 'name the version');
  }
  if (object(input.slo, 'slo')) between(input.slo.availability, 0.9, 0.99999, 'slo.availability', '');
  if (object(input.gitops, 'gitops')) {
    const { repository } = input.gitops;
    const withPassword = typeof repository === 'string' && /^[a-z+]+:\/\/[^/\s]*:[^/\s]*@/.test(repository);
    check(typeof repository === 'string' && /^(https:\/\/|ssh:\/\/|git@)\S+$/.test(repository) && !withPassword, 'gitops.repository',
      withPassword ? 'an address with a password, which is not shown' : repository, 'an https or ssh address without a password', 'set the repository Argo CD syncs from');
    check(typeof input.gitops.revision === 'string' && input.gitops.revision !== '' && input.gitops.revision !== 'HEAD', 'gitops.revision', input.gitops.revision,
      'a branch or tag, not HEAD', 'name what Argo CD follows');
  }
  return faults;
}

function poolFaults(
  input: Environment, faults: Fault[], root: string,
  check: (fits: boolean, path: string, got: unknown, allowed: string, todo: string) => void,
  between: (value: unknown, min: number, max: number, path: string, unit: string, integer?: boolean) => boolean,
): void {
  const given: readonly unknown[] = Array.isArray(input.nodePools) ? Array.from(input.nodePools) : [];
  if (given.length === 0) {
    faults.push({ where: `${root}.nodePools`, got: show(input.nodePools), allowed: 'at least one pool', do: 'give a pool for the system workloads' });
    return;
  }
  given.forEach((each, index) => check(typeof each === 'object' && each !== null, `nodePools[${index}]`, each, 'an object', `give 'nodePools[${index}]'`));
  const pools = given.map((each) => (typeof each === 'object' ? each : null) as NodePool | null);
  pools.forEach((pool, index) => {
    if (pool === null) return;
    const path = `nodePools[${index}]`;
    check(typeof pool.name === 'string' && LABEL.test(pool.name), `${path}.name`, pool.name, 'a DNS label', 'name the pool');
    check(pools.findIndex((other) => other?.name === pool.name) === index, `${path}.name`, pool.name, 'names that differ', 'rename one of the pools');
    check(['on-demand', 'spot'].includes(pool.capacity), `${path}.capacity`, pool.capacity, 'on-demand, spot', "set 'capacity'");
    const types: readonly unknown[] = Array.isArray(pool.instanceTypes) ? Array.from(pool.instanceTypes) : [];
    check(types.length > 0 && types.every((type) => typeof type === 'string' && INSTANCE_TYPE.test(type)), `${path}.instanceTypes`, pool.instanceTypes,
      'at least one EC2 instance type such as m7g.large', 'list the types');
    const low = between(pool.minNodes, 0, 500, `${path}.minNodes`, 'nodes', true);
    const high = between(pool.maxNodes, 1, 500, `${path}.maxNodes`, 'nodes', true);
    if (low && high) check(pool.minNodes <= pool.maxNodes, path, `minNodes ${pool.minNodes} above maxNodes ${pool.maxNodes}`, 'minNodes at most maxNodes', 'swap them or raise maxNodes');
  });
  if (!pools.some((pool) => pool?.capacity === 'on-demand' && typeof pool.minNodes === 'number' && pool.minNodes > 0)) {
    faults.push({ where: `${root}.nodePools`, got: 'no pool that always has an on-demand node', allowed: 'at least one on-demand pool with minNodes above 0', do: 'system workloads must survive a spot reclaim: add such a pool' });
  }
}

/** What is not plain data cannot be copied or frozen: functions, symbols, class instances, values that hold themselves. */
function notData(value: unknown, path: string, faults: Fault[], within: readonly unknown[] = []): void {
  const prototype: unknown = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : Object.prototype;
  const plain = prototype === null || prototype === Object.prototype || Array.isArray(value);
  if (typeof value === 'function' || typeof value === 'symbol' || !plain || within.includes(value)) {
    const got = within.includes(value) ? 'a value that holds itself' : show(value);
    faults.push({ where: path, got, allowed: 'plain data: texts, numbers, lists, objects', do: 'give the value itself' });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) notData(inner, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, faults, [...within, value]);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
