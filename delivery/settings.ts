import { isAbsolute } from 'node:path';
import { Fault, refuse, show } from '../base/faults';

/** What delivery takes from the environment of its process. */
export interface DeliverySettings {
  /** Folders in which programs are looked for. */
  readonly searchPath: string;
  /** Program to use instead of `terraform`, or `tofu` where there is no `terraform`: `TIDELINE_TERRAFORM`, a name or an absolute path. @default - whichever is found */
  readonly program: string | undefined;
  /** Folder that stacks are synthesized to: `CDKTF_OUTDIR`. */
  readonly synthesized: string;
  /** Folder that stacks are worked on in: `TIDELINE_DELIVERY_DIR`, absolute. @default - `.delivery` in the project */
  readonly folder: string | undefined;
  /** What Terraform and the AWS command line get. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables that were left out of it. */
  readonly ignored: readonly string[];
}

/** Variables that would send a stack to another state, or add arguments to every command, without anybody seeing it. */
const MISLEADING = /^TF_(WORKSPACE|DATA_DIR|CLI_ARGS(_\w+)?|VAR_\w+|INPUT)$/;

/**
 * Reads the settings once, at the door.
 *
 * @throws FaultError when a folder is not an absolute path
 */
export function deliverySettings(environment: Readonly<Record<string, string | undefined>> = process.env): DeliverySettings {
  const folder = environment.TIDELINE_DELIVERY_DIR || undefined;
  const faults: Fault[] = folder === undefined || isAbsolute(folder) ? [] : [
    { where: 'TIDELINE_DELIVERY_DIR', got: show(folder), allowed: 'an absolute path', do: 'set it to an absolute path, or unset it' },
  ];
  refuse('the settings are not usable', faults);
  const given = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    searchPath: environment.PATH ?? '',
    program: environment.TIDELINE_TERRAFORM || undefined,
    synthesized: environment.CDKTF_OUTDIR || 'cdktf.out',
    folder,
    environment: {
      ...Object.fromEntries(given.filter(([name]) => !MISLEADING.test(name))),
      TF_IN_AUTOMATION: '1', // no hints to commands that this one runs
      TF_INPUT: '0',
      CHECKPOINT_DISABLE: '1',
      AWS_PAGER: '',
    },
    ignored: given.map(([name]) => name).filter((name) => MISLEADING.test(name)).sort(),
  };
}
