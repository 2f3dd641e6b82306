import { readSettings, type SettingsOf } from '../../base/settings';
import { contract } from '../contract';

/** Everything the service is told from outside. */
export type ForecasterSettings = SettingsOf<typeof contract.settings>;

/**
 * Reads the settings once, at the door.
 *
 * @param environment @default - the environment of this process
 * @throws FaultError naming every setting that is missing or malformed
 */
export function forecasterSettings(environment: Readonly<Record<string, string | undefined>> = process.env): ForecasterSettings {
  return readSettings(contract.settings, environment);
}
