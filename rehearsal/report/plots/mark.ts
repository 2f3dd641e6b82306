import { area, curveLinear, curveStepAfter, line } from 'd3-shape';
import { html, Markup } from '../markup';
import { BandPoint, decimate, decimateBand, Point, stretches } from './decimate';

/** Width of a plot in its own units; the page stretches it to whatever there is. Heights are CSS pixels. */
export const PLOT_WIDTH = 1000;
/** Columns a line is decimated to. Four points each, hence beyond what a wide screen can tell apart. */
const COLUMNS = 500;
/** A single minute of a long trace would be thinner than a pixel. */
const NARROWEST = 2.5;

/** Colour and dash of a mark; a class of the style sheet, so that both colour schemes can set it. */
export type Tone = 'reactive' | 'predictive' | 'demand' | 'forecast' | 'simulated-reactive' | 'simulated-predictive';

/** A series that is drawn as a line: straight between its values, in steps, or filled down to 0. */
interface LineMark {
  readonly kind: 'line' | 'step' | 'area';
  readonly tone: Tone;
  readonly label: string;
  readonly values: readonly (number | null)[];
}

/** What lies between two series. */
interface BandMark {
  readonly kind: 'band';
  readonly tone: Tone;
  readonly label: string;
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly faint: boolean;
}

/** Something drawn in a panel. Values are one per element of {@link Frame.times}. */
export type Mark = LineMark | BandMark | { readonly kind: 'violations'; readonly flags: readonly number[] };

/** Where marks are drawn. */
export interface Frame {
  /** Unix seconds, one per value, ascending. */
  readonly times: readonly number[];
  /** Seconds from one value to the next, on average. */
  readonly step: number;
  readonly x: (time: number) => number;
  readonly y: (value: number) => number;
  /** CSS pixels. */
  readonly height: number;
}

/** A coordinate with one decimal, as short as it can be written. */
export function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** One mark as SVG. */
export function drawMark(mark: Mark, frame: Frame): Markup {
  switch (mark.kind) {
    case 'violations': return drawViolations(mark.flags, frame);
    case 'band': return drawBand(mark, frame);
    default: return drawLine(mark, frame);
  }
}

function drawViolations(flags: readonly number[], { times, step, x, height }: Frame): Markup {
  const spans = stretches(flags, Math.max(1, times.length / PLOT_WIDTH)).map(({ from, to }) => {
    const left = x(times[from]!);
    return { left, width: Math.max(NARROWEST, x(times[from]! + (to - from) * step) - left) };
  });
  if (spans.length === 0) return html``;
  const boxes = (tall: number) => spans.map(({ left, width }) => `M${short(left)} 0h${short(width)}v${tall}h-${short(width)}z`).join('');
  return html`<path class="violation" d="${boxes(height)}"/><path class="violation-mark" d="${boxes(6)}"/>`;
}

function drawBand(mark: BandMark, { times, step, x, y }: Frame): Markup {
  const shape = area<BandPoint>().digits(1).x((point) => x(times[point.index]!)).y0((point) => y(point.low)).y1((point) => y(point.high));
  const parts = unbroken(times, step).map(([from, to]) => {
    const points = decimateBand(mark.lower.slice(from, to), mark.upper.slice(from, to), COLUMNS);
    return shape(points.map((point) => ({ ...point, index: point.index + from })));
  });
  return html`<path class="band ${mark.tone} ${mark.faint && 'faint'}" d="${parts.join('')}"/>`;
}

function drawLine(mark: LineMark, { times, step, x, y, height }: Frame): Markup {
  const all = withBreaks(decimate(mark.values, COLUMNS), times, step);
  // A step holds its value by itself: only where it changes is there something to draw.
  const points = mark.kind === 'step' ? all.filter((point, index) => point.value !== all[index - 1]?.value) : all;
  const at = (point: Point) => x(times[point.index]!);
  const known = (point: Point) => point.value !== null;
  const outline = line<Point>().digits(1).curve(mark.kind === 'step' ? curveStepAfter : curveLinear).defined(known).x(at).y((point) => y(point.value!));
  const fill = area<Point>().digits(1).defined(known).x(at).y0(height).y1((point) => y(point.value!));
  // The last value holds until the end of its minute.
  const end = mark.values.length - 1;
  const rest = mark.kind === 'step' && end >= 0 && mark.values[end] !== null ? `H${short(Math.min(PLOT_WIDTH, x(times[end]! + step)))}` : '';
  return html`${mark.kind === 'area' && html`<path class="fill ${mark.tone}" d="${fill(points)}"/>`}<path class="line ${mark.tone}" d="${outline(points)}${rest}"/>`;
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
function withBreaks(points: readonly Point[], times: readonly number[], step: number): Point[] {
  const starts = unbroken(times, step).slice(1).map(([from]) => from);
  const result: Point[] = [];
  let next = 0;
  for (const point of points) {
    for (; next < starts.length && starts[next]! <= point.index; next += 1) result.push({ index: starts[next]! - 1, value: null });
    result.push(point);
  }
  return result;
}
