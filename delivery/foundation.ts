import { FaultError } from '../base/faults';
import { StackWork, TerraformError } from './stack-work';

/**
 * Points Terraform at the state of the foundation, which makes the bucket its own state ends in: until there is a bucket, and until the state has arrived there,
 * it is kept in a file here.
 *
 * @returns `local` if it is kept here
 * @throws FaultError if there is a state in the bucket that has nothing to do with the one kept here
 */
export async function openFoundation(work: StackWork, say: (line: string) => void): Promise<'bucket' | 'local'> {
  const local = work.localIdentity();
  try {
    await work.useBucket();
  } catch (error) {
    if (!(error instanceof TerraformError) || !error.withoutBucket) throw error;
    say(local ? `  going on with the state in ${work.localState}: its bucket does not exist` : `  first time: the state is kept in ${work.localState} until its bucket exists`);
    await work.useLocal();
    return 'local';
  }
  if (!work.hasLocalState) return 'bucket';

  const remote = await work.identity();
  if (local && remote && remote.lineage !== local.lineage && remote.content !== local.content) {
    throw new FaultError('there are two states of the foundation', [{
      where: work.localState, got: 'a state that is not the one in the bucket', allowed: 'one state',
      do: `look at both (terraform -chdir=${work.folder} state list shows the bucket's); move the file away if the bucket's is right, or remove the object in the bucket`,
    }]);
  }
  const arrived = local && remote && (remote.content === local.content || remote.serial >= local.serial);
  if (!local || arrived) {
    work.dropLocalState(); // only the file was left
    return 'bucket';
  }
  say(`  going on with the state in ${work.localState}: it has not arrived in its bucket`);
  await work.useLocal();
  return 'local';
}

/**
 * Moves the state of the foundation into the bucket the foundation has made.
 *
 * @throws FaultError if it cannot be read back from there; the file stays
 */
export async function settleFoundation(work: StackWork, say: (line: string) => void): Promise<void> {
  const local = work.localIdentity();
  await work.sendState();
  const remote = await work.identity();
  if (local && remote?.content !== local.content) {
    throw new FaultError('the state did not arrive in its bucket', [{
      where: `state of ${work.id}`, got: remote ? 'another state' : 'nothing', allowed: `what is in ${work.localState}`, do: 'run the same command again: the file is still there',
    }]);
  }
  work.dropLocalState();
  say('  its state is in the bucket now');
}

/** Moves the state out of the bucket, which cannot hold it while it is destroyed itself. */
export async function unsettleFoundation(work: StackWork, say: (line: string) => void): Promise<void> {
  const remote = await work.identity();
  if (!remote) return;
  await work.fetchState();
  const local = work.localIdentity();
  if (local?.content !== remote.content) {
    throw new FaultError('the state did not arrive here', [{
      where: work.localState, got: local ? 'another state' : 'nothing', allowed: `the state of ${work.id}`, do: 'run the same command again: the state is still in its bucket',
    }]);
  }
  say(`  its state is kept in ${work.localState} now`);
}
