import { setMaxListeners } from 'node:events';
import { join, resolve } from 'node:path';
import { FaultError } from '../base/faults';
import { readOptions, USAGE } from './options';
import { rehearse } from './rehearse';
import { outcome, summary, writeReport } from './report';
import { terminalSettings, workFolder } from './settings';
import { createTerminal } from './terminal';
import { checkWritable, Workspace } from './workspace';

/** Exit codes: 0 passed, 1 found something wrong or failed, 2 the call was wrong, 130 interrupted. */
async function main(argv: readonly string[]): Promise<number> {
  let options;
  try {
    options = readOptions(argv);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    console.error(error.message);
    return 2;
  }
  if (options === 'help') {
    console.log(USAGE);
    return 0;
  }

  const interrupting = new AbortController();
  setMaxListeners(0, interrupting.signal); // every wait of the run listens to it
  let endWait: (() => void) | undefined;
  const interrupt = () => {
    if (endWait) { // a wait for Ctrl-C: it ends the wait, not the rehearsal
      endWait();
      endWait = undefined;
      return;
    }
    if (interrupting.signal.aborted) process.exit(130); // a second time means now; the programs end with this process
    console.error('\ninterrupted: stopping every process (once more to stop at once)');
    interrupting.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);

  const root = resolve(__dirname, '..');
  let workspace: Workspace | undefined;
  const terminal = createTerminal({ stream: process.stderr, now: () => performance.now(), ...terminalSettings(process.stderr.isTTY === true) });
  try {
    const work = workFolder() ?? join(root, '.rehearsal');
    const out = resolve(options.out ?? work);
    checkWritable(out);
    workspace = new Workspace(work);
    const report = await rehearse(options, {
      root, runFolder: workspace.runFolder, workFolder: workspace.folder, terminal, signal: interrupting.signal, now: () => Date.now(), monotonic: () => performance.now(),
      untilInterrupted: () => new Promise((done) => { endWait = done; }),
    });
    writeReport(report, out);
    terminal.close();
    console.log(summary(report, out));
    return outcome(report).passed ? 0 : 1;
  } catch (error) {
    terminal.close();
    if (interrupting.signal.aborted) return 130;
    console.error(error instanceof FaultError ? error.message : `the rehearsal failed: ${(error as Error).message}`);
    return 1;
  } finally {
    workspace?.release();
  }
}

void main(process.argv.slice(2)).then((code) => process.exit(code));
