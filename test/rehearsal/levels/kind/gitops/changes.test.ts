import { describe, expect, it } from 'vitest';
import { candidatesAmong, chooseCandidate } from '../../../../../rehearsal/levels/kind/gitops/candidates';
import { healDrift } from '../../../../../rehearsal/levels/kind/gitops/drift';
import { annotated, promote, PROMOTED } from '../../../../../rehearsal/levels/kind/gitops/promotion';
import { Repositories } from '../../../../../rehearsal/levels/kind/gitops/repository';
import { application, deployment, MemoryApi } from './support';

const COST = [application('cost', { resources: [{ kind: 'Deployment', name: 'cost', namespace: 'cost' }, { kind: 'Service', name: 'cost', namespace: 'cost' }] }), ...deployment('cost', 'cost')];
const CATALOG = application('catalog', { resources: [{ kind: 'Deployment', name: 'catalog', namespace: 'catalog' }], ignore: ['catalog'] });

describe('what may be changed', () => {
  it('is a Deployment that no scaler owns', () => {
    expect(candidatesAmong([CATALOG, COST[0]!]).map((each) => each.deployment)).toEqual([{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'cost', namespace: 'cost' }]);
  });

  it('is none of an Application that does not heal itself', () => {
    expect(candidatesAmong([{ ...COST[0]!, spec: {} }])).toEqual([]);
  });

  it('is told when there is none', async () => {
    await expect(chooseCandidate(new MemoryApi([CATALOG]))).rejects.toThrow(/nothing to change/);
  });
});

describe('drift', () => {
  it('that Argo CD undoes is measured from the change', async () => {
    const api = new MemoryApi(COST);
    let second = 10;
    let undone = false;
    api.onPatch = (ref) => {
      if (undone) return;
      undone = true;
      second = 12.34;
      setTimeout(() => void api.patch(ref, { spec: { replicas: 1 } }), 20);
    };
    expect(await healDrift(api, { now: () => second })).toEqual({ object: 'Deployment cost/cost', change: 'replicas 1 to 2, by hand', seconds: 2.3 });
  });

  it('that stays is a fault, and what was changed is put back', async () => {
    const api = new MemoryApi(COST);
    await expect(healDrift(api, { timeoutSeconds: 0 })).rejects.toThrow(/drift was not healed.*\n.*replicas 1 to 2, done by hand, stayed/);
    expect((await api.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'cost', name: 'cost' })).spec.replicas).toBe(1);
  });
});

const FILE = `# who owns it
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cost
  namespace: cost
spec:
  template:
    metadata:
      labels:
        a: b
`;
const REPOSITORY = { url: 'https://github.com/example/tideline.git', revision: 'main', files: new Map([['dist/dev/cost/service-cost.yaml', 'kind: Service\n'], ['dist/dev/cost/deployment-cost.yaml', FILE]]) };
const REF = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'cost', name: 'cost' };

describe('a promotion', () => {
  it('changes one annotation of the pods and nothing else of the file', () => {
    expect(annotated(REPOSITORY.files, REF, '1')).toEqual(new Map([['dist/dev/cost/deployment-cost.yaml', `${FILE}      annotations:\n        ${PROMOTED}: "1"\n`]]));
  });

  it('leaves the other documents of the file', () => {
    const other = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: cost\n';
    const [content] = [...annotated(new Map([['a.yaml', `${other}---\n${FILE}`]]), REF, '1').values()];
    expect(content).toContain(other);
    expect(content).toContain(PROMOTED);
  });

  it('of what was not pushed is refused', () => {
    expect(() => annotated(new Map(), REF, '1')).toThrow(/in no pushed file/);
  });

  const commit = 'b'.repeat(40);
  const repositories = (commands: string[][]) => new Repositories({ kubectl: async (args) => { commands.push([...args]); return args.includes('rev-parse') ? `${commit}\n` : ''; } });

  it('is measured from the commit until it is live and well', async () => {
    const api = new MemoryApi(COST);
    const commands: string[][] = [];
    let second = 5;
    api.onPatch = (ref) => {
      if (ref.kind !== 'Application') return;
      second = 9;
      api.put(application('cost', { revision: commit, resources: [{ kind: 'Deployment', name: 'cost', namespace: 'cost' }] }));
      void api.patch(REF, { spec: { template: { metadata: { annotations: { [PROMOTED]: '7' } } } } });
    };
    expect(await promote(api, repositories(commands), { repository: REPOSITORY, value: '7', now: () => second })).toEqual({
      application: 'cost', object: 'Deployment cost/cost', change: `annotation ${PROMOTED}=7 of its pods`, from: 'a'.repeat(40), to: commit, seconds: 4,
    });
    expect(api.patches[0]).toMatchObject({ ref: { kind: 'Application', name: 'cost' }, patch: { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } } });
    expect(commands.some((command) => command.includes('fast-import'))).toBe(true);
  });

  it('that does not arrive ends with where the Application is', async () => {
    let second = 0;
    const api = new MemoryApi(COST);
    api.onList = () => { second += 100; };
    api.onPatch = () => { second += 500; };
    await expect(promote(api, repositories([]), { repository: REPOSITORY, now: () => second })).rejects.toThrow(/the commit bbbbbbbbbb was not live within 180 s: cost is at aaaaaaaaaa, Synced, Healthy/);
  });
});
