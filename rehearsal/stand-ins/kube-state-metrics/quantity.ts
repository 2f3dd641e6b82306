/** Powers of ten, and of 1024 (`Ki` and so on). */
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/**
 * A quantity in its base unit, cores or bytes, in every form that the API server admits.
 *
 * @returns undefined for what is none
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function quantityOf(text: string): number | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i|)$/.exec(text);
  if (!match) return undefined;
  const [, digits, unit] = match as unknown as [string, string, string];
  if (BINARY.includes(unit)) return Number(digits) * 1024 ** (BINARY.indexOf(unit) + 1);
  return Number(`${digits}${unit in DECIMAL ? `e${DECIMAL[unit]}` : unit}`); // as a text: 100m is 0.1, and not a little more
}
