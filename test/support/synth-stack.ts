import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { App, Testing, TerraformStack } from 'cdktf';

/** Attributes of one block of `cdk.tf.json`. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON whose shape each test states by what it expects
export type Block = Record<string, any>;

/** A parsed `cdk.tf.json`. */
export interface SynthesizedStack {
  readonly provider: Readonly<Record<string, readonly Block[]>>;
  readonly terraform: Block;
  readonly data: Readonly<Record<string, Readonly<Record<string, Block>>>>;
  readonly resource: Readonly<Record<string, Readonly<Record<string, Block>>>>;
}

/**
 * Synthesizes one stack the way `app.synth()` does: aspects, validations, annotations, then JSON. (`Testing.synth` leaves out what finds mistakes.)
 *
 * @throws whatever the stack's constructors and validations throw
 */
export function synthStack(build: (app: App) => TerraformStack): SynthesizedStack {
  return JSON.parse(synthText(build)) as SynthesizedStack;
}

/** As {@link synthStack}, but the bytes. */
export function synthText(build: (app: App) => TerraformStack): string {
  const appFolder = mkdtempSync(join(tmpdir(), 'tideline-app-'));
  let stackFolder: string | undefined;
  try {
    const stack = build(Testing.app({ outdir: appFolder, stubVersion: false, enableFutureFlags: false })); // as stacks/main.ts makes it
    stackFolder = Testing.fullSynth(stack);
    return readFileSync(join(stackFolder, 'stacks', stack.node.id, 'cdk.tf.json'), 'utf8');
  } finally {
    for (const folder of [appFolder, stackFolder]) if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

/** Synthesizes a few constructs in a stack that holds nothing else but the AWS provider. */
export function synthIn(build: (stack: TerraformStack) => void): SynthesizedStack {
  return synthStack((app) => {
    const stack = new TerraformStack(app, 'test');
    new AwsProvider(stack, 'aws', { region: 'eu-west-1' });
    build(stack);
    return stack;
  });
}

/** Every resource of a type. */
export function resources(stack: SynthesizedStack, type: string): Block[] {
  return Object.values(stack.resource?.[type] ?? {});
}

/** The only resource of a type that has these attributes. */
export function only(stack: SynthesizedStack, type: string, attributes: Block = {}): Block {
  const found = resources(stack, type).filter((each) => Object.entries(attributes).every(([key, value]) => each[key] === value));
  if (found.length !== 1) throw new Error(`${found.length} resources ${type} with ${JSON.stringify(attributes)}, not one`);
  return found[0]!;
}

/** Expression of a resource's attribute, e.g. `${aws_vpc.network.id}`, for the resource that is this block. */
export function reference(stack: SynthesizedStack, type: string, block: Block, attribute: string): string {
  const name = Object.entries(stack.resource[type] ?? {}).find(([, each]) => each === block)?.[0];
  return `\${${type}.${name}.${attribute}}`;
}
