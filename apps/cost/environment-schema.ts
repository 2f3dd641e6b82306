import { Fault, show } from '../../base/faults';
import type { EnvironmentModel } from '../../pricing/contract';
import { environmentModelFaults } from '../../pricing/model';
import { readEnvironmentModel } from '../../pricing/model-schema';

const MEND = 'correct the file, or write it again with npx projen update:manifests';

/**
 * Reads one environment from the text of its file.
 *
 * @param file name of the file, for faults; an environment must carry the file's name
 */
export function parseEnvironment(file: string, text: string): { readonly model: EnvironmentModel } | { readonly faults: readonly Fault[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { faults: [{ where: file, got: (error as Error).message, allowed: 'JSON', do: MEND }] };
  }
  const shaped = readEnvironmentModel(value, file, MEND);
  if ('faults' in shaped) return shaped;
  const { model } = shaped;
  const expected = file.replace(/\.json$/, '');
  const faults = model.name === expected ? [] : [{ where: `${file}.name`, got: show(model.name), allowed: expected, do: 'name the file after its environment' }];
  const all = [...faults, ...environmentModelFaults(model).map((fault) => ({ ...fault, where: `${file}: ${fault.where}` }))];
  return all.length > 0 ? { faults: all } : { model };
}
