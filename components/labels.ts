/** Who answers for an object, and where it runs. Every object of a service carries these as labels. */
export interface Ownership {
  /** Team that is paged. */
  readonly owner: string;
  /** DNS label of the environment. */
  readonly environment: string;
  /** Cost centre that pays. */
  readonly costCentre: string;
}

/** Prefix of the platform's own labels and annotations. */
export const LABEL_PREFIX = 'tideline.dev';

/** Annotation that names what an object refers to and nobody synthesizes: `Secret/name`, comma-separated. Secrets come from the secret store. */
export const PROVIDED_ELSEWHERE = `${LABEL_PREFIX}/provided-elsewhere`;

/**
 * Labels of a service's objects: the recommended ones of Kubernetes and the platform's own.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
export function labelsOf(name: string, ownership: Ownership, component = 'service'): Record<string, string> {
  return {
    ...selectorOf(name),
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/managed-by': 'argocd',
    ...ownerLabels(ownership),
  };
}

/** Labels that say who answers for an object, and that it is the platform's. */
export function ownerLabels(ownership: Ownership): Record<string, string> {
  return {
    'app.kubernetes.io/part-of': 'tideline',
    [`${LABEL_PREFIX}/owner`]: ownership.owner,
    [`${LABEL_PREFIX}/environment`]: ownership.environment,
    [`${LABEL_PREFIX}/cost-centre`]: ownership.costCentre,
  };
}

/** The labels that select a service's pods: those that never change. */
export function selectorOf(name: string): Record<string, string> {
  return { 'app.kubernetes.io/name': name };
}
