import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { waves } from '../../components';
import type { ManifestObject } from '../../verify';
import { application, changed, expectOne, healthy, Loose, place, run, without } from './support';

const definition = (kind: string, group = 'example.com'): Loose => ({
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${kind.toLowerCase()}s.${group}` }, spec: { group, names: { kind }, scope: 'Namespaced' },
});
const custom = (kind: string, group = 'example.com'): Loose => ({ apiVersion: `${group}/v1`, kind, metadata: { name: kind.toLowerCase(), namespace: 'web' } });
const apiService = (name = 'web'): Loose => ({ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1.example.com' }, spec: { service: { namespace: 'web', name } } });
const webhook = (rest: Loose = {}): Loose => ({
  apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'guard' },
  webhooks: [{ name: 'guard.example.com', clientConfig: { service: { namespace: 'web', name: 'web' } }, rules: [{ operations: ['CREATE'], apiGroups: ['batch'], resources: ['jobs'] }], ...rest }],
});
const job = place({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'load', namespace: 'web' }, spec: { template: { spec: {} } } }, { application: 'jobs', wave: 2 });

describe('ordering', () => {
  test('passes where everything comes after what it needs, having applied to it', () => {
    expect(run('ordering', healthy())).toMatchObject({ status: 'pass', applied: 8 });
  });

  test('does not apply to what needs nothing', () => {
    expect(run('ordering', [place({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web' } })])).toMatchObject({ status: 'not-applicable', applied: 0 });
  });

  test('a namespace that nothing brings', () => {
    const result = run('ordering', without('Namespace'));
    expect(result.status).toBe('fail');
    expect(result.findings.map((finding) => finding.got)).toContain('needs the namespace web, which nothing here brings');
  });

  test.each([0, 1])('a namespace that comes in wave %i, while its objects come in 0', (wave) => {
    const objects = healthy().map((each) => (each.application === 'web' ? { ...each, wave: 0 } : each.object.kind === 'Namespace' ? { ...each, wave } : each));
    const result = run('ordering', objects);
    expect(result.status).toBe('fail');
    expect(result.findings.map(({ where, got }) => `${where} ${got}`)).toContain(`dev: Service web/web wave 0 (web), but the namespace web comes in wave ${wave} (namespaces)`);
  });

  test('an object that no wave orders', () => {
    const objects = healthy().map((each) => (each.object.kind === 'Service' ? { ...each, application: 'loose', wave: undefined } : each));
    expectOne(run('ordering', objects), 'dev: Service web/web', 'wave none (loose)');
  });

  test('a custom resource without its definition, before it, with it, and after it', () => {
    const at = (application_: string, wave: number) => place(definition('Widget'), { application: application_, wave });
    const resource = place(custom('Widget'));
    expectOne(run('ordering', [...healthy(), resource]), 'dev: Widget web/widget', 'the definition of Widget.example.com, which nothing here brings');
    expectOne(run('ordering', [...healthy(), resource, at('definitions', 2)]), 'dev: Widget web/widget', 'comes in wave 2 (definitions)');
    expectOne(run('ordering', [...healthy(), resource, at('definitions', 1)]), 'dev: Widget web/widget', 'comes in wave 1 (definitions)');
    expect(run('ordering', [...healthy(), resource, at('definitions', 0)]).status).toBe('pass');
    expect(run('ordering', [...healthy(), resource, at('web', 1)]).status).toBe('pass'); // Argo CD applies definitions first
  });

  test('a node pool has its definition from upstream, or from Auto Mode where the class of its nodes is one of its own', () => {
    const pool = place({ apiVersion: 'karpenter.sh/v1', kind: 'NodePool', metadata: { name: 'workload' } });
    const nodeClass = (apiVersion: string) => place({ apiVersion, kind: 'NodeClass', metadata: { name: 'tideline' } });
    expectOne(run('ordering', [...healthy(), pool]), 'dev: NodePool workload', 'the definition of NodePool.karpenter.sh, which nothing here brings');
    expect(run('ordering', [...healthy(), pool, nodeClass('eks.amazonaws.com/v1')]).status).toBe('pass');
    expect(run('ordering', [...healthy(), pool, nodeClass('karpenter.k8s.aws/v1')]).findings).toHaveLength(2);
  });

  test('another definition of the same group is not enough', () => {
    expectOne(run('ordering', [...healthy(), place(definition('Gadget'), { application: 'definitions', wave: 0 }), place(custom('Widget'))]), 'dev: Widget web/widget', 'nothing here brings');
  });

  test('a group whose name ends like those of Kubernetes is no group of Kubernetes', () => {
    expectOne(run('ordering', [...healthy(), place(custom('HTTPRoute', 'gateway.networking.k8s.io'))]), 'dev: HTTPRoute web/httproute', 'the definition of HTTPRoute.gateway.networking.k8s.io');
  });

  test('an Application that says which groups it defines brings them in its wave', () => {
    const upstream = (wave: number) => place(application('upstream', wave, (each) => { each.metadata.annotations['tideline.dev/defines'] = 'example.com, other.example.com'; }), { application: 'delivery', wave: -1 });
    expect(run('ordering', [...healthy(), upstream(0), place(custom('Widget', 'other.example.com'))]).status).toBe('pass');
    expectOne(run('ordering', [...healthy(), upstream(1), place(custom('Widget'))]), 'dev: Widget web/widget', 'comes in wave 1 (upstream)');
  });

  test('a group that two bring is there when the last has brought it, whichever is read first', () => {
    const bringing = (name: string, wave: number) => place(application(name, wave, (each) => { each.metadata.annotations['tideline.dev/defines'] = 'example.com'; }), { application: 'delivery', wave: -1 });
    for (const both of [[bringing('early', 0), bringing('late', 2)], [bringing('late', 2), bringing('early', 0)]]) {
      expectOne(run('ordering', [...healthy(), ...both, place(custom('Widget'))]), 'dev: Widget web/widget', 'comes in wave 2 (late)');
    }
  });

  test('an APIService comes after its Service and after the pods behind it', () => {
    const elsewhere = (wave: number) => place(apiService(), { application: 'api', wave });
    expect(run('ordering', [...healthy(), place(apiService())]).status).toBe('pass'); // last of its own Application
    expect(run('ordering', [...healthy(), elsewhere(2)]).status).toBe('pass');
    expect(run('ordering', [...healthy(), elsewhere(1)]).findings.map(({ got }) => got)).toEqual([
      'wave 1 (api), but the Service web/web comes in wave 1 (web)', 'wave 1 (api), but Deployment web/web, which serves it comes in wave 1 (web)',
    ]);
    expectOne(run('ordering', [...healthy(), place(apiService('api'))]), 'dev: APIService v1.example.com', 'the Service web/api, which nothing here brings');
  });

  test('a Service that comes in time does not help if its pods come late', () => {
    const objects = healthy().map((each) => (each.object.kind === 'Deployment' ? { ...each, application: 'pods', wave: 3 } : each));
    expectOne(run('ordering', [...objects, place(apiService(), { application: 'api', wave: 2 })]), 'dev: APIService v1.example.com', 'Deployment web/web, which serves it comes in wave 3 (pods)');
  });

  test('a webhook comes after its Service', () => {
    expect(run('ordering', [...healthy(), place(webhook(), { application: 'guard', wave: 2 })]).status).toBe('pass');
    expect(run('ordering', [...healthy(), place(webhook(), { application: 'guard', wave: 0 })]).findings).toHaveLength(2);
  });

  test('nothing races with the webhook that intercepts it', () => {
    const at = (wave: number, rest: Loose = {}) => run('ordering', [...healthy(), job, place(webhook(rest), { application: 'guard', wave })]);
    expectOne(at(2), 'dev: Job web/load', 'the wave in which ValidatingWebhookConfiguration guard begins to intercept it');
    expect(at(3).status).toBe('pass');
    expect(at(2, { failurePolicy: 'Ignore' }).status).toBe('pass');
    // A webhook that selects may leave it alone; one whose selectors are empty selects everything.
    for (const selector of ['namespaceSelector', 'objectSelector']) {
      expect(at(2, { [selector]: { matchLabels: { guarded: 'true' } } }).status).toBe('pass');
      expect(at(2, { [selector]: {} }).status).toBe('fail');
    }
    expect(at(2, { rules: [{ operations: ['DELETE'], apiGroups: ['*'], resources: ['*'] }] }).status).toBe('pass');
  });

  test('waves on objects must not turn the order within an Application round', () => {
    const wave = (kind: string, value: number) => changed(kind, (each) => { each.metadata.annotations = { 'argocd.argoproj.io/sync-wave': String(value) }; }, [...healthy(), place(apiService())]);
    expectOne(run('ordering', wave('Deployment', 1)), 'dev: APIService v1.example.com', 'wave 0 within web, but Deployment web/web, which serves it comes in wave 1 of it');
    expect(run('ordering', wave('APIService', 1)).status).toBe('pass');
  });

  test('a cycle is printed as a path', () => {
    const one = [place(definition('Widget', 'one.example.com'), { application: 'one' }), place(custom('Gadget', 'two.example.com'), { application: 'one' })];
    const two = [place(definition('Gadget', 'two.example.com'), { application: 'two' }), place(custom('Widget', 'one.example.com'), { application: 'two' })];
    const result = run('ordering', [...healthy(), ...one, ...two]);
    expect(result.findings.map(({ where }) => where)).toContain('one => two => one');
    expect(result.findings.find(({ where }) => where === 'one => two => one')!.got).toContain('Gadget web/gadget needs the definition of Gadget.two.example.com');
  });
});

/** Units that define a kind each and use kinds of earlier units: always possible to put in order. */
const units = fc.integer({ min: 2, max: 8 }).chain((size) => fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { minLength: 1, maxLength: 16 }).map((pairs) => {
  const uses = new Map<number, Set<number>>();
  for (const [a, b] of pairs) if (a !== b) uses.set(Math.max(a, b), (uses.get(Math.max(a, b)) ?? new Set()).add(Math.min(a, b)));
  return Array.from({ length: size }, (_, index) => ({ name: `app-${index}`, uses: [...(uses.get(index) ?? [])] }));
}).filter((made) => made.some((unit) => unit.uses.length > 0)));

function objectsOf({ name, uses }: { readonly name: string; readonly uses: readonly number[] }): Loose[] {
  const own = name.replace('app-', 'Kind');
  return [definition(own, `${name}.example.com`), ...uses.map((other) => ({ ...custom(`Kind${other}`, `app-${other}.example.com`), metadata: { name: `${name}-uses-${other}`, namespace: 'default' } }))];
}

describe('ordering of any graph', () => {
  const derive = (made: readonly { name: string; uses: readonly number[] }[]) => {
    const derived = waves(made.map((unit) => ({ name: unit.name, objects: objectsOf(unit) as never })));
    return made.flatMap((unit) => objectsOf(unit).map((object) => place(object, { application: unit.name, wave: derived.get(unit.name)! })));
  };

  test('waves derived from it pass, and every edge was looked at', () => {
    fc.assert(fc.property(units, (made) => {
      const result = run('ordering', derive(made));
      expect(result).toMatchObject({ status: 'pass', applied: made.reduce((sum, unit) => sum + unit.uses.length, 0) });
    }));
  });

  test('moving what is needed to the wave of what needs it, or later, fails', () => {
    fc.assert(fc.property(units, fc.nat(), fc.nat(3), (made, pick, later) => {
      const objects = derive(made);
      const edges = made.flatMap((unit) => unit.uses.map((other) => ({ from: unit.name, to: `app-${other}` })));
      const { from, to } = edges[pick % edges.length]!;
      const wave = objects.find((each) => each.application === from)!.wave! + later;
      const swapped: ManifestObject[] = objects.map((each) => (each.application === to ? { ...each, wave } : each));
      const result = run('ordering', swapped);
      expect(result.status).toBe('fail');
      expect(result.findings.map(({ where, got }) => `${where} ${got}`).join('\n')).toContain(`${from}-uses-${to.replace('app-', '')} wave`);
    }));
  });

  test('the order in which objects are given means nothing', () => {
    fc.assert(fc.property(units.chain((made) => fc.shuffledSubarray(derive(made), { minLength: derive(made).length })), (shuffled) => {
      expect(run('ordering', shuffled).status).toBe('pass');
    }));
  });
});
