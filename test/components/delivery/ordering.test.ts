import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dependencies, Manifest, Unit, waves } from '../../../components';
import { refusal } from '../../support/sample-service';

const object = (kind: string, name: string, rest: object = {}, apiVersion = 'v1'): Manifest => ({ apiVersion, kind, metadata: { name }, ...rest });
const inside = (namespace: string, kind = 'ConfigMap'): Manifest => ({ apiVersion: 'v1', kind, metadata: { name: 'thing', namespace } });
const unit = (name: string, objects: readonly Manifest[], defines?: readonly string[]): Unit => ({ name, objects, defines });
const definition = (group: string) => object('CustomResourceDefinition', `things.${group}`, { spec: { group } }, 'apiextensions.k8s.io/v1');
const role = (group: string, verbs: readonly string[]) => object('ClusterRole', 'operator', { rules: [{ apiGroups: [group], resources: ['*'], verbs }] }, 'rbac.authorization.k8s.io/v1');
const custom = (group: string) => object('Thing', 'one', {}, `${group}/v1`);
const after = (one: string, other: string, ...units: readonly Unit[]) => {
  const order = waves(units);
  return order.get(one)! > order.get(other)!;
};

describe('waves', () => {
  test('put a namespace before what is in it', () => {
    expect(after('shop', 'rooms', unit('shop', [inside('shop')]), unit('rooms', [object('Namespace', 'shop')]))).toBe(true);
    expect(after('shop', 'rooms', unit('shop', [inside('other')]), unit('rooms', [object('Namespace', 'shop')]))).toBe(false);
  });

  test('put a definition before its resources, whether it is synthesized or comes from upstream', () => {
    for (const definitions of [unit('definitions', [definition('things.example')]), unit('definitions', [], ['things.example'])]) {
      expect(after('shop', 'definitions', unit('shop', [custom('things.example')]), definitions)).toBe(true);
      expect(after('shop', 'definitions', unit('shop', [custom('others.example')]), definitions)).toBe(false);
    }
  });

  test('put the program that acts on resources between their definition and them', () => {
    const order = waves([unit('shop', [custom('things.example')]), unit('operator', [role('things.example', ['get', 'update'])]), unit('definitions', [], ['things.example'])]);
    expect(Object.fromEntries(order)).toEqual({ definitions: 0, operator: 1, shop: 2 });
  });

  test('do not wait for a program that only reads', () => {
    expect(after('shop', 'reader', unit('shop', [custom('things.example')]), unit('reader', [role('things.example', ['get', 'list', 'watch'])]))).toBe(false);
    expect(after('shop', 'reader', unit('shop', [custom('things.example')]), unit('reader', [role('*', ['patch'])]))).toBe(false);
  });

  test('put pods after the pools that nodes come from, but not what the pools themselves wait for', () => {
    const pools = unit('pools', [object('NodePool', 'workload', {}, 'karpenter.sh/v1')]);
    const provisioner = unit('provisioner', [role('karpenter.sh', ['update']), object('Deployment', 'provisioner')]);
    const given = [unit('shop', [object('Deployment', 'shop')]), unit('settings', [inside('x')]), pools, provisioner, unit('definitions', [], ['karpenter.sh'])];
    expect(Object.fromEntries(waves(given))).toEqual({ definitions: 0, settings: 0, provisioner: 1, pools: 2, shop: 3 });
    expect(dependencies(given).get('shop')!.get('pools')).toBe('Deployment shop may need a node that pools brings');
    const others = unit('others', [object('NodePool', 'another', {}, 'example.org/v1')]);
    expect(Object.fromEntries(waves([unit('shop', [object('Deployment', 'shop')]), others]))).toEqual({ shop: 0, others: 0 });
  });

  test('put pools in order that hold pods of their own, whatever order they are given in', () => {
    const pools = (name: string) => unit(name, [object('NodePool', name, {}, 'karpenter.sh/v1'), object('Deployment', name)]);
    for (const given of [[pools('a'), pools('b')], [pools('b'), pools('a')]]) expect(Object.fromEntries(waves(given))).toEqual({ a: 0, b: 1 });
  });

  test('let everything go at once that waits for nothing', () => {
    expect([...waves([unit('a', [inside('x')]), unit('b', [inside('y')]), unit('c', [])]).values()]).toEqual([0, 0, 0]);
  });

  test('are one more than the largest that is waited for, and no more', () => {
    const units = [unit('deep', [inside('b')]), unit('b', [object('Namespace', 'b'), inside('a')]), unit('a', [object('Namespace', 'a')]), unit('flat', [inside('a')])];
    expect(Object.fromEntries(waves(units))).toEqual({ a: 0, b: 1, flat: 1, deep: 2 });
  });

  test('do not wait for what a unit brings itself', () => {
    expect([...waves([unit('a', [object('Namespace', 'a'), inside('a'), definition('things.example'), custom('things.example'), role('things.example', ['*'])])]).values()]).toEqual([0]);
  });

  test('refuse units that wait for each other, and show the circle and why', () => {
    const circle = [unit('a', [object('Namespace', 'a'), inside('b')]), unit('b', [object('Namespace', 'b'), inside('c')]), unit('c', [object('Namespace', 'c'), inside('a')])];
    expect(refusal(() => waves(circle))).toEqual(['a => b => c => a | ConfigMap thing needs the namespace b; ConfigMap thing needs the namespace c; ConfigMap thing needs the namespace a']);
  });
});

describe('dependencies', () => {
  test('say why', () => {
    const edges = dependencies([unit('shop', [custom('things.example'), inside('shop')]), unit('rooms', [object('Namespace', 'shop')]), unit('definitions', [], ['things.example'])]);
    expect(Object.fromEntries(edges.get('shop')!)).toEqual({ definitions: 'Thing one needs its definition', rooms: 'ConfigMap thing needs the namespace shop' });
    expect([...edges.get('rooms')!]).toEqual([]);
  });
});

describe('for any graph without a circle', () => {
  // Unit n may only be in namespaces of units before it, so there is no circle.
  const graphs = fc.array(fc.array(fc.nat(11), { maxLength: 4 }), { minLength: 1, maxLength: 12 })
    .map((needs) => needs.map((each, index) => unit(`u${index}`, [object('Namespace', `n${index}`), ...each.filter((other) => other < index).map((other) => inside(`n${other}`))])));

  test('every unit comes after all it waits for, directly after one of them, and the order units are given in means nothing', () => {
    fc.assert(fc.property(graphs, fc.infiniteStream(fc.nat()), (units, random) => {
      const order = waves(units);
      for (const [name, edges] of dependencies(units)) {
        const waited = [...edges.keys()].map((other) => order.get(other)!);
        expect(order.get(name)).toBe(Math.max(-1, ...waited) + 1);
      }
      const shuffled = units.map((each) => ({ each, key: random.next().value as number })).sort((a, b) => a.key - b.key).map(({ each }) => each);
      expect(Object.fromEntries(waves(shuffled))).toEqual(Object.fromEntries(order));
    }));
  });
});
