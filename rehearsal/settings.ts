import { isAbsolute } from 'node:path';
import { FaultError, show } from '../base/faults';

/**
 * The folder that rehearsals work in and write their reports to, instead of `.rehearsal` in the project: `TIDELINE_WORK_DIR`. Rehearsals in different folders know
 * nothing of each other; tests give each run its own.
 *
 * @returns undefined if it is not set
 * @throws FaultError when it is not an absolute path
 */
export function workFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string | undefined {
  const folder = environment.TIDELINE_WORK_DIR;
  if (folder && !isAbsolute(folder)) {
    throw new FaultError('the work folder cannot be used', [
      { where: 'TIDELINE_WORK_DIR', got: show(folder), allowed: 'an absolute path', do: 'set TIDELINE_WORK_DIR to an absolute path, or unset it' },
    ]);
  }
  return folder || undefined;
}

/**
 * The environment that programs started by a rehearsal get: this process's own, with some settings on top.
 * A program of ours takes a setting only from `settings`, never by accident from the user's shell.
 */
export function inheritedEnvironment(settings: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && !/^(FORECASTER|COST|CATALOG|OTEL)_/.test(entry[0]));
  return { ...Object.fromEntries(kept), ...settings };
}

/** How progress may be drawn, from https://no-color.org and the terminal's own word. */
export function terminalSettings(isTty: boolean): { readonly live: boolean; readonly colour: boolean } {
  const live = isTty && process.env.TERM !== 'dumb' && process.env.CI === undefined;
  return { live, colour: live && (process.env.NO_COLOR ?? '') === '' };
}

/** Folders in which programs are looked for. */
export function searchPath(): string {
  return process.env.PATH ?? '';
}
