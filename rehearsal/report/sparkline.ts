const BARS = '▁▂▃▄▅▆▇█';

/**
 * A series as a line of bars from 0 to `top`, each as high as the highest value of its stretch.
 *
 * @param columns bars at most
 * @param top what the highest bar stands for; @default - the highest value
 */
export function sparkline(values: readonly number[], columns = 48, top = values.reduce((a, b) => Math.max(a, b), 0)): string {
  const bars = Math.min(columns, values.length);
  return Array.from({ length: bars }, (_, bar) => {
    const from = Math.floor((bar * values.length) / bars);
    const to = Math.floor(((bar + 1) * values.length) / bars);
    const highest = values.slice(from, to).reduce((a, b) => Math.max(a, b), 0);
    return BARS[top > 0 ? Math.min(BARS.length - 1, Math.floor((highest / top) * BARS.length)) : 0];
  }).join('');
}
