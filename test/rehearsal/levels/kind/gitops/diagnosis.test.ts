import { describe, expect, it } from 'vitest';
import { formatFault } from '../../../../../base/faults';
import { readApplication } from '../../../../../rehearsal/levels/kind/gitops/application';
import { diagnoseApplication, unreachableGit } from '../../../../../rehearsal/levels/kind/gitops/application-faults';
import { diagnoseWorkload, lastLines, lasts, troublesOf } from '../../../../../rehearsal/levels/kind/gitops/diagnosis';
import { application, deployment, event, MemoryApi } from './support';

const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'cost', name: 'cost' };
const pulling = { name: 'cost', ready: false, restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "cost:9"' } } };
const crashing = {
  name: 'cost', ready: false, restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } }, lastState: { terminated: { reason: 'Error', exitCode: 2 } },
};

describe('what is wrong with a pod', () => {
  const troubles = (container: object, more: object = {}) => troublesOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, status: { containerStatuses: [container], ...more } });

  it.each([
    ['an image that cannot be had', pulling, 'ImagePullBackOff', true],
    ['a container that crashes', crashing, 'CrashLoopBackOff', true],
    ['a container that crashed once, while what it needs was starting', { ...crashing, restartCount: 1 }, 'CrashLoopBackOff', false],
    ['a Secret that is not there', { ...pulling, state: { waiting: { reason: 'CreateContainerConfigError', message: 'secret "x" not found' } } }, 'CreateContainerConfigError', true],
    ['a container that is being made', { ...pulling, state: { waiting: { reason: 'ContainerCreating' } } }, 'ContainerCreating', false],
    ['a probe that has not passed', { ...pulling, state: { running: {} } }, 'NotReady', false],
    ['a probe that has not passed after restarts', { ...crashing, state: { running: {} } }, 'NotReady', false],
  ])('%s', (_what, container, reason, lasting) => {
    const [trouble] = troubles(container);
    expect(trouble).toMatchObject({ reason, container: 'cost' });
    expect(lasts(trouble!)).toBe(lasting);
  });

  it('says how a container ended before', () => {
    expect(troubles(crashing)[0]!.message).toBe('back-off 40s; Error, exit code 2');
  });

  it('is nothing where all are ready, where it has ended well, and where it is being deleted', () => {
    expect(troubles({ name: 'cost', ready: true, restartCount: 9, state: { running: {} } })).toEqual([]);
    expect(troubles(pulling, { phase: 'Succeeded' })).toEqual([]);
    expect(troublesOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', deletionTimestamp: '2026-01-01T00:00:00Z' }, status: { containerStatuses: [pulling] } })).toEqual([]);
  });

  it('is a node that has no room, before any container is looked at', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available: 1 Insufficient cpu.' }];
    const [trouble] = troubles(pulling, { conditions });
    expect(trouble).toEqual({ reason: 'Unschedulable', message: conditions[0]!.message, restarts: 0 });
    expect(lasts(trouble!)).toBe(true);
  });

  it('leaves out what has initialized, and names what has not', () => {
    const initial = [{ name: 'first', ready: false, restartCount: 0, state: { terminated: { exitCode: 0 } } }, { ...crashing, name: 'second' }];
    const found = troublesOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, status: { initContainerStatuses: initial, containerStatuses: [] } });
    expect(found.map(({ container }) => container)).toEqual(['second']);
  });
});

describe('a workload that does not come up', () => {
  it('is told with reason, events and the end of the log', async () => {
    const api = new MemoryApi([...deployment('cost', 'cost', crashing), event('cost-1', 'cost', 'BackOff', 'Back-off restarting', 2), event('cost-1', 'cost', 'Started', 'Started container', 1)]);
    api.logs.set('cost/cost-1/cost (previous)', 'reading settings\nDATABASE_URL is not set\n');
    const faults = await diagnoseWorkload(api, DEPLOYMENT);
    expect(faults).toHaveLength(1);
    const text = formatFault(faults[0]!);
    expect(text).toContain('Pod cost/cost-1 of Deployment cost/cost');
    expect(text).toContain('CrashLoopBackOff (4 restarts)');
    expect(text).toMatch(/Started: Started container \| BackOff: Back-off restarting/);
    expect(text).toContain('DATABASE_URL is not set');
  });

  it('says what to do about an image', async () => {
    const [fault] = await diagnoseWorkload(new MemoryApi(deployment('cost', 'cost', pulling)), DEPLOYMENT);
    expect(fault!.do).toContain('--images build');
  });

  it('without pods is told with what its ReplicaSet says', async () => {
    const [object] = deployment('cost', 'cost');
    const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'cost-5', namespace: 'cost', ownerReferences: [{ kind: 'Deployment', name: 'cost', uid: 'cost' }] } };
    const refused = { ...event('cost-5', 'cost', 'FailedCreate', 'violates PodSecurity "restricted"'), involvedObject: { kind: 'ReplicaSet', name: 'cost-5' } };
    const [fault] = await diagnoseWorkload(new MemoryApi([object!, set, refused]), DEPLOYMENT);
    expect(fault!.got).toContain('violates PodSecurity');
  });

  it('is no fault when its pods are ready', async () => {
    expect(await diagnoseWorkload(new MemoryApi(deployment('cost', 'cost')), DEPLOYMENT)).toEqual([]);
  });

  it('shows a log of one line that is JSON as it is', async () => {
    const api = new MemoryApi();
    api.request = async <T>() => ({ msg: 'x' }) as T; // a client that parses what looks like JSON
    expect(await lastLines(api, deployment('cost', 'cost')[1]!, 'cost')).toEqual(['{"msg":"x"}']);
  });
});

describe('an Application that is not Healthy', () => {
  const REFUSED = 'failed to list refs: Get "https://github.com/example/tideline.git/info/refs?service=git-upload-pack": dial tcp 10.96.1.2:443: connect: connection refused';

  it('that cannot read Git is told as that, with both ends', async () => {
    const conditions = [{ type: 'ComparisonError', message: `Failed to load target state: ${REFUSED}` }];
    const api = new MemoryApi([...deployment('git-server', 'rehearsal', { ...pulling, name: 'git-server' }), ...deployment('argocd-repo-server', 'argocd')]);
    api.logs.set('rehearsal/git-server-1/git-server', 'server started\n');
    const faults = await diagnoseApplication(api, readApplication(application('cost', { sync: 'Unknown', conditions })));
    expect(faults).toHaveLength(1);
    expect(faults[0]!.where).toBe('Application cost');
    expect(faults[0]!.got).toMatch(/^Argo CD cannot read Git: .*connection refused/);
    expect(faults[0]!.got).toContain('git-server: 0 of 1 pods ready');
    expect(faults[0]!.got).toContain('argocd-repo-server: ready');
    expect(faults[0]!.got).toContain('server started');
  });

  it('says that the Git server is scaled to nothing', async () => {
    const [server] = deployment('git-server', 'rehearsal');
    const api = new MemoryApi([{ ...server!, spec: { ...server!.spec, replicas: 0 } }, ...deployment('argocd-repo-server', 'argocd')]);
    const [fault] = await diagnoseApplication(api, readApplication(application('cost', { conditions: [{ type: 'ComparisonError', message: REFUSED }] })));
    expect(fault!.got).toContain('Deployment rehearsal/git-server: it is scaled to no pods');
  });

  it('that reads Git and finds nonsense there is not told as that', () => {
    const conditions = [{ type: 'ComparisonError', message: 'failed to unmarshal manifest: error converting YAML to JSON' }];
    expect(unreachableGit(readApplication(application('cost', { conditions })))).toBeUndefined();
  });

  it('is told by what its objects say, whatever their kind', async () => {
    const scaled = {
      apiVersion: 'v1', kind: 'ScaledObject', metadata: { name: 'catalog', namespace: 'catalog' }, status: { conditions: [{ type: 'Ready', status: 'False', reason: 'ScaledObjectCheckFailed', message: 'no scaler' }] },
    };
    const resources = [{ kind: 'Deployment', name: 'cost', namespace: 'cost' }, { kind: 'ScaledObject', name: 'catalog', namespace: 'catalog' }, { kind: 'Service', name: 'gone', namespace: 'cost' }];
    const faults = await diagnoseApplication(new MemoryApi([...deployment('cost', 'cost', pulling), scaled]), readApplication(application('cost', { health: 'Degraded', resources })));
    expect(faults.map(({ where }) => where)).toEqual(['Pod cost/cost-1 of Deployment cost/cost', 'ScaledObject catalog/catalog', 'Service cost/gone']);
    expect(faults[1]!.got).toContain('Ready is False: ScaledObjectCheckFailed, no scaler');
  });

  it('whose sync failed is told with what Argo CD says', async () => {
    const operation = { phase: 'Failed', message: 'one or more objects failed to apply: namespaces "x" not found (retried 5 times).' };
    const [fault] = await diagnoseApplication(new MemoryApi(), readApplication(application('cost', { sync: 'OutOfSync', operation })));
    expect(fault!.got).toContain('retried 5 times');
  });
});
