import { join } from 'node:path';
import { writeFileAtomic } from '../../../base/atomic-file';
import type { Engine } from './engine';

/** Keeps what nodes say of themselves, for whoever looks for the cause of a failure. What a dead node cannot tell any more is left out. */
export async function keepNodeLogs(engine: Engine, nodes: readonly string[], folder: string): Promise<void> {
  await Promise.all(nodes.map(async (node) => {
    const sources = {
      console: ['logs', '--tail', '500', node],
      journal: ['exec', node, 'journalctl', '--no-pager', '--lines', '2000'],
    };
    for (const [kind, args] of Object.entries(sources)) {
      const { stdout, errorLines } = await engine.run(args, { timeoutSeconds: 30 });
      const text = stdout || errorLines.join('\n');
      if (text !== '') writeFileAtomic(join(folder, 'logs', `${node}.${kind}.log`), text, 0o600);
    }
  }));
}
