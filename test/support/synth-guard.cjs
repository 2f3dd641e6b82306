// Preloaded into a synthesis: makes the network unusable, and at exit writes which modules were loaded to the file GUARD_MODULES names.
const { writeFileSync } = require('node:fs');
const net = require('node:net');
const dns = require('node:dns');
const dgram = require('node:dgram');

function refuse(what) {
  return () => { throw new Error(`network use: ${what}`); };
}
net.Socket.prototype.connect = refuse('connect');
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) dns[name] = dns.promises[name] = refuse(`dns.${name}`);
dgram.createSocket = refuse('datagram');
globalThis.fetch = refuse('fetch');

process.on('exit', () => {
  if (process.env.GUARD_MODULES) writeFileSync(process.env.GUARD_MODULES, JSON.stringify(Object.keys(require.cache)));
});
