import { expect, test } from 'vitest';
import { contract as catalog } from '../../../apps/catalog/contract';
import { loadgenSettings } from '../../../apps/loadgen/settings';
import { servicesOf, environment } from '../../../config';
import { objectOf } from '../../support/synth';
import { names, objectsOf } from '../manifests';

const running = names.filter((name) => servicesOf(environment(name)).includes('loadgen'));

test.each(running)('%s has a load generator that asks catalog, at an address that its Service answers', (name) => {
  const { env } = objectOf(objectsOf(name, 'loadgen/'), 'Deployment').spec.template.spec.containers[0] as { env: { name: string; value?: string }[] };
  const settings = loadgenSettings({ ...Object.fromEntries(env.map((each) => [each.name, each.value])), LOADGEN_TOKEN: 'from a Secret' });
  const { hostname, port, pathname } = new URL(settings.target);
  const service = objectOf(objectsOf(name, 'catalog/'), 'Service', catalog.name);
  expect(hostname).toBe(`${service.metadata.name}.${service.metadata.namespace}.svc`);
  expect(service.spec.ports.map((each: { port: number }) => each.port)).toContain(Number(port || 80));
  expect(pathname).toBe('/products');
  expect(objectOf(objectsOf(name, 'loadgen/'), 'Deployment').metadata.annotations).toMatchObject({ 'tideline.dev/provided-elsewhere': 'Secret/loadgen' });
});

test.each(names.filter((name) => !running.includes(name)))('%s has nothing of it, and nobody who lets it in', (name) => {
  expect(JSON.stringify(objectsOf(name))).not.toContain('loadgen');
});
