import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { FaultError } from '../base/faults';
import { environment, environments } from '../config';
import { awsCommandLine } from './aws';
import { deploy } from './deploy';
import { destroy } from './destroy';
import { hearInterruption, Interrupted } from './interruption';
import { DeliveryOptions, readDeliveryOptions, USAGE } from './options';
import { findTerraform, onPath } from './program';
import { Declined, scratchFolder } from './session';
import { deliverySettings } from './settings';

/** Exit codes: 0 done, 1 refused, stopped or failed, 2 the call was wrong, 130 interrupted. */
async function main([command, ...argv]: readonly string[]): Promise<number> {
  if (command !== 'deploy' && command !== 'destroy') throw new Error('call it as deploy or destroy');
  let options: DeliveryOptions | 'help';
  try {
    options = readDeliveryOptions(command, argv, environments().map(({ name }) => name));
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    console.error(error.message);
    return 2;
  }
  if (options === 'help') {
    console.log(USAGE[command]);
    return 0;
  }

  const root = resolve(__dirname, '..');
  const say = (line: string) => console.log(line);
  const interruption = hearInterruption(process, (line) => console.error(`\n${line}`));
  let scratch: string | undefined;
  try {
    const settings = deliverySettings();
    if (settings.ignored.length > 0) say(`left out of Terraform's environment: ${settings.ignored.join(', ')}`);
    const program = await findTerraform(settings.searchPath, settings.environment, settings.program);
    const folder = settings.folder ?? join(root, '.delivery');
    scratch = scratchFolder(folder, process.pid);
    say(`${command} ${options.environment} with ${program.product} ${program.version}`);
    return await { deploy, destroy }[command]({
      target: environment(options.environment), options, program, signal: interruption.signal, folder, scratch, environment: settings.environment,
      aws: onPath('aws', settings.searchPath) === undefined ? undefined : awsCommandLine(settings.environment),
      person: { say, ask: process.stdin.isTTY ? asker(interruption.signal) : undefined },
      synthesized: resolve(root, settings.synthesized),
      sleep: async (ms) => waitAtMost(ms, interruption.signal),
    });
  } catch (error) {
    if (error instanceof Interrupted || interruption.signal.aborted) return 130;
    console.error(error instanceof FaultError || error instanceof Declined ? error.message : `the ${command} failed: ${(error as Error).message}`);
    return 1;
  } finally {
    interruption.close();
    if (scratch) rmSync(scratch, { recursive: true, force: true });
  }
}

/** Asks in the terminal; an interruption ends the question. */
function asker(signal: AbortSignal): (question: string) => Promise<string> {
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT')); // a terminal that reads lines swallows Ctrl-C
    try {
      const closed = once(terminal, 'close', { signal }).then(() => '');
      return (await Promise.race([terminal.question(question, { signal }), closed])).trim();
    } catch {
      signal.throwIfAborted();
      return '';
    } finally {
      terminal.close();
    }
  };
}

async function waitAtMost(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((done) => {
    const timer = setTimeout(finish, ms);
    function finish(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      done();
    }
    signal.addEventListener('abort', finish);
  });
}

void main(process.argv.slice(2)).then((code) => process.exit(code));
