import { compact, count, fixed, percent, usd } from '../format';
import { html, Markup } from '../markup';
import type { PolicyResult, Report } from '../schema';
import { compare } from '../verdict';
import { buckets, figureOf, over } from './figure';
import type { Mark, Tone } from './mark';
import { legend, panel, topOf, violationKey } from './panel';

/** The time axis that every plot of the loop shares: first seconds of the minutes replayed, unix. */
export function minutesOf(report: Report): number[] {
  return report.demand.map((_, minute) => report.trace.replayedFrom + minute * 60);
}

function domainOf(report: Report): [number, number] {
  const { replayedFrom, replayedTo } = report.trace;
  return [replayedFrom, Math.max(replayedTo, replayedFrom + report.demand.length * 60, replayedFrom + 60)];
}

/** Upper case first letter, for a name at the start of a line. */
const named = (policy: PolicyResult) => policy.name[0]!.toUpperCase() + policy.name.slice(1);

/** Demand against what the ready replicas could serve: one panel for each policy, both axes shared. */
export function capacityFigure(report: Report): Markup {
  const times = minutesOf(report);
  const domain = domainOf(report);
  const marksOf = (policy: PolicyResult): Mark[] => [
    { kind: 'violations', flags: policy.series.violations },
    { kind: 'area', tone: 'demand', label: 'demand', values: report.demand },
    { kind: 'step', tone: policy.name, label: 'ready capacity', values: policy.series.capacity },
  ];
  const top = Math.max(...report.policies.map((policy) => topOf(marksOf(policy))), 0);
  const panels = report.policies.map((policy, index) => panel({
    id: `capacity-${policy.name}`,
    title: `Demand and ready capacity, ${policy.name} policy`,
    description: `Requests per second over ${fixed(report.trace.hours, 0)} hours. Demand peaks at ${compact(Math.max(...report.demand, 0))}; `
      + `ready capacity lies between ${compact(Math.min(...policy.series.capacity, Infinity))} and ${compact(Math.max(...policy.series.capacity, 0))}. ${count(policy.violationMinutes, 'minute')} violated.`,
    heading: html`<b class="${policy.name}">${named(policy)}</b> <span class="${policy.violationMinutes > 0 && 'violated'}">${count(policy.violationMinutes, 'violation minute')}</span>${policy.fallbackMinutes > 0 && html` <span>${count(policy.fallbackMinutes, 'minute')} without a forecast, scaled reactively</span>`}`,
    domain, times, top, height: 170, unit: index === 0 ? 'requests per second' : undefined, marks: marksOf(policy), timeLabels: index === report.policies.length - 1,
  }));
  const rows = buckets(times).map((bucket) => [
    bucket.label, compact(over(report.demand, bucket, 'mean') ?? 0), compact(over(report.demand, bucket, 'max') ?? 0),
    ...report.policies.flatMap(({ series }) => [compact(over(series.capacity, bucket, 'min') ?? 0), compact(over(series.violations, bucket, 'sum') ?? 0)]),
  ]);
  return figureOf({
    id: 'capacity', title: 'Demand and ready capacity', level: report.policies[0]?.level ?? report.level,
    lead: report.level === 'kind'
      ? 'What was asked for and what the ready replicas could serve by their contract. A minute is shaded if the measured p95 latency exceeded its objective, or a request failed.'
      : 'What was asked for and what the ready replicas could serve. A minute is shaded if demand exceeded capacity or the p95 latency its objective at any moment of it.',
    body: html`${legend([
      { kind: 'area', tone: 'demand', label: 'demand', values: [] },
      ...report.policies.map((policy): Mark => ({ kind: 'step', tone: policy.name, label: `${policy.name} capacity`, values: [] })),
    ], violationKey)}${panels}`,
    table: {
      caption: 'Demand and ready capacity, requests per second (UTC)',
      head: ['from', 'mean demand', 'highest demand', ...report.policies.flatMap(({ name }) => [`${name}: lowest capacity`, `${name}: violation minutes`])],
      rows,
    },
  });
}

/** Replicas asked for by both policies, and where there is one, the simulator's for the same run. */
export function replicasFigure(report: Report): Markup {
  const times = minutesOf(report);
  const simulated = (report.agreement.simulatorVsHpa ?? []).filter((each): each is typeof each & { policy: PolicyResult['name'] } => report.policies.some(({ name }) => name === each.policy));
  const marks: Mark[] = [
    ...simulated.map((each): Mark => ({ kind: 'step', tone: `simulated-${each.policy}` as Tone, label: `${each.policy}, simulated`, values: each.simulatedReplicas })),
    ...report.policies.map((policy): Mark => ({ kind: 'step', tone: policy.name, label: policy.name, values: policy.series.replicas })),
  ];
  const range = (policy: PolicyResult) => `${policy.name} from ${compact(Math.min(...policy.series.replicas, Infinity))} to ${compact(Math.max(...policy.series.replicas, 0))} with ${count(policy.scaleEvents, 'change')}`;
  return figureOf({
    id: 'replicas', title: 'Replicas asked for', level: report.policies[0]?.level ?? report.level,
    lead: html`${report.policies.map((policy, index) => html`${index > 0 && '; '}${index > 0 ? policy.name : named(policy)}: ${count(policy.scaleEvents, 'change')}, ${fixed(policy.replicaHours, 1)} replica-hours`)}.${simulated.length > 0
      && ` Dashed: the simulator's replicas for the very same run (${simulated.map((each) => `${each.policy} ${percent(each.equalShare)} of minutes equal`).join(', ')}).`}`,
    body: html`${legend(marks)}${panel({
      id: 'replicas-plot', title: 'Replicas over time', description: `Replicas asked for: ${report.policies.map(range).join('; ')}.`,
      domain: domainOf(report), times, height: 200, unit: 'replicas', whole: true, marks,
    })}`,
    table: {
      caption: 'Replicas asked for (UTC)',
      head: ['from', ...report.policies.flatMap(({ name }) => [`${name}: lowest`, `${name}: highest`])],
      rows: buckets(times).map((bucket) => [bucket.label, ...report.policies.flatMap(({ series }) => [compact(over(series.replicas, bucket, 'min') ?? 0), compact(over(series.replicas, bucket, 'max') ?? 0)])]),
    },
  });
}

/** A policy's cost so far, US dollars, at the end of each minute. The price of a replica-hour is the same at any time, so the total divides by replicas. */
export function cumulativeCost(policy: PolicyResult): number[] {
  const total = policy.series.replicas.reduce((a, b) => a + b, 0);
  let sum = 0;
  return policy.series.replicas.map((replicas) => {
    sum += replicas;
    return total === 0 ? 0 : (policy.costUsd * sum) / total;
  });
}

/** What the replicas of both policies cost, minute after minute. */
export function costFigure(report: Report): Markup {
  const times = minutesOf(report);
  const costs = report.policies.map((policy) => ({ policy, values: cumulativeCost(policy) }));
  const marks = costs.map(({ policy, values }): Mark => ({ kind: 'line', tone: policy.name, label: policy.name, values }));
  const found = compare(report);
  const difference = found && (Math.abs(found.costUsd) < 0.00005 ? 'Both cost the same.'
    : `The predictive policy cost ${usd(Math.abs(found.costUsd))} USD ${found.costUsd > 0 ? 'more' : 'less'} than the reactive one over the ${fixed(report.trace.hours, 0)} h.`);
  return figureOf({
    id: 'cost', title: 'Cumulative cost of the replicas', level: report.policies[0]?.level ?? report.level,
    lead: `What the replicas asked for cost, at the price of a slot on the nodes they run on. ${difference ?? ''}`,
    body: html`${legend(marks)}${panel({
      id: 'cost-plot', title: 'Cumulative cost', description: `US dollars at the end: ${report.policies.map((policy) => `${policy.name} ${usd(policy.costUsd)}`).join(', ')}.`,
      domain: domainOf(report), times, height: 170, unit: 'US dollars', marks,
    })}`,
    table: {
      caption: 'Cumulative cost, US dollars (UTC)',
      head: ['from', ...report.policies.map(({ name }) => name)],
      rows: buckets(times).map((bucket) => [bucket.label, ...costs.map(({ values }) => usd(over(values, bucket, 'last')))]),
    },
  });
}
