/** Labels of an object. */
type Labels = Readonly<Record<string, string>>;

/** Whether labels satisfy a selector. */
export type LabelPredicate = (labels: Labels) => boolean;

/** Splits at commas that are not inside parentheses. */
function requirements(selector: string): string[] {
  return selector.split(/,(?![^(]*\))/).map((each) => each.trim()).filter((each) => each !== '');
}

/**
 * Parses a label selector as the Kubernetes API takes it in `labelSelector`: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`.
 *
 * @returns undefined if the text is not a selector
 */
export function parseLabelSelector(selector: string): LabelPredicate | undefined {
  const predicates: LabelPredicate[] = [];
  for (const each of requirements(selector)) {
    const set = /^([^\s!=,()]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(each);
    const equality = /^([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)$/.exec(each);
    const existence = /^(!?)\s*([^\s!=,()]+)$/.exec(each);
    if (set) {
      const values = set[3]!.split(',').map((value) => value.trim());
      const key = set[1]!;
      predicates.push(set[2] === 'in' ? (labels) => key in labels && values.includes(labels[key]!) : (labels) => !(key in labels) || !values.includes(labels[key]!));
    } else if (equality) {
      const [, key, operator, value] = equality as unknown as [string, string, string, string];
      predicates.push(operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value);
    } else if (existence) {
      const key = existence[2]!;
      predicates.push(existence[1] === '!' ? (labels) => !(key in labels) : (labels) => key in labels);
    } else {
      return undefined;
    }
  }
  return (labels) => predicates.every((predicate) => predicate(labels));
}
