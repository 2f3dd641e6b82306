import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { refuse, show } from '../../base/faults';
import type { SynthesizedStack } from './blind-spots';
import type { DeclaredStack } from './destroy-order';

/** A stack as it was synthesized: what it holds, and what it is applied after. */
export interface TeardownStack extends SynthesizedStack, DeclaredStack {}

interface Manifest { readonly stacks: Readonly<Record<string, { readonly name: string; readonly dependencies: readonly string[]; readonly synthesizedStackPath: string }>> }

/**
 * Reads the stacks of one environment as `npx projen synth` wrote them, in no order.
 *
 * @param outdir folder with `manifest.json`, e.g. `cdktf.out`
 * @param environment what their ids begin with
 * @throws FaultError if there are none
 */
export function readStacks(outdir: string, environment: string): TeardownStack[] {
  const { stacks } = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8')) as Manifest;
  const found = Object.entries(stacks).filter(([id]) => id.startsWith(`${environment}-`)).map(([id, { dependencies, synthesizedStackPath }]): TeardownStack => ({
    name: id, dependsOn: dependencies, json: JSON.parse(readFileSync(join(outdir, synthesizedStackPath), 'utf8')) as SynthesizedStack['json'],
  }));
  refuse(`${environment} cannot be read`, found.length > 0 ? [] : [{ where: join(outdir, 'manifest.json'), got: show(Object.keys(stacks)), allowed: `stacks of ${environment}`, do: 'run npx projen synth' }]);
  return found;
}
