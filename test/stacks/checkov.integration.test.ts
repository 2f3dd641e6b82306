import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXEMPTIONS } from '../../components/cloud';
import type { SynthesizedStack } from '../support/synth-stack';
import { PythonProgram, pythonProgram } from '../support/python-program';
import { EVERY_STACK, stackOf } from './support';

/** What the scanner says of one rule at one resource. */
interface Failed { readonly check_id: string; readonly check_name: string; readonly file_path: string; readonly resource: string }

let tool: PythonProgram;
let work: string;
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'tideline-checkov-'));
  tool = await pythonProgram('checkov', join(__dirname, 'checkov.requirements.txt'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Runs the scanner over stacks. Its parser stumbles over the `terraform` block, which holds nothing that it has rules for. */
async function scan(path: string, stacks: Readonly<Record<string, Partial<SynthesizedStack>>>): Promise<{ readonly passed: number; readonly failed: readonly Failed[] }> {
  const folder = join(work, 'stacks');
  rmSync(folder, { recursive: true, force: true });
  for (const [id, { provider, data, resource }] of Object.entries(stacks)) {
    mkdirSync(join(folder, id), { recursive: true });
    writeFileSync(join(folder, id, 'main.tf.json'), JSON.stringify({ provider, data, resource }, null, 1));
  }
  const said = await new Promise<string>((done) => {
    execFile(path, ['--directory', folder, '--framework', 'terraform_json', '--skip-download', '--quiet', '--compact', '--output', 'json'], { maxBuffer: 2 ** 28 }, (_, stdout) => done(stdout));
  });
  const report = JSON.parse(said) as { results?: { failed_checks: Failed[] }; summary: { passed: number; parsing_errors: number } };
  expect(report.summary.parsing_errors).toBe(0);
  return { passed: report.summary.passed, failed: report.results?.failed_checks ?? [] };
}

/** Exemptions of a stack as `resource rule`, with their reasons. */
function exemptionsOf(stack: Partial<SynthesizedStack>): Map<string, string> {
  return new Map(Object.values(stack.resource ?? {}).flatMap((named) => Object.entries(named)).flatMap(([name, block]) => {
    return Object.entries((block['//']?.[EXEMPTIONS] ?? {}) as Record<string, string>).map(([rule, reason]): [string, string] => [`${name} ${rule}`, reason]);
  }));
}

interface Findings { readonly passed: number; readonly exempt: number; readonly findings: string[] }

/** What stands against the stacks: failed rules that no exemption names, and exemptions that nothing needs. */
async function findings(path: string, stacks: Readonly<Record<string, Partial<SynthesizedStack>>>): Promise<Findings> {
  const { passed, failed } = await scan(path, stacks);
  const exempt = new Map<string, string>(Object.entries(stacks).flatMap(([id, stack]) => [...exemptionsOf(stack)].map(([what, reason]) => [`${id} ${what}`, reason] as const)));
  const keyOf = (each: Failed) => `${each.file_path.split('/')[1]} ${each.resource.slice(each.resource.lastIndexOf('.') + 1)} ${each.check_id}`;
  const anywhere = (key: string) => key.slice(key.indexOf(' ') + 1); // what a construct lets off for one environment, it lets off for all
  const needed = new Set(failed.map(keyOf).map(anywhere));
  return {
    passed,
    exempt: [...exempt.keys()].filter((key) => needed.has(anywhere(key))).length,
    findings: [
      ...failed.filter((each) => !exempt.has(keyOf(each))).map((each) => `${keyOf(each)}: ${each.check_name}`),
      ...[...exempt.keys()].filter((key) => !needed.has(anywhere(key))).map((key) => `${key}: an exemption that nothing needs`),
    ],
  };
}

describe('Checkov', () => {
  /** False, having said so, where the scanner cannot be had. */
  const runs = (): boolean => {
    if ('path' in tool) return true;
    process.stderr.write(`the stacks were NOT scanned: ${tool.missing}\n`);
    expect(tool.missing).toMatch(/python3/);
    return false;
  };

  it('has nothing to say against any stack, but for what is let off with a reason', async () => {
    if (!runs() || !('path' in tool)) return;
    const all = Object.fromEntries(EVERY_STACK.map(({ id, environment, stack }) => [id, stackOf(environment.name, stack)]));
    const result = await findings(tool.path, all);
    expect(result.findings).toEqual([]);
    expect(result.passed).toBeGreaterThan(300);
  });

  it('speaks up for a bucket anybody may read, for an exemption elsewhere, and for one that nothing needs', async () => {
    if (!runs() || !('path' in tool)) return;
    const bucket = (exemptions?: object) => ({ bucket: 'shore', acl: 'public-read', ...(exemptions ? { '//': { [EXEMPTIONS]: exemptions } } : {}) });
    const broken = (exemptions?: object) => ({ one: { provider: {}, data: {}, resource: { aws_s3_bucket: { open: bucket(exemptions) } } } });
    const plain = await findings(tool.path, broken());
    expect(plain.findings).toContainEqual(expect.stringMatching(/^one open CKV_AWS_20: .*READ/));
    const exempted = await findings(tool.path, broken({ CKV_AWS_20: 'a bucket of public pages', CKV_AWS_39: 'of another kind of resource' }));
    expect(exempted.findings).not.toContainEqual(expect.stringContaining('CKV_AWS_20'));
    expect(exempted.findings).toContain('one open CKV_AWS_39: an exemption that nothing needs');
    expect(exempted.exempt).toBe(1);
  });
});
