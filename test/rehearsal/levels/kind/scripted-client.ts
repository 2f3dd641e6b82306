import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from '../../../../rehearsal/levels/kind/engine';

/** An engine's client that answers by a shell script: what an engine says when something is wrong cannot be had from a healthy one. */
export function scriptedClient(folder: string, name: string, script: string): Engine {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return new Engine(path);
}
