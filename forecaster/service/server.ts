import { FaultError } from '../../base/faults';
import { stopOnSignals } from '../../base/graceful-stop';
import { buildApp } from './app';
import { forecasterSettings } from './settings';

/** Starts the service and returns once it listens. */
async function main(): Promise<void> {
  const settings = forecasterSettings();
  const { app, refresher, scaler, keeper } = buildApp(settings);
  stopOnSignals(process, {
    stop: async () => {
      await scaler?.stop();
      await refresher.stop();
      await keeper?.stop();
      await app.close();
    },
    log: (message, error) => app.log.info({ err: error }, message),
  });
  await keeper?.load();
  await app.listen({ host: settings.host, port: settings.port });
  await scaler?.listen();
  refresher.start();
  keeper?.start();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof FaultError ? error.message : `the forecaster did not start: ${error instanceof Error ? error.message : String(error)}`}\n`);
  process.exit(1);
});
