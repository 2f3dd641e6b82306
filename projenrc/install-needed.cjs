// Exit 0 if `npm ci` has to run: nothing is installed, or the lock file is newer than what is. A program, because the shell of
// projen's tasks knows little of `test`, and node is there on every platform.
const { existsSync, statSync } = require('node:fs');

const installed = 'node_modules/.package-lock.json';
const needed = !existsSync(installed) || statSync('package-lock.json').mtimeMs > statSync(installed).mtimeMs;
process.exit(needed ? 0 : 1);
