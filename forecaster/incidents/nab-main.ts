import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { departures, type LabelledSeries, rollingDeviation, scoreDetections } from './nab';

const ALERTS = [3, 4, 5, 6, 7, 8];

/** `tsx forecaster/incidents/nab-main.ts DIR`: DIR holds `nab_combined_windows.json` and folders with `<series>.csv.gz`. Prints a table. */
function main(dir: string | undefined): void {
  if (dir === undefined || !existsSync(join(dir, 'nab_combined_windows.json'))) {
    process.stderr.write('usage: nab-main DIR, where DIR holds nab_combined_windows.json and the folders nab_*\n');
    process.exitCode = 2;
    return;
  }
  const all = read(dir);
  const rows = [
    ['departures from the forecast', scoreDetections(all, all.map(departures))] as const,
    ...ALERTS.map((deviations) => [`${deviations} deviations from the last day`, scoreDetections(all, all.map((series) => rollingDeviation(series, deviations)))] as const),
  ];
  const lines = rows.map(([name, { nab, found, windows, falseAlarms, precision }]) =>
    `| ${name} | ${nab.toFixed(1)} | ${found}/${windows} | ${falseAlarms} | ${precision.toFixed(2)} |`);
  process.stdout.write(`${all.length} series\n| method | NAB score | windows found | false alarms | precision |\n| --- | --- | --- | --- | --- |\n${lines.join('\n')}\n`);
}

function read(dir: string): LabelledSeries[] {
  const windows = JSON.parse(readFileSync(join(dir, 'nab_combined_windows.json'), 'utf8')) as Record<string, [string, string][]>;
  const folders = readdirSync(dir).filter((name) => name.startsWith('nab_') && !name.includes('.'));
  return Object.entries(windows).flatMap(([name, labelled]) => {
    const file = folders.map((folder) => join(dir, folder, `${name.split('/')[1]!}.gz`)).find((path) => existsSync(path));
    if (file === undefined) return [];
    const rows = gunzipSync(readFileSync(file)).toString().trim().split('\n').slice(1).map((line) => line.split(',').map(Number) as [number, number]);
    const gaps = rows.slice(1).map(([time], i) => time - rows[i]![0]).sort((a, b) => a - b);
    const seconds = (text: string) => Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`) / 1000;
    return [{
      name,
      stepSeconds: Math.max(60, gaps[Math.floor(gaps.length / 2)]!),
      times: rows.map(([time]) => time),
      values: rows.map(([, value]) => value),
      windows: labelled.map(([from, to]) => [seconds(from), seconds(to)] as const),
    }];
  });
}

main(process.argv[2]);
