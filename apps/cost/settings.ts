import { readSettings, type SettingsOf } from '../../base/settings';
import { contract } from './contract';

export type CostSettings = SettingsOf<typeof contract.settings>;

/**
 * The settings of this process.
 *
 * @throws FaultError naming every missing or malformed variable
 */
export function costSettings(environment: Readonly<Record<string, string | undefined>> = process.env): CostSettings {
  return readSettings(contract.settings, environment);
}
