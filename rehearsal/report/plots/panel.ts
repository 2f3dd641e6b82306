import { scaleLinear, scaleUtc } from 'd3-scale';
import { area, curveLinear, curveStepAfter, line } from 'd3-shape';
import { clock, compact, day } from '../format';
import { Content, html, Markup } from '../markup';
import { decimate, decimateBand, stretches } from './decimate';

/** Width of a plot in its own units; the page stretches it to whatever there is. Heights are CSS pixels. */
const WIDTH = 1000;
/** Columns a line is decimated to. Four points each, hence beyond what a wide screen can tell apart. */
const COLUMNS = 500;
/** Distance of two labels beside the plot, pixels. */
const LABEL_HEIGHT = 17;

/** Colour and dash of a mark; a class of the style sheet, so that both colour schemes can set it. */
export type Tone = 'reactive' | 'predictive' | 'demand' | 'forecast' | 'simulated-reactive' | 'simulated-predictive';

/** Something drawn in a panel. Values are one per element of {@link Panel.times}. */
export type Mark =
  | { readonly kind: 'line' | 'step' | 'area'; readonly tone: Tone; readonly label: string; readonly values: readonly (number | null)[] }
  | { readonly kind: 'band'; readonly tone: Tone; readonly label: string; readonly lower: readonly number[]; readonly upper: readonly number[]; readonly faint: boolean }
  | { readonly kind: 'violations'; readonly flags: readonly number[] };

/** One plot with its axes. */
export interface Panel {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  /** What a reader who cannot see it should know. */
  readonly description: string;
  /** Above the plot, at its left. @default - nothing */
  readonly heading?: Content;
  /** Unix seconds. */
  readonly domain: readonly [number, number];
  /** Unix seconds, one per value, ascending. */
  readonly times: readonly number[];
  readonly marks: readonly Mark[];
  /** Highest value on the axis. @default - the highest of this panel's marks */
  readonly top?: number;
  /** CSS pixels. */
  readonly height: number;
  /** Unit of the vertical axis. @default - said by the panel above, whose axis it shares */
  readonly unit?: string;
  /** Whether values jump from one whole number to the next: then no tick falls between. @default false */
  readonly whole?: boolean;
  /** @default true */
  readonly timeLabels?: boolean;
}

/** The highest value that a set of marks reaches. */
export function topOf(marks: readonly Mark[]): number {
  let top = 0;
  for (const mark of marks) {
    const values = mark.kind === 'violations' ? [] : mark.kind === 'band' ? mark.upper : mark.values;
    for (const value of values) if (value !== null && value > top) top = value;
  }
  return top;
}

/** A panel as markup: an SVG that stretches, and tick labels as text beside it, which therefore never do. */
export function panel(o: Panel): Markup {
  const { id, domain, height, times } = o;
  const x = scaleLinear(domain, [0, WIDTH]);
  const y = scaleLinear([0, (o.top ?? topOf(o.marks)) || 1], [height, 0]).nice(4);
  const ticks = y.ticks(4).filter((tick) => !o.whole || Number.isInteger(tick));
  const step = times.length > 1 ? (times.at(-1)! - times[0]!) / (times.length - 1) : 60;
  const at = (index: number) => x(times[index]!);

  const draw = (mark: Mark): Markup => {
    if (mark.kind === 'violations') {
      // A single minute of a long trace would be thinner than a pixel.
      const spans = stretches(mark.flags, Math.max(1, times.length / WIDTH)).map(({ from, to }) => ({ left: at(from), width: Math.max(2.5, x(times[from]! + (to - from) * step) - at(from)) }));
      const boxes = (top: number, tall: number) => spans.map(({ left, width }) => `M${short(left)} ${top}h${short(width)}v${tall}h-${short(width)}z`).join('');
      return spans.length === 0 ? html`` : html`<path class="violation" d="${boxes(0, height)}"/><path class="violation-mark" d="${boxes(0, 6)}"/>`;
    }
    if (mark.kind === 'band') {
      const shape = area<{ index: number; low: number; high: number }>().digits(1).x((point) => at(point.index)).y0((point) => y(point.low)).y1((point) => y(point.high));
      const parts = unbroken(times, step).map(([from, to]) => shape(decimateBand(mark.lower.slice(from, to), mark.upper.slice(from, to), COLUMNS).map((point) => ({ ...point, index: point.index + from }))));
      return html`<path class="band ${mark.tone} ${mark.faint && 'faint'}" d="${parts.join('')}"/>`;
    }
    const curve = mark.kind === 'step' ? curveStepAfter : curveLinear;
    const all = withBreaks(decimate(mark.values, COLUMNS), times, step);
    // A step holds its value by itself: only where it changes is there something to draw.
    const points = mark.kind === 'step' ? all.filter((point, index) => point.value !== all[index - 1]?.value) : all;
    const outline = line<{ index: number; value: number | null }>().digits(1).curve(curve).defined((point) => point.value !== null).x((point) => at(point.index)).y((point) => y(point.value!));
    // The last value holds until the end of its minute.
    const last = mark.kind === 'step' && mark.values.length > 0 && mark.values.at(-1) !== null ? `H${short(Math.min(WIDTH, x(times[mark.values.length - 1]! + step)))}` : '';
    const fill = mark.kind === 'area'
      && html`<path class="fill ${mark.tone}" d="${area<{ index: number; value: number | null }>().digits(1).defined((point) => point.value !== null).x((point) => at(point.index)).y0(height).y1((point) => y(point.value!))(points) ?? ''}"/>`;
    return html`${fill}<path class="line ${mark.tone}" d="${outline(points) ?? ''}${last}"/>`;
  };

  const grid = ticks.map((tick) => `M0 ${short(y(tick))}H${WIDTH}`).join('');
  return html`<div class="panel" style="--height:${height}px">
${o.heading !== undefined && html`<div class="panel-head">${o.heading}</div>`}
${o.unit && html`<div class="unit">${o.unit}</div>`}
<div class="y" aria-hidden="true">${ticks.map((tick) => html`<span style="top:${short(y(tick))}px">${compact(tick)}</span>`)}</div>
<div class="canvas" data-from="${domain[0]}" data-to="${domain[1]}" tabindex="0" aria-label="${o.title}: left and right arrow keys read the values">
<svg viewBox="0 0 ${WIDTH} ${height}" preserveAspectRatio="none" role="img" aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">${o.title}</title><desc id="${id}-desc">${o.description}</desc><path class="grid" d="${grid}"/>${o.marks.map(draw)}<path class="axis" d="M0 ${height}H${WIDTH}"/></svg>
</div>
<div class="ends" aria-hidden="true">${endLabels(o.marks, (value) => y(value), height)}</div>
<div class="x ${o.timeLabels === false && 'bare'}" aria-hidden="true">${o.timeLabels !== false && timeTicks(domain)}</div>
</div>`;
}

/** The names of a panel's marks with their colours, for screens too narrow to have them beside the lines. */
export function legend(marks: readonly Mark[], extra: Content = undefined): Markup {
  const named = marks.filter((mark) => mark.kind !== 'violations');
  return html`<ul class="legend">${named.map((mark) => html`<li><i class="key ${mark.kind === 'band' ? 'block' : mark.kind === 'area' ? 'shade' : 'rule'} ${mark.tone} ${mark.kind === 'band' && mark.faint && 'faint'}"></i>${mark.label}</li>`)}${extra}</ul>`;
}

/** The key of shaded violation minutes. */
export const violationKey: Markup = html`<li class="always"><i class="key block violation-key"></i>violation minute</li>`;

function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Index ranges without a hole in time, half-open. */
function unbroken(times: readonly number[], step: number): [number, number][] {
  const ranges: [number, number][] = [];
  let from = 0;
  times.forEach((time, index) => {
    if (index === 0 || time - times[index - 1]! <= 2.5 * step) return;
    ranges.push([from, index]);
    from = index;
  });
  return times.length > from ? [...ranges, [from, times.length]] : ranges;
}

/** Breaks a line where time has a hole, so that nothing is drawn across what nobody knows. */
function withBreaks(points: readonly { readonly index: number; readonly value: number | null }[], times: readonly number[], step: number): { index: number; value: number | null }[] {
  const starts = new Set(unbroken(times, step).map(([from]) => from).slice(1));
  const sorted = [...starts].sort((a, b) => a - b);
  const result: { index: number; value: number | null }[] = [];
  let next = 0;
  for (const point of points) {
    while (next < sorted.length && sorted[next]! <= point.index) {
      result.push({ index: sorted[next]! - 1, value: null });
      next += 1;
    }
    result.push(point);
  }
  return result;
}

/** Each line's name beside its end, pushed apart where ends are close. */
function endLabels(marks: readonly Mark[], y: (value: number) => number, height: number): Markup[] {
  const ends = marks.flatMap((mark) => {
    if (mark.kind === 'violations') return [];
    const value = mark.kind === 'band' ? mark.upper.at(-1) : mark.values.findLast((each) => each !== null);
    return value === undefined || value === null ? [] : [{ label: mark.label, tone: mark.tone, top: y(value) }];
  }).sort((a, b) => a.top - b.top);
  const half = LABEL_HEIGHT / 2;
  let floor = half;
  for (const end of ends) {
    end.top = Math.max(end.top, floor);
    floor = end.top + LABEL_HEIGHT;
  }
  let ceiling = height - half;
  for (const end of ends.toReversed()) {
    end.top = Math.min(end.top, ceiling);
    ceiling = end.top - LABEL_HEIGHT;
  }
  return ends.map(({ label, tone, top }) => html`<span class="${tone}" style="top:${short(top)}px">${label}</span>`);
}

/** Round times, in UTC; every second one is dropped on a narrow screen. A date stands under the first and under each midnight. */
function timeTicks(domain: readonly [number, number]): Markup[] {
  const [from, to] = domain;
  const days = (to - from) / 86_400;
  const ticks = scaleUtc([from * 1000, to * 1000], [0, 100]).ticks(8).map((date) => date.getTime() / 1000).filter((time) => time <= to - (to - from) * 0.005);
  return ticks.map((time, index) => {
    const midnight = time % 86_400 === 0;
    const main = days > 2.5 && midnight ? day(time) : clock(time);
    const below = days <= 2.5 && (index === 0 || midnight) ? day(time) : '';
    return html`<span class="${index % 2 === 1 && 'wide'}" style="left:${short(((time - from) / (to - from)) * 100)}%">${main}${below && html`<small>${below}</small>`}</span>`;
  });
}
