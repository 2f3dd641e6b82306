import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FaultError, formatFault, refuse } from '../base/faults';
import { check, Check, FullCheck, loadObjects, rules, Synthesized, verifyFully } from './index';

interface Arguments {
  readonly dist: string;
  /** @default - cdktf.out/stacks, if it is there */
  readonly stacks?: string;
  /** @default - every environment */
  readonly environment?: string;
  readonly json: boolean;
}

const USAGE = 'npx projen verify [--dist DIR] [--stacks DIR] [--environment NAME] [--json]';

function readArguments(argv: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        dist: { type: 'string', default: 'dist' }, stacks: { type: 'string' }, environment: { type: 'string' }, json: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new FaultError('the command line is not usable', [{ where: 'arguments', got: (error as Error).message.split('\n')[0] ?? '', allowed: USAGE, do: 'correct the call' }]);
  }
}

function main(argv: readonly string[]): number {
  if (argv.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  const { dist, stacks, environment, json } = readArguments(argv);
  if (stacks !== undefined && !existsSync(stacks)) {
    refuse('the command line is not usable', [{ where: '--stacks', got: stacks, allowed: 'a folder with <stack>/cdk.tf.json', do: 'correct the path, or run npx projen synth' }]);
  }
  if (!json) console.log(`reading ${dist}`);
  const all = loadObjects(dist, { stacks: stacks ?? 'cdktf.out/stacks' });
  const names = [...new Set(all.objects.map((each) => each.environment))];
  if (environment !== undefined && !names.includes(environment)) {
    refuse('the command line is not usable', [{ where: '--environment', got: environment, allowed: names.join(', '), do: 'choose one of these, or run npx projen update:manifests' }]);
  }
  const synthesized = environment === undefined ? all : only(environment, names, all);
  const { objects, stacks: proven } = synthesized;
  if (json) {
    const checks = verifyFully(synthesized);
    console.log(JSON.stringify({ objects: objects.length, stacks: proven.length, checks }, null, 2));
    return exitCode(checks);
  }
  console.log(`${objects.length} objects of ${environment ?? names.join(', ')}; ${proven.length > 0 ? `${proven.length} stacks` : 'no stacks (run npx projen synth to prove them too)'}`);
  const checks = rules.map((rule) => {
    const result = check(rule, synthesized);
    print(result);
    return result;
  });
  const count = (status: Check['status']) => checks.filter((each) => each.status === status).length;
  const facts = checks.filter((each) => each.status === 'open').reduce((sum, each) => sum + each.findings.length, 0);
  console.log(`${count('pass')} proofs hold, ${count('fail')} fail, ${count('open')} open (${facts} facts), ${count('not-applicable')} not applicable`);
  return exitCode(checks);
}

/** What belongs to one environment. A stack belongs to the longest name it begins with, so that `eu` does not take what `eu-west` has. */
function only(environment: string, names: readonly string[], { objects, stacks }: Synthesized): Synthesized {
  const ownerOf = (stack: string) => names.filter((name) => stack.startsWith(`${name}-`)).sort((a, b) => b.length - a.length)[0];
  return { objects: objects.filter((each) => each.environment === environment), stacks: stacks.filter((stack) => ownerOf(stack.name) === environment) };
}

function exitCode(checks: readonly Check[]): number {
  return checks.some((each) => each.status === 'fail') ? 1 : 0;
}

function print({ id, title, status, applied, findings, exempted }: FullCheck): void {
  console.log(`${status.padEnd(14)} ${id}: ${title} (${applied} checked)`);
  for (const finding of findings) console.log(`  ${status === 'open' ? 'open ' : ''}${formatFault(finding)}`);
  for (const { where, got, reason } of exempted) console.log(`  exempt [${where}] ${got}: ${reason}`);
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof FaultError ? error.message : `verification failed: ${(error as Error).message}`);
  process.exitCode = 1;
}
