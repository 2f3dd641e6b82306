import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { formatFault } from '../../../base/faults';
import { environments } from '../../../config';
import { applicationFaults, DeployedApplication, DeployedObject } from '../../../stacks/teardown';

const objectsOf = (path: string) => parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS() as DeployedObject);
const folder = (path: string) => readdirSync(path).flatMap((file) => objectsOf(join(path, file)));

/** Applications of an environment as committed, with what lies in the folders they read. */
function committed(environment: string): DeployedApplication[] {
  const folders = readdirSync(join('dist', environment), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return folder(join('dist', environment, 'delivery')).filter(({ kind }) => kind === 'Application').map((application) => {
    const path = (application.spec as { source?: { path?: string } }).source?.path ?? '';
    const own = folders.find((name) => path === `dist/${environment}/${name}`);
    return { application, objects: own === undefined ? [] : folder(join('dist', environment, own)) };
  });
}

const application = (name: string, wave: number, finalizers = ['resources-finalizer.argocd.argoproj.io']): DeployedObject => ({
  kind: 'Application', metadata: { name, finalizers, annotations: { 'argocd.argoproj.io/sync-wave': String(wave) } },
});
const object = (kind: string, name: string, type?: string): DeployedObject => ({ kind, metadata: { name }, ...(type === undefined ? {} : { spec: { type } }) });
const karpenter = (wave: number): DeployedApplication => ({ application: application('karpenter', wave), objects: [object('Deployment', 'karpenter')] });

describe.each(environments().map(({ name }) => name))('the Applications of %s', (name) => {
  it('remove what they deployed, what controllers made for before the controllers', () => {
    const applications = committed(name);
    expect(applications.length).toBeGreaterThan(3);
    expect(applications.some(({ objects }) => objects.length > 0)).toBe(true);
    expect(applicationFaults(name, applications).map(formatFault)).toEqual([]);
  });
});

describe('Applications that would orphan something', () => {
  it('node pools together with Karpenter, or before it', () => {
    for (const wave of [0, 1]) {
      const pools = { application: application('pools', 0), objects: [object('NodePool', 'burst')] };
      expect(applicationFaults('x', [karpenter(wave), pools]).map(formatFault)).toEqual([
        `[x Application pools] got: wave 0, and karpenter is in wave ${wave} (karpenter); allowed: a later wave than what removes its nodes; do: let its wave follow that of karpenter`,
      ]);
    }
    expect(applicationFaults('x', [karpenter(0), { application: application('pools', 1), objects: [object('NodePool', 'burst')] }])).toEqual([]);
  });

  it('load balancers in the Application of their controller', () => {
    const both = { application: application('edge', 0), objects: [object('Deployment', 'aws-load-balancer-controller'), object('Service', 'web', 'LoadBalancer')] };
    expect(applicationFaults('x', [both]).map(formatFault).join()).toContain('a later wave than what removes its load balancers');
    expect(applicationFaults('x', [{ ...both, objects: [object('Deployment', 'aws-load-balancer-controller'), object('Service', 'web', 'ClusterIP')] }])).toEqual([]);
  });

  it('anything of an Application without finalizer', () => {
    expect(applicationFaults('x', [{ application: application('loose', 0, []), objects: [] }]).map(formatFault).join()).toContain('got: finalizers []; allowed: resources-finalizer.argocd.argoproj.io');
  });
});
