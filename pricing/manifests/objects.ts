/** A Kubernetes object as pricing reads it: anything may be missing, for manifests may be anybody's. */
export interface PricedObject {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  /** @default - an object without one, such as a ConfigMap */
  readonly spec?: unknown;
}

/** The value at a path; undefined where the path ends early. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, key) => (typeof found === 'object' && found !== null ? (found as Readonly<Record<string, unknown>>)[key] : undefined), value);
}

/** The list at a path; empty where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The text at a path; undefined where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** Namespace an object is in; what names none is applied to `default`. */
export function namespaceOf(object: PricedObject): string {
  return object.metadata.namespace ?? 'default';
}

/** `Deployment shop/cart`, for messages. */
export function titleOf(object: PricedObject): string {
  return `${object.kind} ${namespaceOf(object)}/${object.metadata.name}`;
}

/** Spec of the pods that an object makes; undefined if it makes none. */
export function podSpecOf(object: PricedObject): unknown {
  if (object.kind === 'Pod') return object.spec;
  const template = object.kind === 'CronJob' ? at(object.spec, 'jobTemplate', 'spec', 'template') : at(object.spec, 'template');
  const spec = at(template, 'spec');
  return Array.isArray(at(spec, 'containers')) ? spec : undefined;
}
