import { readSettings, type SettingsOf } from '../../base/settings';
import { contract } from './contract';

export type LoadgenSettings = SettingsOf<typeof contract.settings>;

/**
 * The settings of this process.
 *
 * @throws FaultError naming every missing or malformed variable
 */
export function loadgenSettings(environment: Readonly<Record<string, string | undefined>> = process.env): LoadgenSettings {
  return readSettings(contract.settings, environment);
}
