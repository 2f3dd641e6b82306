import { resolve } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file';
import { FaultError, formatFault } from '../../base/faults';
import { priceBook } from '../price-book';
import type { PriceReport } from './contract';
import { signed, typicalRise, usd } from './figures';
import { Format, PriceOptions, readOptions, USAGE } from './options';
import { priceChange } from './price-change';
import { renderFocusCsv } from './render-focus';
import { renderMarkdown } from './render-markdown';
import { renderText } from './render-text';
import { cacheFolder } from './settings';
import { SynthesisCache } from './synthesis-cache';

const RENDER: Readonly<Record<Format, (report: PriceReport) => string>> = {
  text: renderText, markdown: renderMarkdown, 'focus-csv': renderFocusCsv, json: (report) => `${JSON.stringify(report, null, 2)}\n`,
};

/** Prices the project in the current folder. Exit codes are those that `USAGE` names. */
async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const interrupted = new AbortController();
  const interrupt = () => {
    if (interrupted.signal.aborted) process.exit(130); // a second time means now
    interrupted.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    const report = await priceChange(options, { root: process.cwd(), book: priceBook, cache: new SynthesisCache(cacheFolder()), signal: interrupted.signal });
    const text = RENDER[options.format](report);
    if (options.out === undefined) process.stdout.write(text);
    else writeFileAtomic(resolve(options.out), text);
    for (const sentence of told(report, options)) console.error(sentence);
    return options.failAbove !== undefined && typicalRise(report.environments) > options.failAbove ? 1 : 0;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    console.error('interrupted; nothing is left behind');
    return 130;
  }
}

/** What must not be missed, whatever the format is. */
function told(report: PriceReport, options: PriceOptions): string[] {
  const rise = typicalRise(report.environments);
  const shown = options.out === undefined && options.format === 'text'; // there it is said already
  return [
    ...(options.out === undefined ? [] : [`${options.out}: ${report.environments.map((each) => `${each.environment} ${report.against ? signed(each.difference?.total.typical ?? null) : usd(each.after?.total.typical ?? null)}`).join(', ')} USD a month`]),
    ...(shown ? [] : report.environments).filter((each) => each.budget.passed).map((each) => `${each.environment} passes its budget: ${usd(each.budget.typicalUsd)} of ${usd(each.budget.monthlyUsd)} USD a month`),
    ...new Set((shown ? [] : report.environments).flatMap((each) => each.incomplete.flatMap(({ part, side, why }) => why.map((fault) => `${part === 'aws' ? 'AWS resources' : 'manifests'} ${side} are unknown: ${formatFault(fault)}`)))),
    ...(options.failAbove !== undefined && rise > options.failAbove ? [`the typical price rises by ${usd(rise)} USD a month, above the ${usd(options.failAbove)} of --fail-above`] : []),
  ];
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
}, (error: unknown) => {
  console.error(error instanceof FaultError ? error.message : `the price failed: ${(error as Error).message}`);
  process.exitCode = 2;
});
