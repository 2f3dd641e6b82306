import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../../../base/faults';
import { readApplication } from '../../../../../rehearsal/levels/kind/gitops/application';
import { SyncRecord, waitForSync } from '../../../../../rehearsal/levels/kind/gitops/sync';
import { application, ApplicationSaid, deployment, MemoryApi } from './support';

const OPTIONS = { root: 'dev-root', expected: ['namespaces', 'cost'], budgetSeconds: 300, patienceSeconds: 20, pollMs: 0 };
const NAMESPACES = application('namespaces', { wave: 0 });

describe('waiting until everything is Synced and Healthy', () => {
  /** Lets `script` say what there is at each second; each look takes one. */
  async function play(script: (second: number, api: MemoryApi) => void, options: Partial<typeof OPTIONS & { signal: AbortSignal }> = {}) {
    const api = new MemoryApi();
    const said: string[] = [];
    let second = -1;
    api.onList = (kind) => {
      if (kind === 'Application') script(++second, api);
    };
    const done = waitForSync(api, { ...OPTIONS, now: () => Math.max(0, second), onProgress: (text) => said.push(text), ...options });
    await done.catch(() => undefined);
    return { done, said };
  }
  const root = (said: ApplicationSaid) => application('dev-root', said);

  it('gives each Application its wave and its seconds, in the order of waves', async () => {
    const { done, said } = await play((second, api) => {
      api.put(root({ sync: second < 8 ? 'OutOfSync' : 'Synced', health: second < 8 ? 'Progressing' : 'Healthy' }));
      api.put(application('namespaces', { wave: 0, sync: second < 3 ? 'OutOfSync' : 'Synced', health: second < 3 ? 'Missing' : 'Healthy' }));
      if (second >= 5) api.put(application('cost', { wave: 3, sync: 'Synced', health: second < 7 ? 'Progressing' : 'Healthy' }));
    });
    expect(await done).toEqual([
      { name: 'namespaces', wave: 0, secondsToHealthy: 3, sync: 'Synced', health: 'Healthy' },
      { name: 'cost', wave: 3, secondsToHealthy: 7, sync: 'Synced', health: 'Healthy' },
    ]);
    expect(said[0]).toBe('0 of 2 healthy; waiting for namespaces (wave 0): OutOfSync, Missing');
    expect(said).toContain('1 of 2 healthy; waiting for cost (wave 3): Synced, Progressing');
  });

  it('says each thing once', async () => {
    const { said } = await play((second, api) => {
      api.put(root({}));
      api.put(NAMESPACES);
      api.put(application('cost', { wave: 3, health: second < 6 ? 'Progressing' : 'Healthy' }));
    });
    expect(said).toHaveLength(1);
  });

  it('ends when a wave did not wait', async () => {
    const { done } = await play((second, api) => {
      api.put(root({}));
      api.put(application('namespaces', { wave: 0, health: second < 4 ? 'Progressing' : 'Healthy' }));
      api.put(application('cost', { wave: 3, health: second < 5 ? 'Progressing' : 'Healthy' }));
    });
    await expect(done).rejects.toThrow(/waves did not wait.*\n.*Application cost.*made after 0 s in wave 3, while namespaces of wave 0 was healthy only after 4 s/);
  });

  it('gives up on a pod that will not start, long before the budget, with its reason', async () => {
    const stuck = deployment('cost', 'cost', { name: 'cost', ready: false, restartCount: 0, state: { waiting: { reason: 'ErrImagePull', message: 'not found' } } });
    let last = 0;
    const { done, said } = await play((second, api) => {
      last = second;
      for (const object of [root({ sync: 'OutOfSync', health: 'Progressing' }), NAMESPACES, ...stuck]) api.put(object);
      api.put(application('cost', { wave: 3, health: 'Progressing', resources: [{ kind: 'Deployment', name: 'cost', namespace: 'cost' }] }));
    });
    const error = await done.then(() => undefined, (reason: unknown) => reason);
    expect(error).toBeInstanceOf(FaultError);
    expect((error as FaultError).message).toMatch(/^the sync does not go on, for more than 20 s: cost: cost-1: container cost: ErrImagePull: not found/);
    expect((error as FaultError).faults.map(({ where }) => where)).toEqual(['Pod cost/cost-1 of Deployment cost/cost']);
    expect(last).toBeLessThan(30);
    expect(said.at(-1)).toBe('1 of 2 healthy; waiting for cost (wave 3): cost-1: container cost: ErrImagePull: not found');
  });

  it('gives up on a container that crashes again and again, though it runs for some seconds each time', async () => {
    let last = 0;
    const { done } = await play((second, api) => {
      last = second;
      const runs = second % 12 < 4;
      const crashing = { name: 'cost', ready: false, restartCount: 3 + Math.floor(second / 12), state: runs ? { running: {} } : { waiting: { reason: 'CrashLoopBackOff' } } };
      for (const object of [root({}), NAMESPACES, ...deployment('cost', 'cost', crashing)]) api.put(object);
      api.put(application('cost', { wave: 3, health: 'Progressing', resources: [{ kind: 'Deployment', name: 'cost', namespace: 'cost' }] }));
    });
    await expect(done).rejects.toThrow(/does not go on, for more than 20 s: cost: .*CrashLoopBackOff/);
    expect(last).toBeLessThan(60);
  });

  it('has patience with what passes', async () => {
    const { done } = await play((second, api) => {
      const crashing = { name: 'cost', ready: false, restartCount: 5, state: { waiting: { reason: 'CrashLoopBackOff' } } };
      for (const object of [root({}), NAMESPACES, ...deployment('cost', 'cost', second < 15 ? crashing : undefined)]) api.put(object);
      api.put(application('cost', { wave: 3, health: second < 15 ? 'Progressing' : 'Healthy', resources: [{ kind: 'Deployment', name: 'cost', namespace: 'cost' }] }));
    });
    expect((await done).at(-1)).toMatchObject({ name: 'cost', secondsToHealthy: 15 });
  });

  it('names Git when the root cannot read it', async () => {
    const conditions = [{ type: 'ComparisonError', message: 'failed to list refs: dial tcp: lookup github.com: no such host' }];
    const { done } = await play((_second, api) => {
      for (const object of [root({ sync: 'Unknown', conditions }), ...deployment('git-server', 'rehearsal'), ...deployment('argocd-repo-server', 'argocd')]) api.put(object);
    });
    await expect(done).rejects.toThrow(/Application dev-root\] got: Argo CD cannot read Git: .*no such host.*git-server: ready/);
  });

  it('ends when the budget is used up, naming what was never made', async () => {
    const { done } = await play((_second, api) => {
      for (const object of [root({}), NAMESPACES]) api.put(object);
    }, { budgetSeconds: 10 });
    await expect(done).rejects.toThrow(/within 10 s.*\n.*\[Application cost\] got: it does not exist/);
  });

  it('stops when it is interrupted', async () => {
    const controller = new AbortController();
    const { done } = await play((second, api) => {
      api.put(NAMESPACES);
      if (second === 3) controller.abort();
    }, { signal: controller.signal });
    await expect(done).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('the record of a sync', () => {
  it('counts from the first time that an Application was Healthy, whatever comes after', () => {
    const record = new SyncRecord();
    const at = (second: number, ...objects: ReturnType<typeof application>[]) => record.observe(objects.map(readApplication), second);
    at(1, application('a', { wave: 0, health: 'Progressing' }));
    at(2, application('a', { wave: 0 }));
    at(3, application('a', { wave: 0, health: 'Progressing' }), application('b', { wave: 1, health: 'Missing', sync: 'OutOfSync' }));
    expect(record.violations()).toEqual([]);
    expect(record.secondsToHealthy('a')).toBe(2);
    expect(record.secondsToHealthy('b')).toBeNull();
  });

  it('takes no Application for healthy that was never synced: it has nothing yet that could be ill', () => {
    const record = new SyncRecord();
    record.observe([application('crds', { wave: 0, sync: 'OutOfSync', neverSynced: true })].map(readApplication), 1);
    record.observe([application('crds', { wave: 0, sync: 'OutOfSync', neverSynced: true }), application('b', { wave: 1 })].map(readApplication), 2);
    record.observe([application('crds', { wave: 0 }), application('b', { wave: 1 })].map(readApplication), 3);
    expect(record.violations().map(({ where, got }) => `${where}: ${got}`)).toEqual(['Application b: made after 2 s in wave 1, while crds of wave 0 was healthy only after 3 s']);
  });
});
