import { execFile } from 'node:child_process';
import { FaultError, show } from '../base/faults';

/** The AWS command line, as far as it is used: it reads, and changes nothing. */
export interface Aws {
  /** Number of the account its credentials belong to. */
  account(): Promise<string>;
  /** Lines that a command prints which only lists; a fault in place of them if it failed. */
  list(command: string): Promise<readonly string[] | { readonly failed: string }>;
}

const TIMEOUT_MS = 60_000;

/** The AWS command line found on the search path of this environment. */
export function awsCommandLine(environment: Readonly<Record<string, string>>): Aws {
  const run = async (program: string, args: readonly string[]) => new Promise<{ readonly stdout: string; readonly failed: string | undefined }>((done) => {
    execFile(program, [...args], { env: { ...environment }, timeout: TIMEOUT_MS, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      done({ stdout, failed: error ? (stderr.trim().split('\n').at(-1) || error.message) : undefined });
    });
  });
  return {
    async account() {
      const { stdout, failed } = await run('aws', ['sts', 'get-caller-identity', '--query', 'Account', '--output', 'text']);
      if (failed !== undefined) {
        throw new FaultError('AWS does not know who you are', [{
          where: 'aws sts get-caller-identity', got: show(failed), allowed: 'credentials of the environment\'s account', do: 'sign in (aws sso login), or set AWS_PROFILE',
        }]);
      }
      return stdout.trim();
    },
    async list(command) {
      const { stdout, failed } = await run('sh', ['-c', command]);
      if (failed !== undefined) return { failed };
      return stdout.split(/[\s]+/).filter((word) => word !== '' && word !== 'None');
    },
  };
}

/**
 * Makes sure that the credentials are those of the environment's account, before anything is looked at.
 *
 * @throws FaultError if they are not
 */
export async function checkAccount(aws: Aws, environment: { readonly name: string; readonly account: string }): Promise<void> {
  const account = await aws.account();
  if (account === environment.account) return;
  throw new FaultError('these credentials belong to another account', [{
    where: `account of ${environment.name}`, got: account, allowed: environment.account, do: `sign in to the account of ${environment.name} (AWS_PROFILE), or name another environment`,
  }]);
}
