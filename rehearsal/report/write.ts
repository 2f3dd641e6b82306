import { join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file';
import { Fault, refuse } from '../../base/faults';
import { renderHtml } from './html';
import { renderMarkdown } from './markdown';
import type { Report } from './schema';

/** More faults than this are counted, not listed: a wrong series has one for every minute. */
const MOST_FAULTS = 20;

/**
 * Writes report.json, report.html and report.md into a folder, each of them whole or not at all.
 *
 * @throws FaultError naming every number that JSON cannot hold, by its path; or the file that could not be written
 */
export function writeReport(report: Report, folder: string): void {
  const faults: Fault[] = [];
  walk(report, '$', faults);
  const more = faults.splice(MOST_FAULTS).length;
  if (more > 0) faults.push({ where: '$', got: `${more} more such numbers`, allowed: 'none', do: 'look for the cause of the first' });
  refuse('the report cannot be written', faults);
  writeFileAtomic(join(folder, 'report.json'), `${JSON.stringify(report, null, 1)}\n`);
  writeFileAtomic(join(folder, 'report.html'), renderHtml(report));
  writeFileAtomic(join(folder, 'report.md'), renderMarkdown(report));
}

function walk(value: unknown, path: string, faults: Fault[]): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    faults.push({ where: path, got: String(value), allowed: 'a finite number, or null where it is not known', do: 'this is a fault of the rehearsal itself: please report it with the trace you used' });
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) walk(each, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, faults);
  }
}
