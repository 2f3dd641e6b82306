import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../../config';
import { Authority } from '../../../rehearsal/control-plane/authority';
import { writeArchive } from '../../../rehearsal/images/archive';
import { ImageDeclaration } from '../../../rehearsal/images/contract';
import { controlPlaneImages, DEBUG, GIT_SERVER, PAUSE, POSTGRES } from '../../../rehearsal/images/infrastructure';
import { prepareImages } from '../../../rehearsal/images/prepare';
import { lighttpdConfig, PUSHER, REPOSITORIES } from '../../../rehearsal/levels/kind/gitops/git-server';

function runs(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const here = runs('docker', ['info']) && runs('apt-get', ['--version']);
const TAG = `tideline-test-${process.pid}`;
/** As a pod of the platform runs: nothing to write to but what is mounted, no rights. */
const RESTRICTED = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--tmpfs', '/tmp', '--network', 'none'];

describe.skipIf(!here)('images of infrastructure (needs Docker and apt-get)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'infrastructure-'));
  const containers: string[] = [];
  const { go: _, entrypoint: __, ...proxy } = controlPlaneImages({ kubernetes: 'v1', etcd: '1', coredns: 'v1', provisioner: 'v1' }).find(({ reference }) => reference.includes('kube-proxy'))!.source!;
  const sources: Readonly<Record<string, ImageDeclaration['source']>> = {
    postgres: POSTGRES.source, redis: catalogue.redis.images.redis.source, git: GIT_SERVER.source, debug: DEBUG.source, pause: PAUSE.source, proxy, // what kube-proxy calls, without itself
  };
  const image = (name: string) => `${TAG}/${name}:1`;
  const docker = (...args: string[]) => promisify(execFile)('docker', args);

  async function start(name: string, options: readonly string[], args: readonly string[] = []): Promise<string> {
    const container = `${TAG}-${name}`;
    containers.push(container);
    await docker('run', '--detach', '--name', container, ...RESTRICTED, ...options, image(name), ...args);
    return container;
  }

  /** What a command in a container prints, tried until it succeeds: the container's own log is the reason when it never does. */
  async function eventually(container: string, options: readonly string[], ...command: string[]): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await docker('exec', ...options, container, ...command)).stdout.trim();
      } catch (error) {
        if (attempt === 60) throw new Error(`${String(error)}\n${(await docker('logs', container)).stderr}`);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    const { ready, missing } = await prepareImages(Object.entries(sources).map(([name, source]) => ({ reference: image(name), source, ours: true })), 'build');
    expect(missing).toEqual([]);
    const archive = join(folder, 'images.tar');
    await writeArchive(ready.map(({ built }) => built!), archive);
    await docker('load', '--input', archive);
  });
  afterAll(async () => {
    for (const container of containers) await docker('rm', '--force', '--volumes', container);
    for (const name of Object.keys(sources)) await docker('rmi', image(name)).catch(() => undefined); // those that were never loaded
    rmSync(folder, { recursive: true, force: true });
  });

  it('PostgreSQL makes its database and lets in who knows the password', async () => {
    const data = ['--tmpfs', '/data:uid=999,gid=999', '-e', 'PGDATA=/data/pg'];
    writeFileSync(join(folder, 'password'), 'right', { mode: 0o644 });
    const database = ['-e', 'POSTGRES_USER=catalog', '-e', 'POSTGRES_DB=shop', '-e', 'POSTGRES_PASSWORD_FILE=/run/password', '-v', `${join(folder, 'password')}:/run/password:ro`];
    const container = await start('postgres', [...data, ...database]);
    const psql = (password: string) => [['-e', `PGPASSWORD=${password}`], 'psql', '-h', '127.0.0.1', '-U', 'catalog', '-d', 'shop', '-tAc', 'SELECT current_database(), current_user'] as const;
    const [options, ...query] = psql('right');
    expect(await eventually(container, options, ...query)).toBe('shop|catalog');
    const [wrong, ...again] = psql('wrong');
    await expect(docker('exec', ...wrong, container, ...again)).rejects.toThrow(/password authentication failed/);
  });

  it('PostgreSQL makes no database without a password', async () => {
    const said = await docker('run', '--rm', ...RESTRICTED, image('postgres')).catch((error: { stderr: string }) => error);
    expect(said.stderr).toContain('a new database needs POSTGRES_PASSWORD');
  });

  it('Redis answers', async () => {
    const container = await start('redis', ['--tmpfs', '/data', '--workdir', '/data'], ['--save', '', '--appendonly', 'no']);
    expect(await eventually(container, [], 'redis-cli', 'ping')).toBe('PONG');
  });

  it('the Git server gives to everybody and takes from who knows the password, over TLS', async () => {
    for (const name of ['config', 'tls', 'users']) mkdirSync(join(folder, name));
    const authority = await Authority.create('git');
    const pair = await authority.issue({ commonName: 'git', names: ['localhost'] });
    const files = {
      'config/lighttpd.conf': lighttpdConfig(), 'tls/tls.crt': pair.certPem, 'tls/tls.key': pair.keyPem, 'tls/ca.crt': authority.certPem, 'users/users': `${PUSHER}:right\n`,
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const mounts = Object.entries({ config: '/etc/git-server', tls: '/etc/git-server-tls', users: '/etc/git-server-push' }).flatMap(([from, to]) => ['-v', `${join(folder, from)}:${to}:ro`]);
    const container = await start('git', [...mounts, '--tmpfs', `${REPOSITORIES}:uid=65532,gid=65532`]);
    const options = ['-e', 'GIT_SSL_CAINFO=/etc/git-server-tls/ca.crt', '-e', 'GIT_TERMINAL_PROMPT=0'];
    const git = async (...args: string[]) => (await docker('exec', ...options, container, 'git', '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args)).stdout.trim();
    const url = (login = '') => `https://${login}localhost:8443/example/shop.git`;

    await eventually(container, options, 'git', 'init', '--bare', '--initial-branch=main', `${REPOSITORIES}/example/shop.git`);
    await eventually(container, options, 'git', 'ls-remote', url());
    await git('clone', url(), '/tmp/clone');
    await git('-C', '/tmp/clone', 'commit', '--allow-empty', '--message', 'first');
    await expect(git('-C', '/tmp/clone', 'push', url(), 'HEAD:main')).rejects.toThrow(/could not read Username/);
    await expect(git('-C', '/tmp/clone', 'push', url(`${PUSHER}:wrong@`), 'HEAD:main')).rejects.toThrow(/Authentication failed/);
    await git('-C', '/tmp/clone', 'push', url(`${PUSHER}:right@`), 'HEAD:main');
    expect(await git('ls-remote', url(), 'refs/heads/main')).toContain(await git('-C', '/tmp/clone', 'rev-parse', 'HEAD'));
  });

  it('iptables in kube-proxy\'s image has every library that its extensions are linked to', async () => {
    const check = 'for each in /usr/lib/*/xtables/*.so; do busybox echo "$each"; for loader in /lib64/ld-linux-*; do "$loader" --list "$each" || busybox echo "$each not found"; done; done';
    const { stdout } = await docker('run', '--rm', ...RESTRICTED, '--entrypoint', '/usr/bin/busybox', image('proxy'), 'sh', '-c', check);
    expect(stdout.split('\n').filter((line) => line.endsWith('/libxt_statistic.so'))).toHaveLength(1);
    expect(stdout).not.toContain('not found');
  });

  it('iptables in kube-proxy\'s image is of the kind that kubelet tells', async () => {
    const options = ['--read-only', '--cap-drop', 'ALL', '--cap-add', 'NET_ADMIN', '--cap-add', 'NET_RAW', '--network', 'none', '--tmpfs', '/run', '--entrypoint', '/usr/bin/busybox'];
    const kind = async (script: string) => (await docker('run', '--rm', ...options, image('proxy'), 'sh', '-c', `set -e; ${script}; /usr/sbin/iptables --version`)).stdout;
    expect(await kind('true')).toContain('nf_tables');
    expect(await kind('/usr/sbin/iptables-nft -t mangle -N KUBE-IPTABLES-HINT')).toContain('nf_tables');
    const legacy = await kind('/usr/sbin/iptables-legacy -t mangle -N KUBE-IPTABLES-HINT').catch((error: { stderr: string }) => error.stderr);
    expect(legacy).toMatch(/\(legacy\)\n$|do you need to insmod|Table does not exist/); // kernels are built without it
    expect(await kind('/usr/sbin/iptables -t nat -N SERVICES; /usr/sbin/iptables -t nat -A SERVICES -m statistic --mode random --probability 0.5 -j RETURN; /usr/sbin/iptables-save -t nat | busybox grep -q SERVICES'))
      .toContain('nf_tables');
  });

  it('the debug image has a shell and tools, as nobody in particular', async () => {
    const { stdout } = await docker('run', '--rm', ...RESTRICTED, image('debug'), '-c', 'id -u; ls -d /tmp; wget --help 2>&1 | head -1');
    expect(stdout).toMatch(/^65532\n\/tmp\nBusyBox /);
  });

  it('the pause image waits and ends at once when it is told to', async () => {
    const container = await start('pause', []);
    const state = async () => (await docker('inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', container)).stdout.trim();
    expect(await state()).toBe('running 0');
    await docker('stop', '--time', '30', container);
    expect(await state()).toBe('exited 0'); // 137 if it had to be killed
  });
});
