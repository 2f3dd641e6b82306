import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { KubeApi } from '../../../rehearsal/control-plane/kube-api';
import type { KubeObject, ObjectRef } from '../../../rehearsal/control-plane/kube-objects';
import { Deployment, objectsOfYaml, Rewrite } from '../../../rehearsal/levels/deploy';

/** Notes what would go over the wire, and accepts it. */
class RecordingApi extends KubeApi {
  readonly log: string[] = [];
  /** Name of an object that is refused. */
  refuses = '';
  /** Status that objects have when they are looked at. */
  status: (kind: string) => unknown = () => ({ observedGeneration: 1, availableReplicas: 2, updatedReplicas: 2, conditions: [{ type: 'Ready', status: 'True' }] });

  constructor() {
    super({ url: 'https://127.0.0.1:1', caCertPem: '', certPem: '', keyPem: '' });
  }

  override async apply(objects: readonly KubeObject[]): Promise<KubeObject[]> {
    for (const { kind, metadata: { name } } of objects) {
      if (name === this.refuses) throw new FaultError('the API server refused objects', [{ where: `${kind} ${name}`, got: 'forbidden', allowed: 'admitted', do: 'correct it' }]);
      this.log.push(`apply ${kind} ${name}`);
    }
    return [...objects];
  }

  override async waitFor<T extends KubeObject>(options: Parameters<KubeApi['waitFor']>[0]): Promise<T | undefined> {
    const { ref } = options;
    const object: KubeObject = { ...ref, metadata: { name: ref.name, generation: 1 } as KubeObject['metadata'], spec: { replicas: 2 }, status: this.status(ref.kind) };
    const verdict = options.until(object as never);
    this.log.push(`wait ${ref.kind} ${ref.name}: ${verdict === true ? 'healthy' : verdict}`);
    if (verdict !== true) throw new FaultError(`waited for ${options.what}`, [{ where: ref.name, got: verdict, allowed: options.what, do: 'wait' }]);
    return object as T;
  }

  override async deleteAll(refs: readonly ObjectRef[]): Promise<void> {
    this.log.push(`delete ${refs.map((ref) => ref.name).join(' ')}`);
  }
}

const object = (kind: string, name: string, apiVersion = 'v1'): KubeObject => ({ apiVersion, kind, metadata: { name, namespace: 'shop' } });
const unchanged: Rewrite = (each) => ({ objects: [each], substitutions: [] });

describe('Deployment', () => {
  it('applies within an Application in Argo CD’s order of kinds, kinds it does not know after those, an APIService last', async () => {
    const api = new RecordingApi();
    const kinds = ['APIService', 'ScaledObject', 'Deployment', 'Service', 'RoleBinding', 'Role', 'ClusterRole', 'CustomResourceDefinition', 'ConfigMap', 'Secret', 'ServiceAccount', 'PodDisruptionBudget', 'NetworkPolicy', 'Namespace'];
    await new Deployment(api, unchanged).apply(kinds.map((kind) => object(kind, kind.toLowerCase())), 'shop');
    expect(api.log.map((line) => line.split(' ')[1])).toEqual([
      'Namespace', 'NetworkPolicy', 'PodDisruptionBudget', 'ServiceAccount', 'Secret', 'ConfigMap', 'CustomResourceDefinition', 'ClusterRole', 'Role', 'RoleBinding', 'Service', 'Deployment', 'ScaledObject', 'APIService',
    ]);
  });

  it('keeps the given order among objects of one kind', async () => {
    const api = new RecordingApi();
    await new Deployment(api, unchanged).apply(['c', 'a', 'b'].map((name) => object('ConfigMap', name)), 'shop');
    expect(api.log).toEqual(['apply ConfigMap c', 'apply ConfigMap a', 'apply ConfigMap b']);
  });

  it('completes each wave before the next: applied, healthy, then what stands for its program', async () => {
    const api = new RecordingApi();
    await new Deployment(api, unchanged).applyWaves([
      { name: 'late', wave: 2, objects: [object('ScaledObject', 'scaler')] },
      { name: 'early', wave: -1, objects: [object('Namespace', 'shop')] },
      { name: 'one', wave: 0, objects: [object('Deployment', 'one')] },
      { name: 'other', wave: 0, objects: [object('ConfigMap', 'other')] },
    ], { onApplication: (name, wave) => api.log.push(`${name} in wave ${wave}`), onAvailable: async (name) => { api.log.push(`${name} is there`); } });
    expect(api.log).toEqual([
      'early in wave -1', 'apply Namespace shop', 'early is there',
      'one in wave 0', 'apply Deployment one', 'other in wave 0', 'apply ConfigMap other', 'wait Deployment one: healthy', 'one is there', 'other is there',
      'late in wave 2', 'apply ScaledObject scaler', 'wait ScaledObject scaler: healthy', 'late is there',
    ]);
  });

  it.each([
    ['Deployment', { observedGeneration: 1, availableReplicas: 1, updatedReplicas: 2 }, '1 of 2 replicas available'],
    ['Deployment', { observedGeneration: 0, availableReplicas: 2, updatedReplicas: 2 }, '2 of 2 replicas available'],
    ['Deployment', undefined, '0 of 2 replicas available'],
    ['ScaledObject', { conditions: [{ type: 'Ready', status: 'False', message: 'no metrics' }] }, 'condition Ready is False: no metrics'],
    ['ScaledObject', undefined, 'condition Ready is absent'],
  ])('does not begin the next wave on a %s with status %j', async (kind, status, why) => {
    const api = new RecordingApi();
    api.status = () => status;
    const waves = new Deployment(api, unchanged).applyWaves([{ name: 'a', wave: 0, objects: [object(kind, 'x')] }, { name: 'b', wave: 1, objects: [object('ConfigMap', 'never')] }]);
    await expect(waves).rejects.toThrow(why);
    expect(api.log.join()).not.toContain('never');
  });

  it('applies what the level makes of an object, and lists each change', async () => {
    const api = new RecordingApi();
    const change = { object: 'x', path: 'y', from: 'a', to: 'b', why: 'c' };
    const deployment = new Deployment(api, (each) => (each.kind === 'Secret' ? { objects: [], substitutions: [change] } : { objects: [object('Role', 'extra'), each], substitutions: [] }));
    await deployment.apply([object('Secret', 'left-out'), object('ConfigMap', 'kept')], 'shop');
    expect(api.log).toEqual(['apply ConfigMap kept', 'apply Role extra']);
    expect(deployment.substitutions).toEqual([change]);
  });

  it('deletes the last applied first, what was refused half way included, and tells before each', async () => {
    const api = new RecordingApi();
    const deployment = new Deployment(api, unchanged);
    await deployment.apply([object('Namespace', 'a')], 'first');
    api.refuses = 'c';
    await expect(deployment.apply([object('ConfigMap', 'b'), object('Role', 'c')], 'second')).rejects.toThrow(/the application second was refused\n.*Role c/);
    await deployment.deleteAll(async (from) => { api.log.push(`before ${from}`); });
    expect(api.log.slice(-4)).toEqual(['before second', 'delete b c', 'before first', 'delete a']);
    api.log.length = 0;
    await deployment.deleteAll();
    expect(api.log).toEqual([]);
  });
});

describe('objectsOfYaml', () => {
  it('reads every document of a file and leaves empty ones out', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tideline-yaml-'));
    try {
      const file = join(folder, 'objects.yaml');
      writeFileSync(file, '---\nkind: A\n---\n---\n# nothing\n---\nkind: B\n');
      expect(objectsOfYaml(file).map((each) => each.kind)).toEqual(['A', 'B']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
