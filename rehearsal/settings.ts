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
