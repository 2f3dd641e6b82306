import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { FaultError, show } from '../base/faults';

/** Terraform, or OpenTofu in its place. */
export interface Program {
  readonly path: string;
  readonly product: 'Terraform' | 'OpenTofu';
  /** E.g. `1.11.4`. */
  readonly version: string;
}

/** From these on a state in S3 is locked without a table beside it and write-only arguments keep secrets out of it. The stacks ask for the same number. */
const OLDEST = { Terraform: '1.11.0', OpenTofu: '1.11.0' } as const;

const ALLOWED = `Terraform ${OLDEST.Terraform} or later, or OpenTofu ${OLDEST.OpenTofu} or later`;

/**
 * Looks for a program in the folders of a search path.
 *
 * @returns undefined if there is none
 */
export function onPath(name: string, searchPath: string): string | undefined {
  const candidates = isAbsolute(name) ? [name] : searchPath.split(delimiter).filter((folder) => isAbsolute(folder)).map((folder) => join(folder, name));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  });
}

/**
 * Finds `terraform`, or `tofu` where there is none, and asks which version it is.
 *
 * @param wanted name or absolute path to use instead
 * @throws FaultError if there is none, or if it is too old
 */
export async function findTerraform(searchPath: string, environment: Readonly<Record<string, string>>, wanted?: string): Promise<Program> {
  const names = wanted === undefined ? ['terraform', 'tofu'] : [wanted];
  const path = names.map((name) => onPath(name, searchPath)).find((each) => each !== undefined);
  if (path === undefined) {
    throw new FaultError('there is no Terraform', [{
      where: 'PATH', got: `no program named ${names.join(' or ')}`, allowed: ALLOWED,
      do: 'install it (https://developer.hashicorp.com/terraform/install, https://opentofu.org/docs/intro/install), or name it in TIDELINE_TERRAFORM',
    }]);
  }
  const said = await new Promise<string>((done) => {
    execFile(path, ['version'], { env: { ...environment }, timeout: 60_000 }, (error, stdout) => done(error && stdout === '' ? error.message : stdout));
  });
  const [, product, version] = /^(Terraform|OpenTofu) v(\d+\.\d+\.\d+)/m.exec(said) ?? [];
  if (product === undefined || version === undefined || older(version, OLDEST[product as Program['product']])) {
    throw new FaultError('this Terraform cannot be used', [{ where: path, got: show(said.split('\n')[0]), allowed: ALLOWED, do: 'install a later one, or name another in TIDELINE_TERRAFORM' }]);
  }
  return { path, product: product as Program['product'], version };
}

function older(version: string, than: string): boolean {
  const [one, other] = [version, than].map((text) => text.split('.').map(Number));
  for (let i = 0; i < 3; i++) if (one![i] !== other![i]) return one![i]! < other![i]!;
  return false;
}
