import { parseArgs } from 'node:util';
import { Fault, refuse, show } from '../../../base/faults';
import { FAMILIES } from './families';

/** What the command line says. */
export interface Flags {
  readonly host: string;
  /** Of `/metrics`, `/livez` and `/healthz`. */
  readonly port: number;
  readonly telemetryHost: string;
  /** Of `/readyz`, and of what the program tells of itself. */
  readonly telemetryPort: number;
  /** Names of the families that are shown. */
  readonly families: readonly string[];
  /** Labels of pods that `kube_pod_labels` shows. */
  readonly podLabels: readonly string[];
}

/**
 * Reads the flags of kube-state-metrics that it understands. Of others it knows nothing, and says so rather than to leave out what somebody counts on.
 *
 * @throws FaultError naming every flag that it cannot follow
 */
export function readFlags(args: readonly string[]): Flags {
  const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
  const { values, tokens } = parseArgs({
    args: [...args], strict: false, tokens: true,
    options: {
      host: text('::'), port: text('8080'), 'telemetry-host': text('::'), 'telemetry-port': text('8081'),
      resources: text(''), 'metric-allowlist': text(Object.keys(FAMILIES).join(',')), 'metric-labels-allowlist': text(''),
    },
  });
  const given = values as Record<string, string>;
  const faults: Fault[] = tokens.filter((token) => token.kind !== 'option' || token.value === undefined || !KNOWN.includes(token.name)).map((token) => ({
    where: 'command line', got: show(args[token.index]), allowed: KNOWN.map((name) => `--${name}=…`).join(', '), do: 'remove it, or teach the stand-in what it means',
  }));
  const check = (fits: boolean, flag: string, allowed: string) => {
    if (!fits) faults.push({ where: `--${flag}`, got: show(given[flag]), allowed, do: `set --${flag}` });
  };
  for (const flag of ['port', 'telemetry-port']) check(/^\d+$/.test(given[flag]!) && Number(given[flag]) <= 65_535, flag, 'a TCP port');
  check(given.resources === 'pods', 'resources', 'pods: it watches nothing else');
  const families = given['metric-allowlist']!.split(',');
  check(families.every((family) => Object.hasOwn(FAMILIES, family)), 'metric-allowlist', `names among ${Object.keys(FAMILIES).join(', ')}`);
  const labels = /^(?:pods=\[([^[\]*]+)\])?$/.exec(given['metric-labels-allowlist']!);
  check(labels !== null, 'metric-labels-allowlist', 'pods=[label,…] without wildcards');
  refuse('the flags cannot be followed', faults);
  return {
    host: given.host!, port: Number(given.port), telemetryHost: given['telemetry-host']!, telemetryPort: Number(given['telemetry-port']),
    families: [...families].sort(), podLabels: (labels?.[1]?.split(',') ?? []).sort(),
  };
}

const KNOWN = ['host', 'port', 'telemetry-host', 'telemetry-port', 'resources', 'metric-allowlist', 'metric-labels-allowlist'];
