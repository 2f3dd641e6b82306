import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';
import { architectureOf } from '../architecture';
import { LABEL_PREFIX, ownerLabels, Ownership } from '../labels';
import type { NodeClass } from './node-class';

/** Why a node may be ended although nothing is wrong with it. */
export type DisruptionReason = 'Empty' | 'Underutilized' | 'Drifted';

/** How many nodes of a pool may be going at once. Of several budgets that apply, the tightest counts. */
export interface DisruptionBudget {
  /** A number, `0` for none, or a share such as `10%`, which is rounded up. */
  readonly nodes: string;
  /** @default - every reason */
  readonly reasons?: readonly DisruptionReason[];
  /** When it begins, as cron writes it, UTC. @default - it always applies */
  readonly schedule?: string;
  /** How long it lasts from then, e.g. `10h`; together with `schedule` only. @default - it always applies */
  readonly duration?: string;
}

/** A taint of nodes. */
export interface NodeTaint {
  readonly key: string;
  /** @default - none */
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'NoExecute' | 'PreferNoSchedule';
}

/** Props of {@link NodePool}. */
export interface NodePoolProps extends Ownership {
  /** DNS label, unique in the cluster; nodes carry it as the label `tideline.dev/pool`. */
  readonly name: string;
  readonly capacity: 'on-demand' | 'spot';
  /** EC2 instance types of one processor architecture. The provisioner takes the one that costs least for the pods at hand, spot also by how likely it is to be interrupted. */
  readonly instanceTypes: readonly string[];
  /** Nodes it may have at most, 1 to 500. */
  readonly maxNodes: number;
  readonly nodeClass: NodeClass;
  /** Pools of a larger weight are filled first, 0 to 100. @default 0 */
  readonly weight?: number;
  /** Keeps pods away that do not tolerate it. @default - none */
  readonly taints?: readonly NodeTaint[];
  /** Taints that something on the node takes away when it is ready for pods. @default - none */
  readonly startupTaints?: readonly NodeTaint[];
  /** More labels of the nodes. @default - pool and capacity */
  readonly labels?: Readonly<Record<string, string>>;
  /** Which nodes are given up to save money. `Balanced` weighs what is saved against the pods that are moved. @default - Balanced, and WhenEmptyOrUnderutilized on Auto Mode, which may not know it */
  readonly consolidationPolicy?: 'WhenEmpty' | 'WhenEmptyOrUnderutilized' | 'Balanced';
  /** How long no pod has come or gone before a node may be given up, e.g. `10m`, or `Never`. @default 10m */
  readonly consolidateAfter?: string;
  /** @default - half of the empty nodes at once, and a tenth of those that hold pods */
  readonly budgets?: readonly DisruptionBudget[];
  /** Age at which a node is replaced, whatever the budgets say; e.g. `720h`, or `Never`. @default - 720h, and 336h on Auto Mode */
  readonly expireAfter?: string;
  /** How long a node that goes waits for pods that may not be evicted; then they are ended. @default 24h */
  readonly terminationGracePeriod?: string;
  /** The way out: gets the finished spec and returns the one to use. @default - as built here */
  readonly transform?: (spec: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}

/** Nodes that hold pods go one by one: what a consolidation saves is little beside what a herd of evictions costs. */
const BUDGETS: readonly DisruptionBudget[] = [
  { nodes: '50%', reasons: ['Empty'] },
  { nodes: '10%', reasons: ['Underutilized', 'Drifted'] },
];

/** Auto Mode ends a node after 21 days, whatever is asked for. */
const AUTO_MODE_HOURS = 504;

/**
 * A group of nodes that come as pods ask for room and go as it is no longer needed, by Karpenter or EKS Auto Mode.
 *
 * The defaults are against churn: a node must have stood still for ten minutes before it may be given up, and what is saved must be worth the pods that are moved.
 *
 * @see https://karpenter.sh/docs/concepts/nodepools/
 */
export class NodePool extends Construct {
  readonly apiObject: ApiObject;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: NodePoolProps) {
    super(scope, id);
    refuse(`the node pool ${show(props.name)} cannot be built`, faultsOf(props, this.node.path));
    const auto = onAutoMode(props);
    const taints = (list: readonly NodeTaint[]) => list.map((taint) => ({ ...taint }));
    const spec = {
      template: {
        metadata: { labels: { [`${LABEL_PREFIX}/pool`]: props.name, [`${LABEL_PREFIX}/capacity`]: props.capacity, ...props.labels } },
        spec: {
          nodeClassRef: { ...props.nodeClass.ref },
          requirements: [
            { key: 'karpenter.sh/capacity-type', operator: 'In', values: [props.capacity] },
            { key: 'kubernetes.io/arch', operator: 'In', values: [architectureOf(props.instanceTypes[0]!)] },
            { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
            { key: 'node.kubernetes.io/instance-type', operator: 'In', values: [...props.instanceTypes] },
          ],
          ...(props.taints?.length ? { taints: taints(props.taints) } : {}),
          ...(props.startupTaints?.length ? { startupTaints: taints(props.startupTaints) } : {}),
          expireAfter: expireAfterOf(props),
          terminationGracePeriod: props.terminationGracePeriod ?? '24h',
        },
      },
      limits: { nodes: String(props.maxNodes) },
      ...(props.weight ? { weight: props.weight } : {}),
      disruption: {
        consolidationPolicy: props.consolidationPolicy ?? (auto ? 'WhenEmptyOrUnderutilized' : 'Balanced'),
        consolidateAfter: props.consolidateAfter ?? '10m',
        budgets: (props.budgets ?? BUDGETS).map((budget) => ({ ...budget, ...(budget.reasons ? { reasons: [...budget.reasons] } : {}) })),
      },
    };
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'karpenter.sh/v1', kind: 'NodePool', metadata: { name: props.name, labels: ownerLabels(props) }, spec: props.transform?.(spec) ?? spec,
    });
  }
}

function onAutoMode({ nodeClass }: NodePoolProps): boolean {
  return nodeClass.ref.group === 'eks.amazonaws.com';
}

function expireAfterOf(props: NodePoolProps): string {
  return props.expireAfter ?? (onAutoMode(props) ? '336h' : '720h');
}

/** Hours of a duration such as `1h30m`; Infinity for `Never`; undefined for what is none. */
function hoursOf(duration: string): number | undefined {
  if (duration === 'Never') return Infinity;
  if (!/^([0-9]+[smh])+$/.test(duration)) return undefined;
  const hours = { h: 1, m: 1 / 60, s: 1 / 3600 };
  return [...duration.matchAll(/([0-9]+)([smh])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * hours[unit as keyof typeof hours], 0);
}

function faultsOf(props: NodePoolProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  need(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(props.name), 'name', props.name, 'a DNS label', 'name the pool');
  need(['on-demand', 'spot'].includes(props.capacity), 'capacity', props.capacity, 'on-demand or spot', 'say how its nodes are bought');
  const types = new Set(props.instanceTypes);
  const least = props.capacity === 'spot' ? 2 : 1;
  need(types.size >= least && types.size === props.instanceTypes.length, 'instanceTypes', props.instanceTypes, `at least ${least} different EC2 instance types, each once`,
    least > 1 ? 'add types of other families: one type is one market, which can run dry' : 'list the types');
  need(new Set([...types].map(architectureOf)).size <= 1, 'instanceTypes', props.instanceTypes, 'types of one processor architecture', 'make a pool per architecture');
  need(Number.isInteger(props.maxNodes) && props.maxNodes >= 1 && props.maxNodes <= 500, 'maxNodes', props.maxNodes, 'a whole number from 1 to 500', 'set what it may cost at most');
  const weight = props.weight ?? 0;
  need(Number.isInteger(weight) && weight >= 0 && weight <= 100, 'weight', weight, 'a whole number from 0 to 100', 'set it, or leave it out for 0');
  for (const key of ['consolidateAfter', 'expireAfter', 'terminationGracePeriod'] as const) {
    const given = props[key];
    const endless = given === 'Never' && key === 'terminationGracePeriod';
    need(given === undefined || (hoursOf(given) !== undefined && !endless), key, given, key === 'terminationGracePeriod' ? 'hours, minutes and seconds such as 24h' : 'hours, minutes and seconds such as 1h30m, or Never', 'write a duration');
  }
  const life = (hoursOf(expireAfterOf(props)) ?? 0) + (hoursOf(props.terminationGracePeriod ?? '24h') ?? 0);
  need(!onAutoMode(props) || life <= AUTO_MODE_HOURS, 'expireAfter', `${expireAfterOf(props)} and ${props.terminationGracePeriod ?? '24h'} to go`, `together at most ${AUTO_MODE_HOURS}h on Auto Mode`, 'lower one of them: Auto Mode ends the node after 21 days in any case');
  (props.budgets ?? []).forEach((budget, index) => {
    need(/^((100|[0-9]{1,2})%|[0-9]+)$/.test(budget.nodes), `budgets[${index}].nodes`, budget.nodes, 'a number, or a share such as 10%', 'say how many nodes may be going at once');
    need((budget.schedule === undefined) === (budget.duration === undefined), `budgets[${index}]`, budget, 'schedule and duration together, or neither', 'say when it begins and how long it lasts');
    need(budget.duration === undefined || /^(([0-9]+(h|m))|([0-9]+h[0-9]+m))$/.test(budget.duration), `budgets[${index}].duration`, budget.duration, 'hours and minutes such as 8h30m', 'write a duration');
  });
  return faults;
}
