import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environments } from '../../../config';
import { archive } from '../../../rehearsal/images/archive';
import type { ImageDeclaration, PreparedImage } from '../../../rehearsal/images/contract';
import { releaseDeclarations, serviceDeclarations } from '../../../rehearsal/images/declarations';
import { DEBUG, POSTGRES } from '../../../rehearsal/images/infrastructure';
import { prepareImages } from '../../../rehearsal/images/prepare';
import { Engine } from '../../../rehearsal/levels/kind/engine';

/** For containers and the network of this run. */
const run = `images-test-${randomBytes(4).toString('hex')}`;
const engine = new Engine();
const label = `dev.tideline.test=${run}`;

/** Images have names of their own here: what a rehearsal gave the engine stays. They are the same each time, for the sake of the cache. */
const REPOSITORY = 'tideline.test/images';
const renamed = ({ reference, source }: ImageDeclaration): ImageDeclaration => ({ reference: `${REPOSITORY}/${reference.split('/').at(-1)!.split('@')[0]}`, source, ours: true });
const declarations = [...serviceDeclarations(environments()[0]!), ...releaseDeclarations().filter(({ source }) => source), DEBUG, POSTGRES].map(renamed);

let images: readonly PreparedImage[];
const named = (name: string) => images.find(({ reference }) => reference.startsWith(`${REPOSITORY}/${name}:`))!.reference;

beforeAll(async () => {
  images = (await prepareImages(declarations, 'build')).ready;
  await engine.output(['load', '--quiet'], { input: archive(images.map(({ built }) => built!)), timeoutSeconds: 600 });
  await engine.output(['network', 'create', '--label', label, run]);
});
afterAll(async () => {
  const containers = await engine.containers(label);
  if (containers.length > 0) await engine.run(['rm', '--force', '--volumes', ...containers]);
  await engine.run(['network', 'rm', run]);
  await engine.run(['image', 'rm', ...declarations.map(({ reference }) => reference)]);
});

/** As the manifests run them: nothing can be written, nothing can be gained, and no user of the image's choice but the numeric one it names. */
const RESTRICTED = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--network', run, '--label', label];

/** Runs an image to its end. @returns what it said, on either output */
async function said(name: string, args: readonly string[], options: readonly string[] = []): Promise<string> {
  const { stdout, errorLines } = await engine.run(['run', '--rm', ...RESTRICTED, ...options, named(name), ...args]);
  return `${stdout}\n${errorLines.join('\n')}`;
}

/** Starts an image, and asks it from within until it answers. */
async function alive(name: string, settings: Readonly<Record<string, string>>, address: string): Promise<void> {
  const container = `${run}-${name}`;
  const environment = Object.entries(settings).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  await engine.output(['run', '--detach', '--name', container, ...RESTRICTED, ...environment, named(name)]);
  const ask = `fetch('${address}').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`;
  for (let attempt = 0; (await engine.run(['exec', container, '/usr/bin/node', '-e', ask])).status !== 0; attempt += 1) {
    const [state] = await engine.states([container]);
    if (!state?.running || attempt > 120) throw new Error((await engine.run(['logs', container])).errorLines.join('\n'));
    await sleep(250);
  }
}

describe('an image that was built here', () => {
  test('is what the engine makes of it, layer by layer', async () => {
    for (const { reference, built } of images) {
      const [{ RootFS, Config }] = JSON.parse(await engine.output(['image', 'inspect', reference])) as [{ RootFS: { Layers: string[] }; Config: { User: string } }];
      expect(RootFS.Layers, reference).toEqual(built!.layers.map(({ digest }) => digest));
      expect(Config.User, reference).toMatch(/^\d+:\d+$/);
    }
  });

  test.each([
    ['keda', ['--help'], '--zap-log-level'],
    ['keda-metrics-apiserver', ['--help'], 'secure-port'],
    ['argocd', ['argocd', 'version', '--client', '--short'], 'argocd: v3.2.5'],
    ['argocd', ['git', '--version'], 'git version 2.'],
    ['redis', ['--version'], 'Redis server v='],
    ['metrics-server', ['--version'], 'v0.'],
    ['prometheus', ['--version'], 'prometheus, version 3.'],
    ['busybox', ['-c', 'id -u; ls -ld /tmp'], '65532\ndrwxrwxrwt'],
  ])('starts: %s %j', async (name, args, expected) => {
    expect(await said(name, args)).toContain(expected);
  });

  test('of a service runs with nothing to write to: the forecaster and its scaler', async () => {
    await alive('forecaster', { FORECASTER_TOKEN: 'x', FORECASTER_PROMETHEUS_URL: 'http://127.0.0.1:9', FORECASTER_SCALER: 'plaintext' }, 'http://127.0.0.1:8081/healthz');
  });

  test('of a service runs with nothing to write to: the load generator', async () => {
    await alive('loadgen', { LOADGEN_TOKEN: 'x', LOADGEN_TARGET: 'http://127.0.0.1:9' }, 'http://127.0.0.1:8080/healthz');
  });

  test('of the catalog is ready with the database that was built beside it', async () => {
    const database = ['--network-alias', 'database', '--tmpfs', '/tmp', '--tmpfs', '/var/lib/postgresql/data:uid=999,gid=999,mode=0700', '--env', 'POSTGRES_PASSWORD=only-here'];
    await engine.output(['run', '--detach', '--name', `${run}-database`, ...RESTRICTED, ...database, named('postgres')]);
    for (let attempt = 0; (await engine.run(['exec', `${run}-database`, '/usr/bin/pg_isready', '--host', '127.0.0.1'])).status !== 0; attempt += 1) {
      if (attempt > 120) throw new Error((await engine.run(['logs', `${run}-database`])).errorLines.join('\n'));
      await sleep(250);
    }
    const settings = { CATALOG_WRITE_TOKEN: 'x', CATALOG_SEED: 'always', CATALOG_DATABASE_URL: 'postgres://postgres:only-here@database:5432/postgres' };
    await alive('catalog', settings, 'http://127.0.0.1:8080/readyz');
    const ask = 'fetch("http://127.0.0.1:8080/products").then((answer) => answer.text()).then(console.log)';
    expect(await engine.output(['exec', `${run}-catalog`, '/usr/bin/node', '-e', ask])).toContain('"price');
  });

  test('says what is wrong with its settings, and ends', async () => {
    expect(await said('cost', [])).toMatch(/\[COST_ENVIRONMENTS_DIR\] got: nothing/);
  });
});
