import { readSettings, type SettingsOf } from '../../base/settings';
import { contract } from './contract';

export type CatalogSettings = SettingsOf<typeof contract.settings>;

/**
 * The settings of this process.
 *
 * @throws FaultError naming every missing or malformed variable
 */
export function catalogSettings(environment: Readonly<Record<string, string | undefined>> = process.env): CatalogSettings {
  return readSettings(contract.settings, environment);
}
