import { Cidr } from '../base/cidr';
import { Fault, refuse, show } from '../base/faults';
import { kubernetesVersions } from './catalogue';
import { Checks, elementsOf } from './checks';
import { SERVICE_CIDR } from './facts';
import { instanceTypeNames } from './instance-types';
import { CLUSTER_RIGHTS, ClusterAccessSetting, DataSettings, Environment, INTERFACE_ENDPOINTS, NODE_PROVISIONERS, NodePool, OPTIONAL_SERVICES, REGIONS, ServiceName, SERVICES } from './schema';

const LABEL = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/;
const ROLE = /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/;
const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;
const TOPIC = /^arn:aws:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/;
const MONITOR = /^arn:aws:ce::\d{12}:anomalymonitor\/[\w-]+$/;
const REPOSITORY = /^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[\w.-]{1,100}$/;

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
      if (overlap(one.network.cidr, other.network.cidr)) {
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
  const checks = new Checks(`environments/${typeof input?.name === 'string' && input.name !== '' ? input.name : '?'}`);
  const { faults, check, object, between, filled, oneOf } = checks;
  if (!object(input, 'value')) return faults;
  notData(input, checks.root, faults);
  check(typeof input.name === 'string' && LABEL.test(input.name), 'name', input.name, 'a DNS label of 1 to 40 characters', "set 'name' to e.g. dev");
  check(typeof input.account === 'string' && /^\d{12}$/.test(input.account), 'account', input.account, '12 digits', "set 'account' to the AWS account number, as a string");
  oneOf(input.region, REGIONS, 'region', 'choose a region that pricing/ knows, or add it to the price book and to REGIONS');
  filled(input.owner, 'owner');
  filled(input.costCentre, 'costCentre');
  checks.boolean(input.protect, 'protect');

  if (object(input.network, 'network')) {
    const block = typeof input.network.cidr === 'string' ? Cidr.tryParse(input.network.cidr) : undefined;
    check(block !== undefined && block.size >= 2 ** 12 && block.size <= 2 ** 16, 'network.cidr', input.network.cidr,
      'an IPv4 block from /16 to /20 without host bits', "set 'network.cidr' to e.g. 10.10.0.0/16");
    between(input.network.availabilityZones, 2, 3, 'network.availabilityZones', 'zones', true);
    oneOf(input.network.nat, ['single', 'per-zone'], 'network.nat');
    elementsOf(input.network.interfaceEndpoints).forEach((each, index) => oneOf(each, INTERFACE_ENDPOINTS, `network.interfaceEndpoints[${index}]`));
  }
  if (object(input.kubernetes, 'kubernetes')) {
    const supported = oneOf(input.kubernetes.version, Object.keys(kubernetesVersions), 'kubernetes.version', 'choose a version the catalogue lists');
    if (supported && input.kubernetes.upgradedFrom !== undefined) {
      const minor = Number(input.kubernetes.version.split('.')[1]);
      check([`1.${minor}`, `1.${minor - 1}`].includes(input.kubernetes.upgradedFrom), 'kubernetes.upgradedFrom', input.kubernetes.upgradedFrom, `1.${minor - 1}, 1.${minor}`,
        'go up one minor, apply, then the next: EKS skips none and never goes back');
    }
    serviceCidrFaults(input, checks);
    accessFaults(input.kubernetes.access, checks);
    const blocks = elementsOf(input.kubernetes.publicAccessCidrs);
    check(Array.isArray(input.kubernetes.publicAccessCidrs), 'kubernetes.publicAccessCidrs', input.kubernetes.publicAccessCidrs, 'a list of blocks, empty for a private endpoint', 'give a list');
    blocks.forEach((block, index) => {
      const parsed = typeof block === 'string' ? Cidr.tryParse(block) : undefined;
      check(parsed !== undefined && parsed.size <= 2 ** 24, `kubernetes.publicAccessCidrs[${index}]`, block,
        'an IPv4 block of /8 or smaller: not the whole internet, nor half of it', 'name the networks your engineers come from, or leave the list empty');
    });
  }
  oneOf(input.nodeProvisioner, NODE_PROVISIONERS, 'nodeProvisioner');
  poolFaults(input, checks);
  if (object(input.data, 'data')) dataFaults(input.data, checks);
  if (object(input.services, 'services')) {
    const named = OPTIONAL_SERVICES.filter((service) => input.services[service] !== undefined);
    for (const service of [...SERVICES, ...named]) {
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
      check([...SERVICES, ...OPTIONAL_SERVICES].includes(name as ServiceName), `services.${name}`, name, [...SERVICES, ...OPTIONAL_SERVICES].join(', '), 'remove it, or add the service to apps/ and to SERVICES');
    }
  }
  if (object(input.scaling, 'scaling')) {
    oneOf(input.scaling.mode, ['predictive', 'reactive'], 'scaling.mode');
    oneOf(input.scaling.demandSource ?? 'prometheus', ['prometheus', 'external'], 'scaling.demandSource', "set 'scaling.demandSource', or leave it out");
    between(input.scaling.cpuTargetPercent, 10, 95, 'scaling.cpuTargetPercent', 'percent');
    between(input.scaling.demandTargetPercent, 10, 100, 'scaling.demandTargetPercent', 'percent');
    between(input.scaling.demandQuantile, 0.5, 0.99, 'scaling.demandQuantile', '');
    between(input.scaling.leadTimeSeconds, 30, 3600, 'scaling.leadTimeSeconds', 'seconds', true);
    between(input.scaling.scaleDownStabilizationSeconds, 0, 3600, 'scaling.scaleDownStabilizationSeconds', 'seconds', true);
  }
  if (object(input.budget, 'budget')) {
    between(input.budget.monthlyUsd, 1, 10_000_000, 'budget.monthlyUsd', 'US dollars');
    const notify = elementsOf(input.budget.notify);
    check(notify.length > 0 && notify.every((address) => typeof address === 'string' && (EMAIL.test(address) || TOPIC.test(address))), 'budget.notify', input.budget.notify,
      'at least one e-mail address or ARN of an SNS topic, and nothing else', 'name who hears of the budget');
    const topics = notify.filter((address) => typeof address === 'string' && TOPIC.test(address)).length;
    check(topics <= 1 && notify.length - topics <= 10, 'budget.notify', `${notify.length - topics} addresses, ${topics} topics`, 'at most ten e-mail addresses and one topic',
      'let a mailing list, or the topic, tell the others: a budget of AWS takes no more');
    if (input.budget.alertPercents !== undefined) {
      const percents = elementsOf(input.budget.alertPercents);
      check(percents.length >= 1 && percents.length <= 5 && percents.every((each, index) => typeof each === 'number' && each > (index === 0 ? 0 : percents[index - 1] as number) && each <= 1000),
        'budget.alertPercents', input.budget.alertPercents, '1 to 5 ascending percentages up to 1000', "set 'budget.alertPercents', or leave it out");
    }
    if (input.budget.anomalyUsd !== undefined) between(input.budget.anomalyUsd, 1, 1_000_000, 'budget.anomalyUsd', 'US dollars');
    if (input.budget.byTag !== undefined) checks.boolean(input.budget.byTag, 'budget.byTag');
    if (input.budget.anomalyMonitor !== undefined) {
      check(typeof input.budget.anomalyMonitor === 'string' && MONITOR.test(input.budget.anomalyMonitor), 'budget.anomalyMonitor', input.budget.anomalyMonitor,
        'the ARN of an anomaly monitor', 'aws ce get-anomaly-monitors lists them; or leave it out');
      check(input.budget.byTag !== true, 'budget.anomalyMonitor', 'a monitor of the account beside byTag', 'one of them', 'leave out the monitor: what carries the tags has one of its own');
    }
  }
  if (object(input.observability, 'observability')) {
    checks.boolean(input.observability.managedPrometheus, 'observability.managedPrometheus');
    checks.boolean(input.observability.managedGrafana, 'observability.managedGrafana');
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
  if (object(input.github, 'github')) githubFaults(input.github, checks);
  return faults;
}

/** A Service whose address somebody else has hides it from everything on the cluster. */
function serviceCidrFaults({ kubernetes, network }: Environment, { check }: Checks): void {
  const services = typeof kubernetes.serviceCidr === 'string' ? Cidr.tryParse(kubernetes.serviceCidr) : undefined;
  const given = check(kubernetes.serviceCidr === undefined || (services !== undefined && services.prefix >= 12 && services.prefix <= 24), 'kubernetes.serviceCidr', kubernetes.serviceCidr,
    'an IPv4 block from /12 to /24 without host bits', `set 'kubernetes.serviceCidr', or leave it out for ${SERVICE_CIDR}`);
  const vpc = typeof network?.cidr === 'string' ? Cidr.tryParse(network.cidr) : undefined;
  const block = services ?? Cidr.parse(SERVICE_CIDR, 'facts');
  if (given && vpc) check(!block.overlaps(vpc), 'kubernetes.serviceCidr', `${block}, which overlaps ${vpc} of the network`, 'blocks that share no address', 'choose another block for one of them');
}

function accessFaults(access: unknown, { check, object, oneOf }: Checks): void {
  check(access === undefined || Array.isArray(access), 'kubernetes.access', access, 'a list of roles and their rights', 'give a list, or leave it out');
  elementsOf(access).forEach((each, index) => {
    const path = `kubernetes.access[${index}]`;
    if (!object(each, path)) return;
    const { role, as, namespaces } = each as Partial<ClusterAccessSetting>;
    check(typeof role === 'string' && ROLE.test(role), `${path}.role`, role, 'the ARN of an IAM role', 'name the role; users and sessions come and go');
    oneOf(as, CLUSTER_RIGHTS, `${path}.as`);
    check(namespaces === undefined || (elementsOf(namespaces).length > 0 && elementsOf(namespaces).every((name) => typeof name === 'string' && LABEL.test(name)) && as !== 'cluster-admin'),
      `${path}.namespaces`, namespaces, 'names of namespaces, at least one, and none for a cluster-admin', 'name them, or leave them out for the whole cluster');
  });
}

/** What would let a change through that nobody reviewed is refused: a wildcard for branches, a pattern that any tag fits. */
function githubFaults(github: Environment['github'], { check, object }: Checks): void {
  check(typeof github.repository === 'string' && REPOSITORY.test(github.repository), 'github.repository', github.repository, 'owner/name, without wildcards', "set 'github.repository'");
  if (github.ids !== undefined && object(github.ids, 'github.ids')) {
    const { owner, repository } = github.ids;
    check([owner, repository].every((id) => typeof id === 'string' && /^\d{1,20}$/.test(id)), 'github.ids', github.ids, 'numbers of owner and repository, as texts', 'take them from gh api repos/OWNER/NAME');
  }
  if (!object(github.deploysFrom, 'github.deploysFrom')) return;
  const { branch, tag } = github.deploysFrom;
  check((branch === undefined) !== (tag === undefined), 'github.deploysFrom', github.deploysFrom, "either 'branch' or 'tag'", 'say which changes may be deployed');
  if (branch !== undefined) check(typeof branch === 'string' && /^[\w./-]+$/.test(branch), 'github.deploysFrom.branch', branch, 'one branch by name, without wildcards', 'name the branch, e.g. main');
  if (tag !== undefined) {
    check(typeof tag === 'string' && /^[\w./-]+\*?$/.test(tag), 'github.deploysFrom.tag', tag, 'a tag, or its beginning and one * at the end', 'name the tags, e.g. v*');
  }
}

function dataFaults(data: DataSettings, { check, object, between, boolean }: Checks): void {
  boolean(data.billingExport, 'data.billingExport');
  for (const [cloud, role] of Object.entries(data.billDeliveries ?? {})) {
    check(['gcp', 'azure'].includes(cloud), `data.billDeliveries.${cloud}`, cloud, 'gcp, azure', 'remove it: the lake has no place for it');
    check(typeof role === 'string' && /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(role), `data.billDeliveries.${cloud}`, role, 'the ARN of one role', 'name the role that delivers');
    check(data.billingExport, `data.billDeliveries.${cloud}`, 'deliveries without a lake', "nothing, or 'data.billingExport' true", 'decide whether bills are kept here');
  }
  if (data.postgres !== undefined && object(data.postgres, 'data.postgres')) {
    check(typeof data.postgres.instanceClass === 'string' && /^db\.[a-z]+[0-9]+[a-z]*\.[a-z0-9]+$/.test(data.postgres.instanceClass), 'data.postgres.instanceClass', data.postgres.instanceClass,
      'an RDS instance class such as db.t4g.medium', "set 'data.postgres.instanceClass'");
    between(data.postgres.storageGiB, 20, 65_536, 'data.postgres.storageGiB', 'GiB', true);
    boolean(data.postgres.multiAz, 'data.postgres.multiAz');
    between(data.postgres.backupDays, 1, 35, 'data.postgres.backupDays', 'days', true);
  }
  if (data.redis !== undefined && object(data.redis, 'data.redis')) {
    check(typeof data.redis.nodeType === 'string' && /^cache\.[a-z]+[0-9]+[a-z]*\.[a-z0-9]+$/.test(data.redis.nodeType), 'data.redis.nodeType', data.redis.nodeType,
      'an ElastiCache node type such as cache.t4g.small', "set 'data.redis.nodeType'");
    between(data.redis.replicas, 0, 5, 'data.redis.replicas', 'replicas', true);
  }
}

function poolFaults(input: Environment, { faults, root, check, between, oneOf }: Checks): void {
  const given = elementsOf(input.nodePools);
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
    oneOf(pool.capacity, ['on-demand', 'spot'], `${path}.capacity`);
    oneOf(pool.scaledBy, ['node-group', 'provisioner'], `${path}.scaledBy`);
    const types = elementsOf(pool.instanceTypes);
    check(types.length > 0, `${path}.instanceTypes`, pool.instanceTypes, 'at least one EC2 instance type', 'list the types');
    types.forEach((type, at) => oneOf(type, instanceTypeNames, `${path}.instanceTypes[${at}]`, 'choose a type that pricing/ knows, or add it there and to config/instance-types.ts'));
    const low = between(pool.minNodes, 0, 500, `${path}.minNodes`, 'nodes', true);
    const high = between(pool.maxNodes, 1, 500, `${path}.maxNodes`, 'nodes', true);
    if (low && high) check(pool.minNodes <= pool.maxNodes, path, `minNodes ${pool.minNodes} above maxNodes ${pool.maxNodes}`, 'minNodes at most maxNodes', 'swap them or raise maxNodes');
    if (low && pool.scaledBy === 'provisioner') check(pool.minNodes === 0, `${path}.minNodes`, pool.minNodes, '0: a provisioner starts nodes when pods need them', 'set it to 0, or let a node group hold the nodes that always run');
  });
  const system = pools.find((pool) => pool?.scaledBy === 'node-group' && pool.capacity === 'on-demand' && typeof pool.minNodes === 'number' && pool.minNodes > 0);
  if (!system && input.nodeProvisioner !== 'auto-mode') { // which has pools of its own for them
    faults.push({
      where: `${root}.nodePools`, got: 'no pool that always has an on-demand node', allowed: 'at least one on-demand node group with minNodes above 0',
      do: 'system workloads, the provisioner among them, must survive a spot reclaim: add such a pool',
    });
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

/** True if two IPv4 blocks share an address. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [Cidr.tryParse(one), Cidr.tryParse(other)];
  return a !== undefined && b !== undefined && a.overlaps(b);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
