import { get as getPlain } from 'node:http';
import { Agent, get as getTls } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultError } from '../../base/faults';
import { isPortTaken } from './ports';
import { endedUnasked, ManagedProcess } from './process-set';

/** A program found its port taken between our look and its start; start it again with others. */
export class PortTaken extends Error {}

/** Pause between two probes, in milliseconds. */
const POLL_MS = 50;

/**
 * Waits until a program says that it is ready.
 *
 * @param isReady true when ready; else what it answered
 * @throws PortTaken; FaultError when the program ends before, or not ready in time, with its last lines
 */
export async function untilReady(
  program: ManagedProcess,
  what: string,
  isReady: () => Promise<true | string>,
  options: { readonly timeoutSeconds: number; readonly signal?: AbortSignal },
): Promise<void> {
  const deadline = performance.now() + options.timeoutSeconds * 1000;
  let last = 'no answer yet';
  while (performance.now() < deadline) {
    options.signal?.throwIfAborted();
    if (program.ending() !== undefined) {
      if (isPortTaken(program.lastLines(40))) throw new PortTaken(program.name);
      throw endedUnasked(program);
    }
    const answer = await isReady();
    if (answer === true) return;
    last = answer;
    await sleep(POLL_MS, undefined, { signal: options.signal });
  }
  const lines = program.lastLines().map((line) => `\n    ${line}`).join('');
  throw new FaultError(`waited ${options.timeoutSeconds} s for ${what}`, [
    { where: program.name, got: `${last}; its last lines: ${lines || 'none'}`, allowed: 'a program that is ready by then', do: `read ${program.logPath}` },
  ]);
}

/**
 * Asks a health path once. True for status 200; else what came back.
 *
 * @param agent for `https`: whom to trust and as whom to ask
 */
export function probe(url: string, agent?: Agent): Promise<true | string> {
  return new Promise((resolve) => {
    const request = (url.startsWith('https:') ? getTls : getPlain)(url, { agent, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 || `${url} answered ${response.statusCode}`);
    });
    request.on('timeout', () => request.destroy(new Error('no answer within 2 s')));
    request.on('error', (error) => resolve(`${url}: ${error.message}`));
  });
}
