import type { KubeObject, ObjectRef } from '../../../control-plane';

/** What is read of an Application. */
export interface ApplicationState {
  readonly name: string;
  readonly wave: number;
  /** `Synced`, `OutOfSync` or `Unknown`. */
  readonly sync: string;
  /** `Healthy`, `Progressing`, `Degraded`, `Missing`, `Suspended` or `Unknown`. */
  readonly health: string;
  /** Whether a sync of it has ever succeeded. */
  readonly deployed: boolean;
  /** Commit it was compared with last. Empty before it was. */
  readonly revision: string;
  /** `Running`, `Succeeded`, `Failed`, `Error`, `Terminating`; empty before anything was done. */
  readonly phase: string;
  /** What Argo CD says of what it did last. */
  readonly message: string;
  /** What stands in its way: type and text. */
  readonly conditions: readonly { readonly type: string; readonly message: string }[];
  /** What it deployed. */
  readonly resources: readonly (ObjectRef & { readonly sync: string })[];
}

/** Reads an Application as Argo CD keeps it. */
export function readApplication(object: KubeObject): ApplicationState {
  const status = object.status ?? {};
  interface Resource { group?: string; version: string; kind: string; name: string; namespace?: string; status?: string }
  return {
    name: object.metadata.name,
    wave: Number(object.metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0),
    sync: status.sync?.status ?? 'Unknown',
    health: status.health?.status ?? 'Unknown',
    deployed: (status.history ?? []).length > 0,
    revision: status.sync?.revision ?? '',
    phase: status.operationState?.phase ?? '',
    message: status.operationState?.message ?? '',
    conditions: (status.conditions ?? []).map(({ type, message }: { type: string; message: string }) => ({ type, message })),
    resources: ((status.resources ?? []) as Resource[]).map((each) => ({
      apiVersion: each.group ? `${each.group}/${each.version}` : each.version,
      kind: each.kind,
      name: each.name,
      ...(each.namespace ? { namespace: each.namespace } : {}),
      sync: each.status ?? 'Unknown',
    })),
  };
}

/** Whether Git is live and well. */
export function isDone(state: ApplicationState): boolean {
  return state.sync === 'Synced' && state.health === 'Healthy';
}

/** Why an Application is not done, in few words. */
export function reasonOfApplication(state: ApplicationState): string {
  const error = state.conditions.find(({ type }) => type.endsWith('Error'));
  if (error) return `${error.type}: ${firstLine(error.message)}`;
  if (state.phase === 'Failed' || state.phase === 'Error') return `${state.phase}: ${firstLine(state.message)}`;
  const doing = state.phase === 'Running' && state.message !== '' ? `: ${firstLine(state.message)}` : '';
  return `${state.sync}, ${state.health}${doing}`;
}

/** The first line of a text, cut where it is long. */
export function firstLine(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return line.length > 240 ? `${line.slice(0, 237)}...` : line;
}
