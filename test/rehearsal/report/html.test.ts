import { createHash } from 'node:crypto';
import { DefaultTreeAdapterMap, parse, ParserError } from 'parse5';
import { describe, expect, it } from 'vitest';
import { renderHtml, Report } from '../../../rehearsal/report';
import { sampleReport } from './sample-report';

type Element = DefaultTreeAdapterMap['element'];

/** Every element of a page, and what a strict parser objects to. */
function elementsOf(page: string): { readonly elements: readonly Element[]; readonly errors: readonly string[] } {
  const errors: string[] = [];
  const elements: Element[] = [];
  const document = parse(page, { sourceCodeLocationInfo: true, onParseError: (error: ParserError) => errors.push(`${error.code} at ${error.startLine}:${error.startCol}`) });
  const walk = (node: DefaultTreeAdapterMap['node']): void => {
    if ('tagName' in node) {
      elements.push(node);
      // What was not in the text was put there by the parser to mend it, and nobody closed what has no end tag.
      const { sourceCodeLocation: place } = node;
      const closes = ['meta', 'path'].includes(node.tagName) || (place && 'endTag' in place && place.endTag);
      if (!place) errors.push(`${node.tagName} was not written`);
      else if (!closes) errors.push(`${node.tagName} at line ${place.startLine} is not closed`);
    }
    if ('childNodes' in node) node.childNodes.forEach(walk);
  };
  walk(document);
  return { elements, errors };
}

const attribute = (element: Element, name: string) => element.attrs.find((each) => each.name === name)?.value;
const named = (elements: readonly Element[], ...tags: readonly string[]) => elements.filter((element) => tags.includes(element.tagName));
/** What a reader reads, without style and script; elements are words apart. */
const textOf = (node: DefaultTreeAdapterMap['node']): string => {
  if ('value' in node) return node.value;
  return 'childNodes' in node && !('tagName' in node && ['style', 'script'].includes(node.tagName)) ? node.childNodes.map(textOf).join(' ') : '';
};
/** The page's words, one line. */
const wordsOf = (page: string) => textOf(parse(page)).replace(/\s+/g, ' ').replace(/ ([.,;:])/g, '$1');
const block = (page: string, pattern: RegExp) => pattern.exec(page)![1]!;

/** A run of real pods whose metrics never came. */
function unmeasured(): Report {
  const report = sampleReport({ hours: 1, level: 'kind' });
  const found = report.agreement.plantVsKind!;
  const none = { meanAbsolute: null, meanRelative: null };
  const nothing = { cpuSecondsPerRequest: null, idleCpuMillicores: null, startupSeconds: null, latencyFloorSeconds: null, idleMemoryMiB: null };
  const run = { ...found.contract, cpuMillicoresPerReplica: none };
  const [policy] = report.policies;
  const series = { ...policy!.measured!.series, cpuMillicoresPerReplica: report.demand.map(() => null), memoryBytesPerReplica: report.demand.map(() => null) };
  return {
    ...report, policies: [{ ...policy!, measured: { ...policy!.measured!, startupSeconds: null, series } }], images: [], leftOut: [],
    agreement: { ...report.agreement, plantVsKind: { ...found, measured: nothing, fittedMinutes: 0, rSquared: null, contract: run, calibrated: run } },
  };
}

const reports: Readonly<Record<string, Report>> = {
  'a day on the control plane': sampleReport(),
  'a day simulated': sampleReport({ level: 'simulate' }),
  'two weeks': sampleReport({ hours: 14 * 24, level: 'simulate' }),
  'an hour': sampleReport({ hours: 1 }),
  'six hours of real pods': sampleReport({ hours: 6, level: 'kind' }),
  'real pods of which nothing could be measured': unmeasured(),
  'nothing at all': {
    ...sampleReport({ hours: 1, level: 'simulate' }), demand: [], policies: [], simulated: [], checks: [], stages: [],
    forecast: { mase: null, coverage80: null, coverage95: null, horizonMinutes: 30, model: 'none', series: { time: [], actual: [], point: [], lower80: [], upper80: [], lower95: [], upper95: [] } },
    price: { monthlyUsd: null, minimumMonthlyUsd: null, maximumMonthlyUsd: null, budgetMonthlyUsd: 600, coverage: 0, lines: [] },
  },
};

describe.each(Object.entries(reports))('the page of %s', (_, report) => {
  const page = renderHtml(report);
  const { elements, errors } = elementsOf(page);

  it('is well formed', () => {
    expect(errors).toEqual([]);
    expect(/.{0,40}(NaN|undefined|Infinity|∞|\[object).{0,40}/.exec(page.slice(0, page.indexOf('<script>')))?.[0]).toBeUndefined();
  });

  it('gives no id twice, and every reference has its target', () => {
    const ids = elements.flatMap((element) => attribute(element, 'id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const wanted = elements.flatMap((element) => [
      ...(attribute(element, 'aria-labelledby')?.split(' ') ?? []), ...(element.tagName === 'a' ? [attribute(element, 'href')!.slice(1)] : []),
    ]);
    expect(wanted.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('names and describes each plot, and has it as a table too', () => {
    const plots = named(elements, 'svg').filter((svg) => attribute(svg, 'role') === 'img');
    expect(plots).toHaveLength(report.policies.length === 0 ? 0 : report.policies.length + 3 + (report.agreement.plantVsKind ? 3 : 0));
    for (const svg of plots) {
      const [title, desc] = svg.childNodes;
      for (const node of [title!, desc!]) expect(textOf(node).length).toBeGreaterThan(10);
      expect([title, desc].map((node) => (node as Element).tagName)).toEqual(['title', 'desc']);
      expect(attribute(svg, 'aria-labelledby')!.split(' ')).toEqual([title, desc].map((node) => attribute(node as Element, 'id')));
    }
    for (const figure of named(elements, 'figure').filter((each) => named(descendants(each), 'svg').length > 0)) expect(named(descendants(figure), 'details', 'table').map((each) => each.tagName)).toEqual(['details', 'table']);
  });

  it('loads nothing', () => {
    expect(elements.flatMap((element) => element.attrs.filter(({ name }) => ['src', 'srcset', 'action', 'data', 'poster', 'xlink:href'].includes(name)))).toEqual([]);
    expect(named(elements, 'link', 'img', 'iframe', 'object', 'embed', 'base', 'use', 'image')).toEqual([]);
    expect(elements.flatMap((element) => attribute(element, 'href') ?? []).filter((href) => !href.startsWith('#'))).toEqual([]);
    expect(block(page, /<style>([\s\S]*?)<\/style>/)).not.toMatch(/url\(|@import/);
  });

  it('allows its own script and no other', () => {
    const script = block(page, /<script>([\s\S]*?)<\/script>/);
    const policy = attribute(named(elements, 'meta').find((meta) => attribute(meta, 'http-equiv') === 'Content-Security-Policy')!, 'content')!;
    expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    expect(policy).toContain("default-src 'none'");
    expect(() => new Function(script)).not.toThrow();
    expect(elements.flatMap((element) => element.attrs.filter(({ name }) => name.startsWith('on')))).toEqual([]);
  });

  it('has the landmarks, and headings that skip no level', () => {
    for (const landmark of ['header', 'main', 'nav', 'footer', 'h1']) expect(named(elements, landmark)).toHaveLength(1);
    const levels = elements.filter((element) => /^h[1-6]$/.test(element.tagName)).map((element) => Number(element.tagName[1]));
    levels.forEach((level, index) => expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1));
  });

  it('says which level made each plot', () => {
    for (const figure of named(elements, 'figure')) expect(textOf(figure)).toContain(`${report.level} · ${report.level === 'kind' ? 'behaviour' : 'shape'} result`);
    expect(named(elements, 'figure').length).toBeGreaterThan(0);
  });
});

function descendants(element: Element): Element[] {
  return element.childNodes.flatMap((child) => ('tagName' in child ? [child, ...descendants(child)] : []));
}

describe('the page', () => {
  const report = sampleReport();
  const page = renderHtml(report);
  const style = block(page, /<style>([\s\S]*?)<\/style>/);

  it('fits any screen and both colour schemes', () => {
    expect(page).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
    const light = variables(style.slice(0, style.indexOf('@media')));
    const dark = variables(style.slice(style.indexOf('@media (prefers-color-scheme:dark)')));
    expect([...light.keys()].filter((name) => !dark.has(name))).toEqual([]);
    expect(light.size).toBeGreaterThan(15);
  });

  it('has text that can be read: 4.5 to 1 against what it stands on, in both schemes', () => {
    const grounds: Readonly<Record<string, readonly string[]>> = {
      ink: ['page', 'card'], soft: ['page', 'card', 'none-bg'], reactive: ['card'], predictive: ['card', 'page'], forecast: ['card'], demand: ['card'], violation: ['card'],
      good: ['card', 'good-bg'], bad: ['card', 'bad-bg'], open: ['open-bg'],
    };
    for (const start of [0, style.indexOf('@media (prefers-color-scheme:dark)')]) {
      const colours = variables(style.slice(start));
      for (const [text, backs] of Object.entries(grounds)) {
        for (const back of backs) expect({ text, back, enough: contrast(colours.get(text)!, colours.get(back)!) >= 4.5 }).toEqual({ text, back, enough: true });
      }
    }
  });

  it('stays small', () => {
    expect(Buffer.byteLength(page)).toBeLessThan(1.5e6);
    expect(Buffer.byteLength(renderHtml(reports['two weeks']!))).toBeLessThan(3e6);
  });

  it('is the same for the same report', () => {
    expect(renderHtml(sampleReport())).toBe(page);
  });

  it('shades each stretch of violation minutes once in its panel', () => {
    const flags = report.policies[0]!.series.violations;
    const stretches = flags.filter((flag, minute) => flag === 1 && flags[minute - 1] !== 1).length;
    expect(stretches).toBeGreaterThan(0);
    const panel = page.slice(page.indexOf('capacity-reactive-title'), page.indexOf('capacity-predictive-title'));
    expect(block(panel, /class="violation" d="([^"]*)"/).split('M').length - 1).toBe(stretches);
  });

  it('shows unknown prices as unknown, the budget as a share, and how much was priced', () => {
    const words = wordsOf(page); // whose white space is all alike
    expect(words).toContain('3 of 4 lines (75 %) could be priced');
    expect(words).toContain('40 % of the budget of 600.00 USD');
    expect(words).toContain('data processed by the NAT gateway nat ? unknown 0.0450 ? unknown checked, 2026-01-19');
  });

  it('shows findings in their four parts, failures opened and first', () => {
    const failing = renderHtml({ ...report, checks: [...report.checks, { id: 'refs', title: 'references hold', status: 'fail', applied: 1, findings: [{ where: 'W', got: 'G', allowed: 'A', do: 'D' }] }] });
    expect(failing).toMatch(/<details open><summary>1 finding<\/summary>/);
    expect(wordsOf(failing)).toContain('where W got G allowed A do D');
    expect(failing.indexOf('references hold')).toBeLessThan(failing.indexOf('every image is pinned'));
    expect(wordsOf(failing)).toContain('✗ failed');
    expect(wordsOf(failing)).toContain('Failed because: 1 check failed (refs).');
  });

  it('lists substitutions, programs, events and leftovers', () => {
    const words = wordsOf(renderHtml({ ...report, events: [{ second: 12, what: 'forecaster ended' }], teardown: { leftovers: ['Pod catalog/left'] } }));
    for (const text of ['the plant answers for Prometheus', 'kube-apiserver', 'forecaster ended', 'Pod catalog/left', '1 object left over after teardown']) expect(words).toContain(text);
  });

  it('says it when a level was not reached', () => {
    expect(wordsOf(renderHtml({ ...sampleReport({ level: 'simulate' }), fallback: { asked: 'control-plane', why: 'Go is missing' } }))).toContain('Asked for level control-plane, which was not reached: Go is missing');
  });

  it('says what a reactive policy that knew the future would have reached, better or worse', () => {
    const sentence = (hindsight: Report['hindsight']) => / (Knowing|Even)[^.]*\.(\d[^.]*\.)?/.exec(wordsOf(renderHtml({ ...report, hindsight })))?.[0].trim();
    expect(sentence(undefined)).toBeUndefined();
    expect(sentence({ violationMinutesAtThisCost: 32, replicaHoursAtThisService: 186, dominated: false }))
      .toBe('Even with settings chosen in hindsight, at level simulate, the reactive policy would have had at least 32 violation minutes at this cost and would have needed at least 186.0 replica-hours to serve as well.');
    expect(sentence({ violationMinutesAtThisCost: null, replicaHoursAtThisService: null, dominated: false }))
      .toBe('Even with settings chosen in hindsight, at level simulate, the reactive policy could not have been as cheap and could not have served as well.');
    expect(sentence({ violationMinutesAtThisCost: 0, replicaHoursAtThisService: 60.5, dominated: true }))
      .toMatch(/^Knowing the future, the reactive policy could have done better: .* it would have had 0 violation minutes at this cost and would have needed 60\.5 replica-hours/);
  });

  it('puts strategies beside each other, if any were compared', () => {
    expect(wordsOf(renderHtml(report))).not.toContain('Strategies beside each other');
    const settings = { cpuTargetPercent: 65 };
    const words = wordsOf(renderHtml({
      ...report,
      comparison: {
        tunedHours: 48,
        unavoidableMinutes: 3,
        strategies: [
          { name: 'hpa', title: 'HPA on CPU', settings, tried: 55, tunedViolationMinutes: 1, tunedReplicaHours: 400, violationMinutes: 9, replicaHours: 201.3, costUsd: 5.5, scaleEvents: 77 },
          { name: 'tideline', title: 'Tideline', settings: { margin: 2.5 }, tried: 353, tunedViolationMinutes: 0, tunedReplicaHours: 390, violationMinutes: 2, replicaHours: 188.8, costUsd: 5.1, scaleEvents: 44 },
        ],
      },
    }));
    for (const text of ['Strategies beside each other', '48 h before the replay', '3 minutes asked for more', 'HPA on CPU 9 201.3', 'Tideline 2 188.8', 'margin 2.5']) expect(words).toContain(text);
  });

  it('breaks a forecast line where nobody forecast', () => {
    const { forecast } = report;
    const keep = <T>(values: readonly T[]) => values.filter((_, index) => index < 300 || index > 400);
    const series = Object.fromEntries(Object.entries(forecast.series).map(([key, values]) => [key, keep(values)])) as unknown as Report['forecast']['series'];
    const plot = (of: Report) => renderHtml(of).slice(renderHtml(of).indexOf('forecast-plot-title'));
    const pieces = (of: Report) => block(plot(of), /class="line forecast" d="([^"]*)"/).split('M').length - 1;
    expect(pieces(report)).toBe(1);
    expect(pieces({ ...report, forecast: { ...forecast, series } })).toBe(2);
  });
});

describe('text from data', () => {
  const evil = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"\'&`\u0000\u001b[31m';

  it('never becomes markup', () => {
    const page = renderHtml(poison(sampleReport({ hours: 1 }), evil));
    const { elements, errors } = elementsOf(page);
    expect(errors).toEqual([]);
    expect(named(elements, 'script')).toHaveLength(2);
    expect(named(elements, 'img')).toEqual([]);
    expect(elements.flatMap((element) => element.attrs.filter(({ name }) => name.startsWith('on')))).toEqual([]);
    expect(page.split('&lt;/script&gt;').length).toBeGreaterThan(40);
  });
});

/** The report with every free text replaced; words of a fixed set stay. */
function poison(report: Report, text: string): Report {
  const fixed = new Set(['level', 'status', 'asked', 'startedAt']);
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return fixed.has(key) || value === 'reactive' || value === 'predictive' ? value : `${text}${value}`;
    if (Array.isArray(value)) return value.map((each) => walk(each, key));
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, each]) => [key === 'parameters' ? `${text}${name}` : name, walk(each, name)]));
    return value;
  };
  return walk({ ...report, fallback: { asked: 'control-plane', why: 'x' }, events: [{ second: 1, what: 'x' }], teardown: { leftovers: ['x'] } }, '') as Report;
}

function variables(css: string): Map<string, string> {
  const rule = /\{([^}]*)\}/.exec(css.slice(css.indexOf(':root')))![1]!;
  return new Map([...rule.matchAll(/--([\w-]+):(#[0-9a-f]+)/g)].map((match) => [match[1]!, match[2]!]));
}

/** WCAG 2.2, relative luminance. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const full = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join('') : hex.slice(1);
    const [red, green, blue] = [0, 2, 4].map((at) => {
      const part = parseInt(full.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}
