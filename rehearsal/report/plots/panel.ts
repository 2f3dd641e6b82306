import { scaleLinear, scaleUtc } from 'd3-scale';
import { clock, day, fixed } from '../format';
import { Content, html, Markup } from '../markup';
import { drawMark, Frame, Mark, PLOT_WIDTH, short } from './mark';

/** Distance of two labels beside the plot, pixels. */
const LABEL_HEIGHT = 17;

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
  const x = scaleLinear(domain, [0, PLOT_WIDTH]);
  const y = scaleLinear([0, (o.top ?? topOf(o.marks)) || 1], [height, 0]).nice(4);
  const ticks = y.ticks(4).filter((tick) => !o.whole || Number.isInteger(tick));
  // As many decimals as the distance of two ticks needs, the same for all.
  const digits = Math.max(0, Math.ceil(-Math.log10((ticks[1] ?? 1) - (ticks[0] ?? 0)) - 1e-9));
  const step = times.length > 1 ? (times.at(-1)! - times[0]!) / (times.length - 1) : 60;
  const frame: Frame = { times, step, x, y, height };
  const grid = ticks.map((tick) => `M0 ${short(y(tick))}H${PLOT_WIDTH}`).join('');
  return html`<div class="panel" style="--height:${height}px">
${o.heading !== undefined && html`<div class="panel-head">${o.heading}</div>`}
${o.unit && html`<div class="unit">${o.unit}</div>`}
<div class="y" aria-hidden="true">${ticks.map((tick) => html`<span style="top:${short(y(tick))}px">${fixed(tick, digits)}</span>`)}</div>
<div class="canvas" data-from="${domain[0]}" data-to="${domain[1]}" tabindex="0" aria-label="${o.title}: left and right arrow keys read the values">
<svg viewBox="0 0 ${PLOT_WIDTH} ${height}" preserveAspectRatio="none" role="img" aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">${o.title}</title><desc id="${id}-desc">${o.description}</desc><path class="grid" d="${grid}"/>${o.marks.map((mark) => drawMark(mark, frame))}<path class="axis" d="M0 ${height}H${PLOT_WIDTH}"/></svg>
</div>
<div class="ends" aria-hidden="true">${endLabels(o.marks, (value) => y(value), height)}</div>
<div class="x ${o.timeLabels === false && 'bare'}" aria-hidden="true">${o.timeLabels !== false && timeTicks(domain)}</div>
</div>`;
}

/** The names of a panel's marks with their colours, for screens too narrow to have them beside the lines. */
export function legend(marks: readonly Mark[], extra: Content = undefined): Markup {
  const named = marks.filter((mark) => mark.kind !== 'violations');
  const shape = (mark: Mark) => (mark.kind === 'band' ? 'block' : mark.kind === 'area' ? 'shade' : 'rule');
  return html`<ul class="legend">${named.map((mark) => html`<li><i class="key ${shape(mark)} ${mark.tone} ${mark.kind === 'band' && mark.faint && 'faint'}"></i>${mark.label}</li>`)}${extra}</ul>`;
}

/** The key of shaded violation minutes. */
export const violationKey: Markup = html`<li class="always"><i class="key block violation-key"></i>violation minute</li>`;

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
