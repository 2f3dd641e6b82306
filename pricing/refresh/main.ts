import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../../base/atomic-file';
import { FaultError } from '../../base/faults';
import { refreshed } from '../prices/refreshed';
import { describeChanges, refreshPrices, renderRefreshed } from './refresh';
import { readRefreshSettings } from './settings';

/** `npx projen price:refresh [--check] [--offer NAME]... [REGION...]`: what differs from AWS's list is shown, and written unless it is only checked. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { check: { type: 'boolean', default: false }, offer: { type: 'string', multiple: true } } });
  const settings = readRefreshSettings();
  const result = await refreshPrices({
    base: settings.priceList, idleMilliseconds: settings.idleSeconds * 1000, regions: positionals, offers: values.offer, known: refreshed,
    progress: (line) => process.stderr.write(`reading ${line}\n`),
  });
  process.stdout.write(`${describeChanges(result).join('\n')}\n`);
  if (values.check) return result.changes.length > 0 ? 1 : 0;
  writeFileAtomic(join(__dirname, '..', 'prices', 'refreshed.ts'), renderRefreshed(result.found));
  process.stdout.write('written to pricing/prices/refreshed.ts; read the changes, run the tests of pricing/, commit\n');
  return 0;
}

main().then((code) => { process.exitCode = code; }, (error: unknown) => {
  process.stderr.write(`${error instanceof FaultError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ? (error as Error).message : String((error as Error).stack ?? error)}\n`);
  process.exitCode = 1;
});
