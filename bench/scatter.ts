import { scaleLinear } from 'd3-scale';

/** Points with the straight line through them. */
export interface Scatter {
  readonly title: string;
  /** What stands on the axes. */
  readonly x: string;
  readonly y: string;
  readonly series: readonly {
    readonly label: string;
    readonly points: readonly (readonly [x: number, y: number])[];
    readonly line: { readonly slope: number; readonly intercept: number };
  }[];
}

const [WIDTH, HEIGHT] = [720, 360];
const [LEFT, RIGHT, TOP, BOTTOM] = [56, 96, 40, 48];
/** Readable on white and on black. */
const COLOURS = ['#3b82c4', '#d97706', '#5a9e6f'];

/** Draws it as SVG with a font and colours of its own, to stand in a document of either theme. */
export function scatter({ title, x, y, series }: Scatter): string {
  const points = series.flatMap((each) => each.points);
  const across = scaleLinear([0, Math.max(...points.map(([value]) => value))], [LEFT, WIDTH - RIGHT]).nice();
  const up = scaleLinear([0, Math.max(...points.map(([, value]) => value))], [HEIGHT - BOTTOM, TOP]).nice();
  const text = (left: number, top: number, content: string, more = '') => `<text x="${left.toFixed(1)}" y="${top.toFixed(1)}" ${more}>${content}</text>`;
  const axis = [
    ...up.ticks(5).map((tick) => `<path d="M${LEFT} ${up(tick).toFixed(1)}H${WIDTH - RIGHT}" stroke="#8888" stroke-width=".5"/>${text(LEFT - 8, up(tick) + 4, String(tick), 'text-anchor="end"')}`),
    ...across.ticks(6).map((tick) => text(across(tick), HEIGHT - BOTTOM + 18, String(tick), 'text-anchor="middle"')),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x, 'text-anchor="middle"'), text(LEFT, TOP - 10, y), text(LEFT, 16, title, 'font-weight="600"'),
  ];
  const ends = series.map(({ points: own }) => up(own.at(-1)![1]));
  // A label whose line ends close above another's moves up, the other down.
  const above = (one: number, other: number) => ends[one]! < ends[other]! || (ends[one] === ends[other] && one < other);
  const nudge = (index: number) => ends.reduce((sum, end, other) => (other === index || Math.abs(end - ends[index]!) > 14 ? sum : sum + (above(index, other) ? -7 : 7)), 0);
  const drawn = series.map(({ label, points: own, line: { slope, intercept } }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const [from, to] = [own[0]![0], own.at(-1)![0]];
    return `<g fill="${colour}"><path d="M${across(from).toFixed(1)} ${up(intercept + slope * from).toFixed(1)}L${across(to).toFixed(1)} ${up(intercept + slope * to).toFixed(1)}" stroke="${colour}" stroke-width="1.5"/>`
      + own.map(([px, py]) => `<circle cx="${across(px).toFixed(1)}" cy="${up(py).toFixed(1)}" r="4"/>`).join('') + text(across(to) + 10, ends[index]! + 4 + nudge(index), label) + '</g>';
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="#888" role="img" aria-label="${title}">${axis.join('')}${drawn.join('')}</svg>\n`;
}
