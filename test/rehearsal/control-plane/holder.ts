import { ProcessSet } from '../../../rehearsal/control-plane/process-set';

// A program that starts two others and then ends as its second argument says; run by process-set.test.ts.
const [workDir, end] = process.argv.slice(2) as [string, string];
const processes = new ProcessSet(workDir);
const started = [
  processes.start({ name: 'plain', command: '/bin/sh', args: ['-c', 'sleep 300'] }),
  processes.start({ name: 'stubborn', command: '/bin/sh', args: ['-c', "trap '' TERM INT HUP; while :; do sleep 1; done"] }),
];
process.stdout.write(`${JSON.stringify(started.map((each) => each.pid))}\n`);
const timer = setInterval(() => undefined, 1_000);
if (end === 'throw') setTimeout(() => { throw new Error('unexpected'); }, 300);
if (end === 'exit') setTimeout(() => process.exit(3), 300);
if (end === 'listen') {
  process.on('SIGTERM', () => void processes.stopAll().then(() => {
    clearInterval(timer);
    process.stdout.write('stopped in order\n');
  }));
}
