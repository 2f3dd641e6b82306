import { scaleBand, scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { BarPlot, CalibrationPlot, FanPlot, HistogramPlot, Plot } from '../track';
import { escapeHtml, px } from './markup';

const WIDTH = 1080;
const LEFT = 44;
const RIGHT = 12;

/** A plot as a figure. */
export function renderPlot(plot: Plot): string {
  return `<figure><figcaption><h2>${escapeHtml(plot.title)}</h2><p>${escapeHtml(plot.caption)}</p></figcaption>${drawingOf(plot)}</figure>`;
}

function drawingOf(plot: Plot): string {
  switch (plot.kind) {
    case 'bars': return bars(plot);
    case 'histogram': return histogram(plot);
    case 'calibration': return calibration(plot);
    case 'fan': return fan(plot);
  }
}

function svg(width: number, height: number, label: string, content: string): string {
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(label)}">${content}</svg>`;
}

interface Axis {
  (value: number): number;
  ticks(count?: number): number[];
  tickFormat(count?: number, specifier?: string): (value: number) => string;
}

function yAxis(scale: Axis, width: number, count = 4, format = scale.tickFormat(count)): string {
  return scale.ticks(count).map((tick) => `<line class="grid" x1="${LEFT}" x2="${width - RIGHT}" y1="${px(scale(tick))}" y2="${px(scale(tick))}"/>`
    + `<text x="${LEFT - 6}" y="${px(scale(tick) + 4)}" text-anchor="end">${escapeHtml(format(tick))}</text>`).join('');
}

/** Big numbers as 1k, 1M: a fan's axis has 44 pixels. */
function short(scale: Axis): (value: number) => string {
  const [low, high] = [scale.ticks(4)[0] ?? 0, scale.ticks(4).at(-1) ?? 1];
  return Math.max(Math.abs(low), Math.abs(high)) >= 10_000 ? scale.tickFormat(4, '~s') : scale.tickFormat(4);
}

function keyOf(names: readonly string[], color: (index: number) => string): string {
  return `<div class="key">${names.map((name, index) => `<span><i style="background:${color(index)}"></i>${escapeHtml(name)}</span>`).join('')}</div>`;
}

function bars(plot: BarPlot): string {
  const height = 260;
  const values = plot.methods.flatMap((method) => method.values).filter((value) => value !== null);
  const y = scaleLinear([0, Math.max(plot.reference ?? 0, ...values) * 1.05], [height - 40, 14]);
  const x = scaleBand(plot.groups, [LEFT, WIDTH - RIGHT]).paddingInner(0.25).paddingOuter(0.1);
  const inner = scaleBand(plot.methods.map((_, index) => index), [0, x.bandwidth()]).paddingInner(0.08);
  const drawn = plot.groups.map((group, at) => plot.methods.map((method, index) => {
    const value = method.values[at];
    if (value === null || value === undefined) return '';
    const left = x(group)! + inner(index)!;
    return `<rect class="m${index % 4}" x="${px(left)}" width="${px(inner.bandwidth())}" y="${px(y(value))}" height="${px(y(0) - y(value))}"><title>${escapeHtml(`${group}, ${method.name}: ${value.toFixed(3)}`)}</title></rect>`
      + (index > 0 ? '' : `<text x="${px(left + inner.bandwidth() / 2)}" y="${px(y(value) - 4)}" text-anchor="middle" style="font-size:10px">${value.toFixed(2)}</text>`);
  }).join('') + `<text x="${px(x(group)! + x.bandwidth() / 2)}" y="${height - 20}" text-anchor="middle">${escapeHtml(group)}</text>`).join('');
  const reference = plot.reference === undefined ? '' : `<line class="mark" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(y(plot.reference))}" y2="${px(y(plot.reference))}"/>`;
  return svg(WIDTH, height, plot.title, yAxis(y, WIDTH) + drawn + reference) + keyOf(plot.methods.map((method) => method.name), (index) => `var(--m${index % 4})`);
}

const BINS = 40;

function histogram(plot: HistogramPlot): string {
  const height = 220;
  const top = Math.max(plot.reference * 1.2, ...plot.values.map((value) => Math.min(value, plot.reference * 2)));
  const bins = new Array<number>(BINS).fill(0);
  for (const value of plot.values) bins[Math.min(BINS - 1, Math.floor((Math.min(value, top) / top) * BINS))]! += 1;
  const x = scaleLinear([0, top], [LEFT, WIDTH - RIGHT]);
  const y = scaleLinear([0, Math.max(1, ...bins)], [height - 30, 10]);
  const drawn = bins.map((count, index) => {
    const from = (index * top) / BINS;
    const better = from + top / BINS / 2 < plot.reference;
    return `<rect class="${better ? 'better' : 'worse'}" x="${px(x(from) + 1)}" width="${px(x(top / BINS) - x(0) - 2)}" y="${px(y(count))}" height="${px(y(0) - y(count))}"/>`;
  }).join('');
  const ticks = x.ticks(10).map((tick) => `<text x="${px(x(tick))}" y="${height - 12}" text-anchor="middle">${tick}</text>`).join('');
  const reference = `<line class="mark" x1="${px(x(plot.reference))}" x2="${px(x(plot.reference))}" y1="10" y2="${height - 30}"/>`;
  return svg(WIDTH, height, plot.title, yAxis(y, WIDTH) + drawn + ticks + reference);
}

function calibration(plot: CalibrationPlot): string {
  const size = 420;
  const x = scaleLinear([0, 1], [LEFT, size - RIGHT]);
  const y = scaleLinear([0, 1], [size - 34, 10]);
  const drawn = plot.methods.map((method, index) => {
    const points = plot.levels.map((level, at): [number, number] => [x(level), y(method.shares[at]!)]);
    const dots = points.map(([cx, cy], at) => `<circle class="m${index}" cx="${px(cx)}" cy="${px(cy)}" r="4"><title>${escapeHtml(`${method.name}: ${method.shares[at]!.toFixed(3)} below the ${plot.levels[at]} quantile`)}</title></circle>`);
    return `<path class="l${index}" d="${line()(points)}"/>${dots.join('')}`;
  }).join('');
  const ticks = x.ticks(5).map((tick) => `<text x="${px(x(tick))}" y="${size - 16}" text-anchor="middle">${tick}</text>`).join('');
  const diagonal = `<line class="mark" x1="${px(x(0))}" y1="${px(y(0))}" x2="${px(x(1))}" y2="${px(y(1))}"/>`;
  const rows = plot.methods.map((method) => `<tr><th>${escapeHtml(method.name)}</th>${method.shares.map((share) => `<td>${share.toFixed(3)}</td>`).join('')}</tr>`).join('');
  return `<div style="max-width:440px">${svg(size, size, plot.title, yAxis(y, size, 5) + ticks + diagonal + drawn)}</div>`
    + keyOf(plot.methods.map((method) => method.name), (index) => `var(--m${index})`)
    + `<div class="scroll"><table><tr><th>level</th>${plot.levels.map((level) => `<th>${level}</th>`).join('')}</tr>${rows}</table></div>`;
}

function fan(plot: FanPlot): string {
  const width = 540;
  const height = 230;
  const level = (name: string) => plot.q[name] ?? [];
  const inBand = [...level('0.025'), ...level('0.975')].filter((value) => value !== null).sort((a, b) => a - b);
  const seen = plot.actual.filter((value) => value !== null);
  // The widest bands must not flatten what came: the axis follows 98 % of them.
  const low = Math.min(...seen, inBand[Math.floor(inBand.length * 0.01)] ?? Infinity);
  const high = Math.max(...seen, inBand[Math.ceil(inBand.length * 0.99) - 1] ?? -Infinity);
  const y = scaleLinear([low, high > low ? high : low + 1], [height - 26, 10]).nice(4).clamp(true);
  const x = scaleLinear([0, plot.actual.length - 1], [LEFT, width - RIGHT]);
  const paths: string[] = [];
  for (let from = 0; from < plot.actual.length; from += plot.every) {
    const steps = Array.from({ length: Math.min(plot.every, plot.actual.length - from) }, (_, step) => from + step).filter((step) => level('0.5')[step] !== null && level('0.5')[step] !== undefined);
    const band = (lower: string, upper: string) => area<number>((step) => x(step), (step) => y(level(lower)[step]!), (step) => y(level(upper)[step]!))(steps) ?? '';
    paths.push(`<path class="b95" d="${rounded(band('0.025', '0.975'))}"/><path class="b80" d="${rounded(band('0.1', '0.9'))}"/>`);
    paths.push(`<path class="median" d="${rounded(line<number>((step) => x(step), (step) => y(level('0.5')[step]!))(steps) ?? '')}"/>`);
  }
  const actual = line<number | null>((_, step) => x(step), (value) => y(value!)).defined((value) => value !== null)([...plot.actual]) ?? '';
  const hours = ((plot.actual.length - 1) * plot.step_s) / 3600;
  const ticks = scaleLinear([0, hours], [LEFT, width - RIGHT]).ticks(6).map((hour) => `<text x="${px(x((hour * 3600) / plot.step_s))}" y="${height - 8}" text-anchor="middle">${hour} h</text>`).join('');
  return svg(width, height, `${plot.title}: values, median forecast and bands`, yAxis(y, width, 4, short(y)) + ticks + paths.join('') + `<path class="actual" d="${rounded(actual)}"/>`);
}

/** Path data with one decimal: d3 gives sixteen. */
function rounded(path: string): string {
  return path.replace(/-?\d+\.\d+/g, (number) => px(Number(number)));
}
