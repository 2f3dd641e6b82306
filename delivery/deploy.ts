import { refuse } from '../base/faults';
import type { StackName } from '../config/facts';
import { checkAccount } from './aws';
import { openFoundation, settleFoundation } from './foundation';
import { guardPlan } from './guards';
import { Interrupted } from './interruption';
import { countLine, PlanReview, reviewLines, reviewPlan } from './plan';
import { agreeToBegin, Declined, Session, stackWork } from './session';
import { StackWork, TerraformError } from './stack-work';

/** What became of one stack. */
interface Outcome {
  readonly name: StackName;
  readonly said: string;
}

/**
 * Plans, reviews and applies stacks one after the other. Stops at the first that fails, having said what was done, what was not, and how to go on.
 *
 * @returns exit code: 0 done, 1 stopped, 130 interrupted
 * @throws FaultError if it cannot even begin
 */
export async function deploy(session: Session): Promise<number> {
  const { options, target, person, aws } = session;
  if (!options.planOnly) await agreeToBegin(session, 'deploy');
  if (aws) await checkAccount(aws, target);
  else person.say('no AWS command line here: Terraform itself refuses credentials of another account');

  const done: Outcome[] = [];
  for (const [index, name] of options.stacks.entries()) {
    person.say(`\n${name}`);
    try {
      const said = options.planOnly ? await look(session, name, done) : await deployStack(session, name);
      person.say(`  ${said}`);
      done.push({ name, said });
    } catch (error) {
      return stopped(session, 'deploy', { done, failed: name, left: options.stacks.slice(index + 1), error });
    }
  }
  person.say(`\n${options.planOnly ? 'planned' : 'deployed'} ${target.name}\n${done.map(({ name, said }) => `  ${name}: ${said}`).join('\n')}`);
  return 0;
}

/** Says where it stopped, why, and how to go on. */
export function stopped(session: Session, command: 'deploy' | 'destroy', { done, failed, left, error }: {
  readonly done: readonly Outcome[]; readonly failed: StackName; readonly left: readonly StackName[]; readonly error: unknown;
}): number {
  const { options, target, person } = session;
  const interrupted = error instanceof Interrupted || session.signal.aborted;
  const flags = [...options.allowReplace.map((address) => `--allow-replace '${address}'`), ...(options.withFoundation ? ['--with-foundation'] : []), ...(options.planOnly ? ['--plan-only'] : [])];
  const again = ['npx projen', command, target.name, ...[failed, ...left].map((name) => `--stack ${name}`), ...flags].join(' ');
  person.say([
    '',
    interrupted ? `interrupted at ${failed}; Terraform has ended and released its lock` : `stopped at ${failed}: ${(error as Error).message}`,
    '',
    ...(done.length > 0 ? [`done:      ${done.map(({ name, said }) => `${name} (${said})`).join(', ')}`] : []),
    `not done:  ${[failed, ...left].join(', ')}${error instanceof TerraformError && error.command === 'apply' ? ` (of ${failed} a part may be done; the next plan says what is missing)` : ''}`,
    `to go on:  ${again}`,
  ].join('\n'));
  return interrupted ? 130 : 1;
}

async function deployStack(session: Session, name: StackName): Promise<string> {
  const { options, person } = session;
  const work = stackWork(session, name);
  work.prepare();
  const place = await open(work, person.say);
  const { file, plan } = await work.plan('apply');
  const review = showReview(session, work, reviewPlan(plan));
  const { refused, flagged } = guardPlan(work.id, plan, { allowReplace: options.allowReplace, precious: session.precious });
  for (const flag of flagged) person.say(`  ! ${flag}`);
  refuse('the plan is refused', refused);
  if (!review.empty) {
    await agree(session, work, file, `  apply these changes to ${work.id}?`);
    await work.apply(file);
  }
  if (place === 'local') await settleFoundation(work, person.say);
  return review.empty ? 'nothing to change' : countsDone(review);
}

/** Looks at a stack without touching it. What it looks up may be made by an earlier stack that has not been applied. */
async function look(session: Session, name: StackName, before: readonly Outcome[]): Promise<string> {
  const { person, options } = session;
  const work = stackWork(session, name);
  work.prepare();
  try {
    await work.useBucket();
    const { plan } = await work.plan('look');
    const review = showReview(session, work, reviewPlan(plan));
    const { refused, flagged } = guardPlan(work.id, plan, { allowReplace: options.allowReplace, precious: session.precious });
    for (const flag of flagged) person.say(`  ! ${flag}`);
    refuse('the plan would be refused', refused);
    return review.empty ? 'nothing to change' : countLine(review);
  } catch (error) {
    const waits = before.filter(({ said }) => said !== 'nothing to change').map((each) => each.name);
    if (!(error instanceof TerraformError)) throw error;
    if (error.withoutBucket) return 'not planned: the bucket of states does not exist; deploy the foundation first';
    if (error.command !== 'plan' || waits.length === 0) throw error;
    person.say(error.message.replace(/^/gm, '    '));
    return `not planned: it may need changes of ${waits.join(', ')} that are not applied`;
  }
}

async function open(work: StackWork, say: (line: string) => void): Promise<'bucket' | 'local'> {
  if (work.name === 'foundation') return openFoundation(work, say);
  try {
    await work.useBucket();
    return 'bucket';
  } catch (error) {
    if (!(error instanceof TerraformError) || !error.withoutBucket) throw error;
    refuse('the states have no bucket', [{ where: `state of ${work.id}`, got: 'a bucket that does not exist', allowed: 'the bucket that the foundation makes', do: 'deploy the foundation first: --stack foundation' }]);
    throw error;
  }
}

/** Shows a review. */
export function showReview(session: Session, work: StackWork, review: PlanReview): PlanReview {
  session.person.say(review.empty ? '  no changes' : `  plan of ${work.id}: ${countLine(review)}`);
  for (const line of reviewLines(review)) session.person.say(`  ${line}`);
  return review;
}

/** Asks whether a plan may be applied, unless nobody is to be asked. */
export async function agree(session: Session, work: StackWork, file: string, question: string): Promise<void> {
  const { options, person } = session;
  if (options.autoApprove) return;
  for (;;) {
    const answer = (await person.ask!(`${question} [y/N, d for details] `)).toLowerCase();
    session.signal.throwIfAborted();
    if (answer === 'y' || answer === 'yes') return;
    if (answer !== 'd') throw new Declined(`you did not say yes; ${work.id} is as it was`);
    person.say(await work.details(file));
  }
}

function countsDone({ count }: PlanReview): string {
  return `${count.create} created, ${count.update} updated, ${count.replace} replaced, ${count.destroy} destroyed`;
}
