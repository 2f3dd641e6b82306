import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findTerraform } from '../../delivery/program';
import { validateStack } from '../../delivery/validate';
import { SmallPlatform, TERRAFORM } from './support/platform';

let platform: SmallPlatform;
beforeEach(async () => { platform = await SmallPlatform.create('prod'); });
afterEach(async () => { await platform.remove(); });

const VERSION = (said: string) => `if test "$1" = version; then echo "${said}"; else echo "$@" >> ${platform.folder}/told; exit 9; fi`;

describe('the command line', { timeout: 120_000 }, () => {
  it('says what to install where there is no Terraform', async () => {
    platform.removeProgram('terraform');
    const { code, output } = await platform.run(['deploy', 'prod']);
    expect(code).toBe(1);
    expect(output).toMatch(/there is no Terraform\n {2}\[PATH\] got: no program named terraform or tofu; allowed: Terraform 1\.11\.0 or later, or OpenTofu 1\.11\.0 or later; do: install it/);
  });

  it.each([
    ['Terraform v1.10.5', /\[.*terraform\] got: "Terraform v1\.10\.5"; allowed: Terraform 1\.11\.0 or later/],
    ['OpenTofu v1.9.1', /got: "OpenTofu v1\.9\.1"/],
    ['something else', /got: "something else"/],
  ])('refuses %s', async (said, message) => {
    platform.program('terraform', VERSION(said));
    const { code, output } = await platform.run(['deploy', 'prod']);
    expect([code, output]).toEqual([1, expect.stringMatching(message)]);
  });

  it('takes OpenTofu where there is no Terraform, and the program that is named', async () => {
    platform.removeProgram('terraform');
    platform.program('tofu', VERSION('OpenTofu v1.11.2'));
    const bin = { PATH: join(platform.folder, 'bin') };
    expect(await findTerraform(bin.PATH, bin)).toEqual({ path: join(bin.PATH, 'tofu'), product: 'OpenTofu', version: '1.11.2' });
    platform.program('terraform-next', VERSION('Terraform v1.16.0-beta1'));
    expect(await findTerraform(bin.PATH, bin, 'terraform-next')).toMatchObject({ product: 'Terraform', version: '1.16.0' });
    await expect(findTerraform(bin.PATH, bin, 'terraform-other')).rejects.toThrow(/no program named terraform-other/);
  });

  it('asks nobody in a pipeline: it needs to be told, and production the word', async () => {
    platform.program('terraform', VERSION('Terraform v1.11.4'));
    for (const command of ['deploy', 'destroy']) {
      const silent = await platform.run([command, 'prod']);
      expect(silent.code).toBe(1);
      expect(silent.output).toContain('prod was not touched');
      expect(silent.output).toContain('got: no terminal to ask in; allowed: a terminal, or --auto-approve');
      expect(silent.output).toContain('got: no word; allowed: --confirm prod');
      const wordless = await platform.run([command, 'prod', '--auto-approve']);
      expect([wordless.code, wordless.output]).toEqual([1, expect.stringContaining('got: no word; allowed: --confirm prod')]);
    }
    expect(() => platform.read('../told')).toThrow(); // Terraform was asked its version only
  });

  it('refuses credentials of another account, and none, before it looks at anything', async () => {
    platform.program('terraform', VERSION('Terraform v1.11.4'));
    for (const command of ['deploy', 'destroy']) {
      platform.program('aws', 'echo 999999999999');
      const other = await platform.run([command, 'prod', '--auto-approve', '--confirm', 'prod']);
      expect([other.code, other.output]).toEqual([1, expect.stringContaining('[account of prod] got: 999999999999; allowed: 333333333333; do: sign in to the account of prod')]);
      platform.program('aws', 'echo "Unable to locate credentials" >&2; exit 253');
      const none = await platform.run([command, 'prod', '--auto-approve', '--confirm', 'prod']);
      expect([none.code, none.output]).toEqual([1, expect.stringContaining('got: "Unable to locate credentials"')]);
    }
    expect(() => platform.read('../told')).toThrow();
  });

  it('tells a wrong call from a failure', async () => {
    const { code, output } = await platform.run(['deploy', 'qa']);
    expect([code, output]).toEqual([2, expect.stringContaining('[environment] got: "qa"; allowed: one of dev, staging, prod')]);
    expect((await platform.run(['destroy', '--help'])).code).toBe(0);
  });

  it.runIf(TERRAFORM)('deploys production with the word', async () => {
    const { code, output } = await platform.run(['deploy', 'prod', '--auto-approve', '--confirm', 'prod', '--stack', 'foundation']);
    expect([code, output]).toEqual([0, expect.stringContaining('deployed prod')]);
  });
});

describe.runIf(TERRAFORM)('validation, by the real Terraform', { timeout: 120_000 }, () => {
  const verdictOf = async (content: string) => {
    const folder = join(platform.folder, 'validated', 'stacks', 'one');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'cdk.tf.json'), content);
    const session = await platform.session('deploy', []);
    return validateStack('one', { ...session, synthesized: join(platform.folder, 'validated') });
  };

  it('takes a stack that is right, whatever its backend', async () => {
    expect(await verdictOf(JSON.stringify({ terraform: { backend: { s3: { bucket: 'x' } } }, resource: { terraform_data: { a: { input: 'x' } } } }))).toEqual({ id: 'one', verdict: 'valid', said: 'init, validate, graph' });
  });

  it.each([
    ['{', /no JSON/],
    [JSON.stringify({ resource: { terraform_data: { a: { inputs: 'x' } } } }), /Extraneous JSON object property|not expected/],
    [JSON.stringify({ resource: { terraform_data: { a: { input: '${terraform_data.gone.id}' } } } }), /Reference to undeclared resource/],
    [JSON.stringify({ resource: { terraform_data: { a: { input: '${terraform_data.b.id}' }, b: { input: '${terraform_data.a.id}' } } } }), /Cycle/],
  ])('refuses %s', async (content, said) => {
    expect(await verdictOf(content)).toEqual({ id: 'one', verdict: 'invalid', said: expect.stringMatching(said) });
  });

  it('skips a stack whose provider cannot be had, with one line that says why', async () => {
    const unreachable = 'registry.invalid/tideline/none';
    const verdict = await verdictOf(JSON.stringify({ terraform: { required_providers: { none: { source: unreachable } } }, resource: { none_thing: { a: {} } } }));
    expect(verdict).toEqual({ id: 'one', verdict: 'skipped', said: expect.stringMatching(/^its providers cannot be had here: .*registry\.invalid/) });
    expect(verdict.said).not.toContain('\n');
  });
});
