import { describe, expect, test } from 'vitest';
import { Manifest, waves } from '../../components';
import { catalogue, environments } from '../../config';
import { objectOf } from '../support/synth';
import { files, names, objectsOf, parseObjects } from './manifests';

const wave = (object: Manifest) => Number(object.metadata.annotations?.['argocd.argoproj.io/sync-wave']);
const root = (name: string) => parseObjects(files.get(`${name}/root.yaml`)!);
const folders = (name: string) => [...new Set([...files.keys()].filter((path) => path.split('/').length === 3 && path.startsWith(`${name}/`)).map((path) => path.split('/')[1]!))];

describe.each(names)('delivery of %s', (name) => {
  const environment = environments().find((each) => each.name === name)!;
  const applications = objectsOf(name, 'delivery/');
  const project = objectOf(root(name), 'AppProject').spec;

  test('has one Application per folder, and each reads the folder of its name', () => {
    const ours = applications.filter((object) => object.spec.source.repoURL === environment.gitops.repository);
    expect(ours.map((object) => object.metadata.name).sort()).toEqual(folders(name).filter((folder) => folder !== 'delivery').sort());
    for (const { metadata, spec } of ours) expect(spec.source).toMatchObject({ path: `dist/${name}/${metadata.name}`, targetRevision: environment.gitops.revision });
  });

  test.each([['keda', 'config/crd/bases'], ['karpenter', 'pkg/apis/crds']] as const)('takes definitions of %s from upstream at the catalogued version, and never deletes them', (release, path) => {
    const { spec } = objectOf(applications, 'Application', `${release}-crds`);
    expect(spec.source).toMatchObject({ repoURL: catalogue[release].repository, targetRevision: `v${catalogue[release].version}`, path });
    expect(spec.syncPolicy.automated.prune).toBe(false);
    expect(folders(name)).not.toContain(`${release}-crds`);
  });

  test('has a root that reads the Applications, and a project that was there before', () => {
    expect(root(name).map((object) => object.kind).sort()).toEqual(['AppProject', 'Application']);
    expect(objectOf(root(name), 'Application').spec.source.path).toBe(`dist/${name}/delivery`);
    expect(wave(objectOf(root(name), 'AppProject'))).toBeLessThan(wave(objectOf(root(name), 'Application')));
  });

  test('permits what its Applications need, and nothing that none of them does', () => {
    const all = [...applications, objectOf(root(name), 'Application')];
    const clusterWide = new Set(['/CustomResourceDefinition', ...folders(name).filter((folder) => folder !== 'delivery').flatMap((folder) => objectsOf(name, `${folder}/`))
      .filter((object) => object.metadata.namespace === undefined).map((object) => `/${object.kind}`)]);
    expect(all.map((object) => object.spec.project)).toEqual(all.map(() => name));
    expect([...new Set(all.map((object) => object.spec.source.repoURL))].sort()).toEqual([...project.sourceRepos].sort());
    expect(new Set(project.clusterResourceWhitelist.map(({ kind }: { kind: string }) => `/${kind}`))).toEqual(clusterWide);
    const inside = objectsOf(name).map((object) => object.metadata.namespace).filter((each) => each !== undefined);
    const used = new Set([...all.map((object) => object.spec.destination.namespace), ...inside]);
    expect(new Set(project.destinations.map(({ namespace }: { namespace: string }) => namespace))).toEqual(used);
  });

  test('orders by what is in the folders: the waves are those of the objects, computed here again', () => {
    const units = folders(name).filter((folder) => folder !== 'delivery').map((folder) => ({ name: folder, objects: objectsOf(name, `${folder}/`) }));
    const expected = waves([
      ...units, { name: 'keda-crds', objects: [], defines: ['keda.sh', 'eventing.keda.sh'] },
      { name: 'karpenter-crds', objects: [], defines: ['karpenter.sh', 'karpenter.k8s.aws', 'autoscaling.x-k8s.io'] },
    ]);
    expect(Object.fromEntries(applications.map((object) => [object.metadata.name, wave(object)]))).toEqual(Object.fromEntries(expected));
    const of = (application: string) => wave(objectOf(applications, 'Application', application));
    expect(of('namespaces')).toBeLessThan(of('keda'));
    expect(of('keda-crds')).toBeLessThan(of('keda'));
    expect(of('keda')).toBeLessThan(of('catalog'));
    expect(of('karpenter-crds')).toBeLessThan(of('karpenter'));
    expect(of('karpenter')).toBeLessThan(of('node-pools'));
    for (const folder of ['keda', 'cost', 'forecaster', 'catalog']) expect([folder, of('node-pools') < of(folder)]).toEqual([folder, true]); // their pods may need a node
  });

  test('leaves replicas to the scaler where there is one, and only there', () => {
    for (const { metadata, spec } of applications) {
      const scaled = metadata.name === 'catalog';
      expect(spec.ignoreDifferences?.map((each: { name: string }) => each.name)).toEqual(scaled ? ['catalog'] : undefined);
      expect(spec.syncPolicy.syncOptions.includes('RespectIgnoreDifferences=true')).toBe(scaled);
      expect(spec.syncPolicy.syncOptions.includes('SkipDryRunOnMissingResource=true')).toBe(scaled || metadata.name === 'node-pools');
    }
  });
});
