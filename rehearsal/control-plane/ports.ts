import { createServer } from 'node:net';

/**
 * Free ports on 127.0.0.1, all different.
 *
 * Between here and the program that listens on it a port can be taken: whoever starts the program asks {@link isPortTaken} when it ends early, and tries again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  })));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Whether a program's last words say that its port was taken. */
export function isPortTaken(lines: readonly string[]): boolean {
  return lines.some((line) => /address already in use|bind: address already/i.test(line));
}
