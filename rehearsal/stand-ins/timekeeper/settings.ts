import { number, readSettings, type SettingsOf, text, url } from '../../../base/settings';
import { TIMEKEEPER, TIMEKEEPER_SETTINGS as ENV } from './contract';

const settings = {
  host: text({ env: ENV.host, description: 'address to listen on', fallback: '0.0.0.0' }),
  port: number({ env: ENV.port, description: 'TCP port to listen on', min: 0, max: 65535, integer: true, fallback: TIMEKEEPER.port }),
  prometheusUrl: url({ env: ENV.prometheusUrl, description: 'base address of the real Prometheus' }),
  token: text({ env: ENV.token, description: 'bearer token of who may give the trace and start the clock', secret: true }),
};

export type TimekeeperSettings = SettingsOf<typeof settings>;

/** The settings of this process. @throws FaultError naming every variable that is missing or malformed */
export function timekeeperSettings(environment: Readonly<Record<string, string | undefined>> = process.env): TimekeeperSettings {
  return readSettings(settings, environment);
}
