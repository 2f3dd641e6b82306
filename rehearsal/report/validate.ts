import { Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { Fault, FaultError, refuse, show } from '../../base/faults';
import { reportSchema } from './document';
import type { Report } from './schema';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
/** Every path of a document. Optional fields, too: leaving one out would make no type less assignable. */
type Paths<T> = T extends readonly (infer Item)[] ? Paths<Item>
  : T extends object ? (string extends keyof T ? never : { [K in keyof T & string]-?: K | `${K}.${Paths<NonNullable<T[K]>>}` }[keyof T & string])
    : never;
/** Does not compile unless the JSON Schema and the type accept the same documents. */
const sameShape: Same<Static<typeof reportSchema>, Report> & Same<Paths<Static<typeof reportSchema>>, Paths<Report>> = true;

/** The version this code reads. */
const VERSION = 1;
/** More faults than this are counted, not listed: a wrong series has one for every minute. */
const MOST_FAULTS = 20;

/**
 * Reads a report.json.
 *
 * @param name where it is from, for the message
 * @throws FaultError if it is no JSON, of another version, or does not fit the schema; every misfit by its path
 */
export function parseReport(json: string, name = 'report.json'): Report {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new FaultError('the report cannot be read', [{ where: name, got: (error as Error).message, allowed: 'a JSON document', do: 'run the rehearsal again: it writes the file whole or not at all' }]);
  }
  const version: unknown = typeof value === 'object' && value !== null ? (value as { readonly version?: unknown }).version : undefined;
  if (version !== VERSION) {
    throw new FaultError('the report cannot be read', [{
      where: `${name} $.version`, got: show(version), allowed: String(VERSION), do: 'read it with the release of Tideline that wrote it, or run the rehearsal again with this one',
    }]);
  }
  const faults = [...misfits(value, name), ...lengthFaults(value, name)];
  const shown = faults.length > MOST_FAULTS
    ? [...faults.slice(0, MOST_FAULTS), { where: name, got: `${faults.length - MOST_FAULTS} more faults`, allowed: 'none', do: 'mend those above first' }]
    : faults;
  refuse('the report cannot be read', shown);
  return value as Static<typeof reportSchema> satisfies Report;
}

function misfits(value: unknown, name: string): Fault[] {
  if (Value.Check(reportSchema, value)) return [];
  return [...Value.Errors(reportSchema, value)].map((error) => ({
    where: `${name} ${jsonPath(error.path)}`, got: show(error.value), allowed: error.message.replace(/^Expected /, ''), do: 'compare with docs/report.schema.json',
  }));
}

/** What JSON Schema cannot say: the series of a run are as long as its demand. */
function lengthFaults(value: unknown, name: string): Fault[] {
  if (!Value.Check(reportSchema, value)) return [];
  const report: Report = value;
  const faults: Fault[] = [];
  const expect = (where: string, length: number, wanted: number) => {
    if (length !== wanted) faults.push({ where: `${name} ${where}`, got: `${length} elements`, allowed: `${wanted}, one per minute replayed`, do: 'run the rehearsal again' });
  };
  report.policies.forEach(({ series, measured }, index) => {
    Object.entries(series).forEach(([key, values]) => expect(`$.policies[${index}].series.${key}`, values.length, report.demand.length));
    Object.entries(measured?.series ?? {}).forEach(([key, values]) => expect(`$.policies[${index}].measured.series.${key}`, values.length, report.demand.length));
  });
  const { plantVsKind } = report.agreement;
  for (const run of ['contract', 'calibrated'] as const) {
    Object.entries(plantVsKind?.[run].series ?? {}).forEach(([key, values]) => expect(`$.agreement.plantVsKind.${run}.series.${key}`, values.length, plantVsKind!.minutes));
  }
  Object.entries(report.forecast.series).forEach(([key, values]) => expect(`$.forecast.series.${key}`, values.length, report.forecast.series.time.length));
  return faults;
}

/** `/policies/0/name` as `$.policies[0].name`. */
function jsonPath(pointer: string): string {
  return `$${pointer.split('/').slice(1).map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join('')}`;
}

void sameShape;
