import { parseArgs } from 'node:util';
import { Fault, FaultError, formatFault, refuse } from '../base/faults';
import { Check, loadObjects, verifyAll } from './index';

interface Arguments {
  readonly dist: string;
  readonly stacks: string;
  readonly environment?: string;
  readonly json: boolean;
}

const USAGE = 'npx projen verify [--dist DIR] [--stacks DIR] [--environment NAME] [--json]';

function readArguments(argv: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        dist: { type: 'string', default: 'dist' }, stacks: { type: 'string', default: 'cdktf.out/stacks' }, environment: { type: 'string' }, json: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new FaultError('the command line is not usable', [{ where: 'arguments', got: (error as Error).message.split('\n')[0] ?? '', allowed: USAGE, do: 'correct the call' }]);
  }
}

function main(argv: readonly string[]): number {
  const { dist, stacks, environment, json } = readArguments(argv);
  const all = loadObjects(dist, { stacks });
  const names = [...new Set(all.objects.map((each) => each.environment))];
  const faults: Fault[] = [];
  if (environment !== undefined && !names.includes(environment)) {
    faults.push({ where: '--environment', got: environment, allowed: names.join(', '), do: 'choose one of these, or run npx projen update:manifests' });
  }
  refuse('the command line is not usable', faults);
  const synthesized = environment === undefined ? all : {
    objects: all.objects.filter((each) => each.environment === environment), stacks: all.stacks.filter((stack) => stack.name.startsWith(`${environment}-`)),
  };
  const checks = verifyAll(synthesized);
  if (json) console.log(JSON.stringify({ objects: synthesized.objects.length, stacks: synthesized.stacks.length, checks }, null, 2));
  else print(checks, synthesized.objects.length, synthesized.stacks.length, dist, environment ?? names.join(', '));
  return checks.some((check) => check.status === 'fail') ? 1 : 0;
}

function print(checks: readonly Check[], objects: number, stacks: number, dist: string, environments: string): void {
  console.log(`${dist}: ${objects} objects of ${environments}; ${stacks > 0 ? `${stacks} stacks` : 'no stacks (run npx projen synth to prove them too)'}`);
  for (const { id, title, status, applied, findings } of checks) {
    console.log(`${status.padEnd(14)} ${id}: ${title} (${applied} checked)`);
    if (status === 'fail') for (const finding of findings) console.log(`  ${formatFault(finding)}`);
    if (status === 'open') console.log(`  ${findings.length} open, the first: ${formatFault(findings[0]!)}`);
  }
  const count = (status: Check['status']) => checks.filter((each) => each.status === status).length;
  console.log(`${count('pass')} proofs hold, ${count('fail')} fail, ${count('open')} open`);
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof FaultError ? error.message : `verification failed: ${(error as Error).message}`);
  process.exitCode = 1;
}
