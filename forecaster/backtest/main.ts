import { writeFileAtomic } from '../../base/atomic-file';
import { FaultError } from '../../base/faults';
import { checkFolder, ForecastFile } from './forecast-file';
import { type BacktestOptions, readOptions, type TrackName, USAGE } from './options';
import { progressOn } from './progress';
import { renderPage } from './report/page';
import { documentOf } from './result';
import { asText } from './text-table';
import type { Track } from './track';
import { m4Track } from './tracks/m4';
import { oomTrack } from './tracks/oom';
import { opsTrack } from './tracks/ops';

const TRACKS: Record<TrackName, Track> = { ops5m: opsTrack('ops5m'), short: opsTrack('short'), m4: m4Track, oom: oomTrack };

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.cwd());
  if (options === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const track = TRACKS[options.track];
  checkFolder(options.out);
  const forecasts = options.forecasts === undefined ? undefined : new ForecastFile(options.forecasts);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      forecasts?.discard();
      process.stderr.write('\nstopped; nothing was written\n');
      process.exit(130);
    });
  }
  try {
    await run(options, track, forecasts);
  } finally {
    forecasts?.discard();
  }
}

async function run(options: BacktestOptions, track: Track, forecasts: ForecastFile | undefined): Promise<void> {
  const started = performance.now();
  const result = await track.run({
    dataDir: options.data,
    only: options.only,
    jobs: options.jobs,
    compare: options.compare,
    onForecast: forecasts && ((line) => forecasts.append(line)),
    onProgress: progressOn(process.stderr, () => (performance.now() - started) / 1000),
  });
  const document = documentOf(result, track.description);
  forecasts?.finish();
  writeFileAtomic(options.out, `${JSON.stringify(document, null, 1)}\n`);
  writeFileAtomic(options.page, renderPage(document));
  process.stdout.write(asText(result));
  process.stdout.write(`\n${[options.out, options.page, options.forecasts].filter(Boolean).join('\n')}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof FaultError ? error.message : (error as Error).stack ?? String(error)}\n`);
  process.exitCode = error instanceof FaultError ? 2 : 1;
});
