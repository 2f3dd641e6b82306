import { ChildProcess, spawn } from 'node:child_process';

/**
 * Keeps a list of process groups, and ends them when its standard input closes, which happens when this process dies, however it dies.
 * `+<pid>` adds, `-<pid>` removes.
 */
const SCRIPT = `
pids=
while IFS= read -r line; do
  case $line in
    +*) pids="$pids \${line#+}" ;;
    -*) kept=; for pid in $pids; do [ "$pid" = "\${line#-}" ] || kept="$kept $pid"; done; pids=$kept ;;
  esac
done
for pid in $pids; do kill -s KILL -- "-$pid" 2>/dev/null; done
`;

/** Ends processes when this one is killed in a way that leaves it no chance to do so. */
export class Watchdog {
  private readonly child: ChildProcess;

  constructor() {
    // A group of its own: Ctrl-C in a terminal reaches the whole group of this process.
    this.child = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], env: {} });
    this.child.unref();
    (this.child.stdin as unknown as { unref(): void }).unref();
    this.child.stdin!.on('error', () => undefined); // it ended: the registry on disk is the second net
    this.child.on('error', () => undefined);
  }

  /** Watches over a process group. */
  add(pid: number): void {
    this.child.stdin?.write(`+${pid}\n`);
  }

  /** Forgets a group that has ended, before its number is used again. */
  remove(pid: number): void {
    this.child.stdin?.write(`-${pid}\n`);
  }

  /** Ends the watchdog, and with it what it still watches over. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.ref(); // now it is waited for
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin!.end();
    await ended;
  }
}
