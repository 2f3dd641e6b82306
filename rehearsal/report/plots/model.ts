import { compact, count, fixed, percent } from '../format';
import { html, Markup } from '../markup';
import type { Report } from '../schema';
import type { Distance, ModelRun, PlantVsKind } from '../schema-kind';
import { buckets, figureOf, over } from './figure';
import { minutesOf } from './loop';
import type { Mark } from './mark';
import { legend, panel } from './panel';

interface Quantity {
  readonly id: 'latencyP95' | 'cpuMillicoresPerReplica' | 'replicas';
  readonly title: string;
  readonly unit: string;
  readonly kind: 'line' | 'step';
  /** What a value is multiplied with to be shown. */
  readonly scale: number;
  readonly digits: number;
}

/** What a model and real pods are compared in. */
export const QUANTITIES: readonly Quantity[] = [
  { id: 'latencyP95', title: 'p95 latency', unit: 'milliseconds', kind: 'line', scale: 1000, digits: 1 },
  { id: 'cpuMillicoresPerReplica', title: 'CPU of a ready replica', unit: 'millicores', kind: 'line', scale: 1, digits: 0 },
  { id: 'replicas', title: 'Replicas asked for', unit: 'replicas', kind: 'step', scale: 1, digits: 2 },
];

/** `12.3 (8 %)`, in the unit shown. */
export function distance({ meanAbsolute, meanRelative }: Distance, { scale, digits }: Pick<Quantity, 'scale' | 'digits'>): string {
  if (meanAbsolute === null) return 'not measured';
  return `${fixed(meanAbsolute * scale, digits)}${meanRelative === null ? '' : ` (${percent(meanRelative, 0)})`}`;
}

/** Real pods and the plant's model under the same requests, once as the contract has it and once calibrated. */
export function modelFigure(report: Report, found: PlantVsKind): Markup {
  const policy = report.policies.find(({ name }) => name === found.policy);
  const times = minutesOf(report).slice(0, found.minutes);
  const real = (id: Quantity['id']): readonly (number | null)[] => ({
    latencyP95: policy?.series.latencyP95 ?? [], cpuMillicoresPerReplica: policy?.measured?.series.cpuMillicoresPerReplica ?? [], replicas: policy?.series.replicas ?? [],
  })[id].slice(0, found.minutes);
  const marksOf = ({ id, kind, scale }: Quantity): Mark[] => {
    const shown = (values: readonly (number | null)[]) => values.map((value) => (value === null ? null : value * scale));
    return [
      { kind, tone: 'demand', label: 'model, contract', values: shown(found.contract.series[id]) },
      { kind, tone: 'simulated-predictive', label: 'model, calibrated', values: shown(found.calibrated.series[id]) },
      { kind, tone: 'predictive', label: 'measured', values: shown(real(id)) },
    ];
  };
  const apart = (run: ModelRun) => QUANTITIES.map((quantity) => `${quantity.title} ${distance(run[quantity.id], quantity)}`).join(', ');
  const domain: [number, number] = [report.trace.replayedFrom, report.trace.replayedFrom + Math.max(1, found.minutes) * 60];
  return figureOf({
    id: 'model', title: 'The plant beside real pods', level: report.level,
    lead: `The same requests and the same ready replicas through the model of the other levels, for ${count(found.minutes, 'minute')}. Mean differences: ${apart(found.contract)}; calibrated: ${apart(found.calibrated)}.`,
    body: html`${legend(marksOf(QUANTITIES[0]!))}${QUANTITIES.map((quantity, index) => panel({
      id: `model-${quantity.id}`, title: `${quantity.title}, measured and modelled`,
      description: `Mean difference to what was measured: ${distance(found.contract[quantity.id], quantity)} ${quantity.unit} with the figures of the contract, ${distance(found.calibrated[quantity.id], quantity)} calibrated.`,
      heading: html`<b>${quantity.title}</b>`, domain, times, height: 140, unit: quantity.unit, whole: quantity.kind === 'step', marks: marksOf(quantity),
      timeLabels: index === QUANTITIES.length - 1,
    }))}`,
    table: {
      caption: 'Measured, by the contract and calibrated, means (UTC)',
      head: ['from', ...QUANTITIES.flatMap(({ title, unit }) => [`${title}, ${unit}`, 'contract', 'calibrated'])],
      rows: buckets(times).map((bucket) => [
        bucket.label,
        ...QUANTITIES.flatMap(({ id, scale }) => [real(id), found.contract.series[id], found.calibrated.series[id]].map((values) => {
          const mean = over(values, bucket, 'mean');
          return mean === null ? 'unknown' : compact(mean * scale);
        })),
      ]),
    },
  });
}
