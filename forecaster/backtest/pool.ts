import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { WorkerReply, WorkerRequest } from './worker';

/**
 * Has requests answered by that many processes; replies come in the order of the requests, whatever the number.
 *
 * Processes and not threads: CPU time is counted per process, and what is measured must not hold the time of a neighbour.
 *
 * @param onReply told of each reply in order, as soon as those before it are there
 */
export async function askPool(requests: readonly WorkerRequest[], jobs: number, onReply: (reply: WorkerReply, index: number) => void): Promise<void> {
  const replies: (WorkerReply | undefined)[] = [];
  let next = 0;
  let told = 0;
  const workers: ChildProcess[] = [];
  try {
    await Promise.all(Array.from({ length: Math.min(jobs, requests.length) }, async () => {
      const worker = fork(join(__dirname, 'worker.ts'), [], { execArgv: ['--require', require.resolve('tsx/cjs')], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      workers.push(worker);
      while (next < requests.length) {
        const index = next++;
        replies[index] = await ask(worker, requests[index]!);
        for (; replies[told]; told++) {
          onReply(replies[told]!, told);
          replies[told] = { bug: '' }; // told: its forecasts need not stay in memory
        }
      }
    }));
  } finally {
    for (const worker of workers) worker.kill();
  }
}

function ask(worker: ChildProcess, request: WorkerRequest): Promise<WorkerReply> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null, signal: string | null) => reject(new Error(`the process that scores ${request.series.id} ended early (${signal ?? code})`));
    worker.once('exit', onExit);
    worker.once('message', (reply) => {
      worker.off('exit', onExit);
      resolve(reply as WorkerReply);
    });
    worker.send(request);
  });
}
