import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FaultError, refuse } from '../base/faults';
import { STACKS, stackId, StackName } from '../config/facts';
import { BlindSpot, blindSpots, destroyOrder, protections } from '../stacks/teardown';
import { checkAccount } from './aws';
import { agree, showReview, stopped } from './deploy';
import { openFoundation, unsettleFoundation } from './foundation';
import { reviewPlan } from './plan';
import { agreeToBegin, Session, stackWork, synthesizedStacks } from './session';
import { TerraformError } from './stack-work';

/** Between two looks at what controllers have yet to remove, milliseconds. */
const LOOK_AGAIN_MS = 15_000;

/**
 * Destroys stacks, each before those it was applied after. What Terraform cannot see is said first; a stack that would be stopped by it, or would leave it behind,
 * waits for it.
 *
 * @returns exit code: 0 done, 1 stopped, 130 interrupted
 * @throws FaultError if it cannot even begin
 */
export async function destroy(session: Session): Promise<number> {
  const { options, target, person, aws } = session;
  if (aws) await checkAccount(aws, target);
  const all = synthesizedStacks(session);
  const order = destroyOrder(STACKS.map((name, index) => ({ name, dependsOn: STACKS.slice(0, index) }))).filter((name) => options.stacks.includes(name));
  const spots = blindSpots(order.map((name) => all.find((stack) => stack.name === name)!));

  tellBlindSpots(session, spots);
  for (const { stack, address, by } of protections(all.filter(({ name }) => order.includes(name)))) {
    person.say(`! ${stack}: ${address} is protected by ${by}: its destroy fails until a change of its own has taken that off`);
  }
  await tellLeft(session, spots, 'there now');
  await agreeToBegin(session, 'destroy');

  const done: { name: StackName; said: string }[] = [];
  for (const [index, name] of order.entries()) {
    person.say(`\n${name}`);
    try {
      const said = await destroyStack(session, name, order, spots.filter((spot) => spot.before === name));
      person.say(`  ${said}`);
      done.push({ name, said });
    } catch (error) {
      return stopped(session, 'destroy', { done, failed: name, left: order.slice(index + 1), error });
    }
  }
  person.say(`\ndestroyed ${target.name}\n${done.map(({ name, said }) => `  ${name}: ${said}`).join('\n')}`);
  await tellLeft(session, spots, 'left in the account');
  return 0;
}

function tellBlindSpots({ person, aws }: Session, spots: readonly BlindSpot[]): void {
  if (spots.length === 0) return;
  person.say('Terraform does not know of these; look at them before you go on.');
  for (const spot of spots) {
    person.say([
      '', `${spot.what}, made by ${spot.madeBy}${spot.before ? ` (before ${spot.before} is destroyed)` : ''}`, `  list:    ${spot.list}`, `  removed: ${spot.removed}`,
    ].join('\n'));
  }
  if (!aws) person.say('\nno AWS command line here: the lists have to be asked for by hand, before the destroy and after it');
}

/** Says how many there are of each, where that can be asked. */
async function tellLeft({ aws, person }: Session, spots: readonly BlindSpot[], what: string): Promise<void> {
  if (!aws || spots.length === 0) return;
  const found = await Promise.all(spots.map(async (spot) => ({ spot, found: await aws.list(spot.list) })));
  const lines = found.flatMap(({ spot, found: list }) => {
    if ('failed' in list) return [`  ${spot.what}: not known (${list.failed})`];
    return list.length > 0 ? [`  ${spot.what}: ${list.length} (${list.slice(0, 5).join(', ')}${list.length > 5 ? ', ...' : ''})`] : [];
  });
  person.say(lines.length === 0 ? `\n${what}: nothing that Terraform cannot see` : `\n${what}, unseen by Terraform:\n${lines.join('\n')}`);
}

async function destroyStack(session: Session, name: StackName, order: readonly StackName[], waited: readonly BlindSpot[]): Promise<string> {
  const { person } = session;
  await refuseUnderOthers(session, name, order);
  const work = stackWork(session, name);
  work.prepare();
  const place = name === 'foundation' ? await openFoundation(work, person.say) : await work.useBucket();
  const state = await work.identity();
  if (!state || state.resources === 0) {
    if (place === 'local') work.dropLocalState();
    return 'nothing to destroy';
  }
  if (place === 'bucket') await unsettleFoundation(work, person.say);
  await waitFor(session, name, waited);
  const { file, plan } = await work.plan('destroy');
  const review = showReview(session, work, reviewPlan(plan));
  await agree(session, work, file, `  destroy these of ${work.id}?`);
  await work.apply(file);
  const left = await work.identity();
  refuse('the destroy left something', !left || left.resources === 0 ? [] : [{
    where: `state of ${work.id}`, got: `${left.resources} resources`, allowed: 'none', do: `terraform -chdir=${work.folder} state list shows them; run the same command again`,
  }]);
  if (name === 'foundation') work.dropLocalState();
  return `${review.count.destroy} destroyed`;
}

/** A stack goes only when all that were applied after it hold nothing: they find it by name, and could not be destroyed without it. */
async function refuseUnderOthers(session: Session, name: StackName, order: readonly StackName[]): Promise<void> {
  for (const other of STACKS.slice(STACKS.indexOf(name) + 1).filter((each) => !order.includes(each))) {
    const id = stackId(session.target.name, other);
    if (!existsSync(join(session.synthesized, 'stacks', id, 'cdk.tf.json'))) continue;
    const work = stackWork(session, other);
    work.prepare();
    try {
      await work.useBucket();
    } catch (error) {
      if (error instanceof TerraformError && error.withoutBucket) continue; // no bucket, no states
      throw error;
    }
    const state = await work.identity();
    if (state && state.resources > 0) {
      throw new FaultError('another stack stands on this one', [{
        where: `stack ${id}`, got: `${state.resources} resources in its state`, allowed: `none, before ${name} is destroyed`, do: `destroy it first: --stack ${other}`,
      }]);
    }
  }
}

/** Waits until controllers have removed what they made; they can no longer, once the stack is gone. */
async function waitFor(session: Session, name: StackName, spots: readonly BlindSpot[]): Promise<void> {
  const { aws, person, options, signal } = session;
  if (!aws) return;
  let waited = 0;
  let told = '';
  for (;;) {
    signal.throwIfAborted();
    const found = await Promise.all(spots.map(async (spot) => ({ spot, list: await aws.list(spot.list) })));
    const left = found.filter(({ list }) => 'failed' in list || list.length > 0);
    if (left.length === 0) return;
    const now = left.map(({ spot, list }) => `${'failed' in list ? 'unknown' : list.length} ${spot.what}`).join(', ');
    const byHand = left.some(({ spot }) => spot.removed.startsWith('never'));
    if (byHand || waited >= options.waitMinutes * 60_000) {
      throw new FaultError(`${name} was not destroyed`, left.map(({ spot, list }) => ({
        where: `${name}: ${spot.what}`, got: 'failed' in list ? `no answer: ${list.failed}` : `${list.length}: ${list.slice(0, 5).join(', ')}`, allowed: `none, before ${name} is destroyed`,
        do: `${spot.removed}; then run the same command again. To see them: ${spot.list}`,
      })));
    }
    if (now !== told) person.say(`  waiting for what Terraform cannot see: ${now}`);
    told = now;
    await session.sleep(LOOK_AGAIN_MS);
    waited += LOOK_AGAIN_MS;
  }
}
