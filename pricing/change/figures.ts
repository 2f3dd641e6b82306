import type { EnvironmentChange, LineChange, PricedSide, Usd } from './contract';

/** `1,234.50`, or the word unknown. */
export function usd(amount: Usd): string {
  return amount === null ? 'unknown' : amount.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ','); // Intl would cost a tenth of the whole program's time
}

/** `+12.00`, `-3.10`, `0.00`, or the word unknown. */
export function signed(amount: Usd): string {
  if (amount === null) return 'unknown';
  const text = usd(amount);
  return amount > 0 && text !== '0.00' ? `+${text}` : text === '-0.00' ? '0.00' : text;
}

/** `97.4 %`, rounded down, so that only all of it is 100 %. */
export function percent(share: number): string {
  return `${(Math.floor(share * 1000 + 1e-9) / 10).toFixed(1)} %`;
}

/** What a change does to its environment's budget. */
export function budgetSentence({ budget }: EnvironmentChange): string {
  const { monthlyUsd, typicalUsd, passed, passedBefore } = budget;
  if (typicalUsd === null) return `budget ${usd(monthlyUsd)} USD; the typical price is unknown`;
  const share = `${Math.round((typicalUsd / monthlyUsd) * 100)} %`;
  if (!passed) return `budget ${usd(monthlyUsd)} USD; the typical price is ${share} of it${passedBefore ? ', and was above it' : ''}`;
  return `PASSES THE BUDGET: the typical price is ${share} of ${usd(monthlyUsd)} USD${passedBefore ? ', as before' : ''}`;
}

/** The dearest differences first, unknown ones before all, then by name. */
export function byWeight(lines: readonly LineChange[]): LineChange[] {
  const weight = (line: LineChange) => (line.difference.typical === null ? Infinity : Math.max(Math.abs(line.difference.typical), Math.abs(line.difference.maximum ?? 0)));
  const name = (line: LineChange) => `${line.stack ?? ''} ${line.resource} ${line.description}`;
  return [...lines].sort((a, b) => {
    const [heavy, light] = [weight(b), weight(a)];
    return heavy === light ? (name(a) < name(b) ? -1 : 1) : heavy - light;
  });
}

/** Address or object behind a line. */
export function behind(line: Pick<LineChange, 'stack' | 'resource'>): string {
  return line.stack ? `${line.stack}/${line.resource}` : line.resource;
}

/** `node pool burst, typically: shop/cart: 10 → 11 pods`: what moved which nodes. */
export function movedPods(lines: readonly LineChange[]): string[] {
  return [...new Set(lines.flatMap((line) => line.because.map((each) => `${behind(line)}, typically: ${each}`)))].sort();
}

/** `2 × t4g.large on-demand, 1 × m7g.large spot`. */
export function nodesSentence(nodes: PricedSide['nodes']['typical']): string {
  return nodes.map((node) => `${node.count} × ${node.instanceType} ${node.capacity}`).join(', ') || 'none';
}

/** Rise of the typical price of all environments together, of what is known of it, US dollars. */
export function typicalRise(environments: readonly EnvironmentChange[]): number {
  const cents = environments.reduce((sum, each) => sum + (each.difference?.aws.typical ?? 0) * 1e6 + (each.difference?.kubernetes.typical ?? 0) * 1e6, 0);
  return Math.round(cents) / 1e6;
}

/** Titles of the parts. */
export const PART_TITLES = { aws: 'AWS resources', kubernetes: 'Kubernetes', total: 'together' } as const;
