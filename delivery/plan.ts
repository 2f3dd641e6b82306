/** A value of a resource as plans show it. */
export type PlanValue = Readonly<Record<string, unknown>>;

/** One entry of `resource_changes`, as far as it is reviewed. */
export interface ResourceChange {
  readonly address: string;
  readonly mode: 'managed' | 'data';
  readonly type: string;
  readonly action_reason?: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: PlanValue | null;
    readonly after: PlanValue | null;
    /** Paths whose change makes Terraform replace the resource. */
    readonly replace_paths?: readonly (readonly (string | number)[])[];
  };
}

/** What `terraform show -json` says of a saved plan, as far as it is reviewed. Values in it may be secret: it is never printed or written whole. */
export interface Plan {
  readonly format_version: string;
  readonly resource_changes?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, { readonly actions: readonly string[] }>>;
  readonly errored?: boolean;
}

export type Action = 'create' | 'update' | 'replace' | 'destroy' | 'forget';

/** One resource that a plan changes. */
export interface ReviewedChange {
  readonly action: Action;
  readonly address: string;
  readonly type: string;
  /** Names of attributes that change, or that force the replacement. Never their values. */
  readonly because: readonly string[];
}

/** A plan as somebody reads it before saying yes. */
export interface PlanReview {
  readonly changes: readonly ReviewedChange[];
  readonly count: Readonly<Record<Action, number>>;
  /** Whether applying it changes anything at all, outputs included. */
  readonly empty: boolean;
}

const ORDER: readonly Action[] = ['destroy', 'replace', 'forget', 'update', 'create'];

/** What a plan does with a resource; undefined if nothing. */
export function actionOf({ change, mode }: Pick<ResourceChange, 'change' | 'mode'>): Action | undefined {
  const { actions } = change;
  if (mode !== 'managed') return undefined;
  if (actions.includes('delete')) return actions.includes('create') ? 'replace' : 'destroy';
  if (actions.includes('forget')) return actions.includes('create') ? 'replace' : 'forget';
  if (actions.includes('create')) return 'create';
  return actions.includes('update') ? 'update' : undefined;
}

/** Reads a plan: what changes, the dangerous first. */
export function reviewPlan(plan: Plan): PlanReview {
  const changes = (plan.resource_changes ?? []).flatMap((entry): ReviewedChange[] => {
    const action = actionOf(entry);
    return action ? [{ action, address: entry.address, type: entry.type, because: becauseOf(entry, action) }] : [];
  }).sort((one, other) => ORDER.indexOf(one.action) - ORDER.indexOf(other.action) || (one.address < other.address ? -1 : 1));
  const count = Object.fromEntries(ORDER.map((action) => [action, changes.filter((change) => change.action === action).length])) as Record<Action, number>;
  const outputs = Object.values(plan.output_changes ?? {}).some(({ actions }) => actions.some((action) => action !== 'no-op'));
  return { changes, count, empty: changes.length === 0 && !outputs };
}

/** `2 to create, 1 to update, 0 to replace, 0 to destroy` */
export function countLine({ count }: PlanReview): string {
  return `${count.create} to create, ${count.update} to update, ${count.replace} to replace, ${count.destroy} to destroy${count.forget > 0 ? `, ${count.forget} to forget` : ''}`;
}

/** Lines of a review: everything that is lost by address, the rest shorter. */
export function reviewLines(review: PlanReview): string[] {
  const named = (action: Action, verb: string) => review.changes.filter((change) => change.action === action)
    .map(({ address, because }) => `  ${verb} ${address}${because.length > 0 ? ` (${because.join(', ')})` : ''}`);
  const created = new Map<string, number>();
  for (const { action, type } of review.changes) if (action === 'create') created.set(type, (created.get(type) ?? 0) + 1);
  return [
    ...named('destroy', '- destroys'), ...named('replace', '± replaces'), ...named('forget', '  forgets'), ...named('update', '~ updates'),
    ...[...created].sort(([one], [other]) => (one < other ? -1 : 1)).map(([type, number]) => `  + creates ${number} ${type}`),
  ];
}

const REASONS: Readonly<Record<string, string>> = {
  replace_because_tainted: 'tainted', replace_by_request: 'asked for', replace_by_triggers: 'triggered', delete_because_no_resource_config: 'no longer in the stack',
};

function becauseOf({ change, action_reason: reason }: ResourceChange, action: Action): string[] {
  if (action === 'replace') {
    const paths = [...new Set((change.replace_paths ?? []).map((path) => path.join('.')))].sort();
    const named = REASONS[reason ?? ''];
    return named ? [named, ...paths] : paths;
  }
  if (action === 'destroy') return REASONS[reason ?? ''] ? [REASONS[reason ?? '']!] : [];
  if (action !== 'update') return [];
  const { before, after } = change;
  return [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter((key) => JSON.stringify(before?.[key]) !== JSON.stringify(after?.[key])).sort();
}
