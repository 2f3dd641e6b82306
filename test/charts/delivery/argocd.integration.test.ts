import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Manifest } from '../../../components';
import { catalogue } from '../../../config';
import { objectOf } from '../../support/synth';
import { bindings, GO, manifestsIn, permissions, pinnedModule, PinnedModule, UNLESS_GO } from '../../support/upstream';
import { objectsOf } from '../manifests';

const ours = objectsOf('prod', 'bootstrap/argocd/');
const PROGRAMS = [['StatefulSet', 'argocd-application-controller'], ['Deployment', 'argocd-repo-server'], ['Deployment', 'argocd-server'], ['Deployment', 'argocd-redis']] as const;
/** What ours leave out of it. */
const ELSEWHERE = /dex|notifications|applicationset-controller/;

interface Variable { readonly name: string; readonly value?: string; readonly valueFrom?: { readonly configMapKeyRef?: object; readonly secretKeyRef?: object } }
interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: string[];
  readonly command?: string[];
  readonly env?: Variable[];
  readonly ports?: { readonly containerPort: number }[];
}
interface Pod { readonly containers: Container[]; readonly initContainers?: Container[]; readonly serviceAccountName: string }
const podOf = (objects: readonly Manifest[], kind: string, name: string) => objectOf(objects, kind, name).spec.template.spec as Pod;

describe.runIf(GO)(`Argo CD's own manifests, from the Go module that builds it${UNLESS_GO}`, () => {
  let module: PinnedModule;
  let upstream: Manifest[];

  beforeAll(() => {
    module = pinnedModule('github.com/argoproj/argo-cd/v3', 'argocd');
    expect(module.version).toBe(`v${catalogue.argocd.version}`);
    upstream = module.objects('manifests/install.yaml').filter((object) => !ELSEWHERE.test(object.metadata.name));
  });

  it.each(['Role', 'ClusterRole'])('permit what ours do, no more and no less: every %s', (kind) => {
    const rights = (objects: readonly Manifest[]) => new Map(objects.filter((object) => object.kind === kind).map(({ metadata, rules }) => [metadata.name, permissions(rules)]));
    expect(rights(upstream).size).toBe(kind === 'Role' ? 3 : 2);
    expect(rights(ours)).toEqual(rights(upstream));
  });

  it('bind the same roles to the same accounts', () => {
    expect(bindings(upstream, 'argocd').size).toBe(5);
    expect(bindings(ours, 'argocd')).toEqual(bindings(upstream, 'argocd'));
  });

  it.each(PROGRAMS)('run the same programs: %s %s', (kind, name) => {
    const [mine, theirs] = [podOf(ours, kind, name), podOf(upstream, kind, name)];
    expect(mine.serviceAccountName).toBe(theirs.serviceAccountName);
    const [{ args, image, ports: listens = [] }] = mine.containers as [Container];
    expect(image).toBe(theirs.containers[0]!.image);
    const words = (all: readonly string[] = []) => all.join(' ').split(/\s+/); // upstream writes a flag and its value as one argument
    expect(words(args)).toEqual(words(theirs.containers[0]!.args));
    expect(listens.map(({ containerPort }) => containerPort)).toEqual((theirs.containers[0]!.ports ?? []).map(({ containerPort }) => containerPort));
    // The repo-server's copies itself for plug-ins, of which there are none.
    const commands = ({ initContainers = [] }: { initContainers?: Container[] }) => initContainers.filter((each) => each.name !== 'copyutil').map(({ name: each, image: of, command }) => [each, of, command]);
    expect(commands(mine)).toEqual(commands(theirs));
  });

  it.each(PROGRAMS)('know every variable that is set, and read it from the same place: %s %s', (kind, name) => {
    const theirs = podOf(upstream, kind, name).containers[0]!.env!;
    const own = podOf(ours, kind, name).containers[0]!.env!;
    expect(own.length).toBeGreaterThan(0);
    for (const { name: variable, value, valueFrom } of own) {
      if (variable === 'ARGOCD_GPG_ENABLED') continue; // in no manifest, but in the program, as the next test shows
      const same = theirs.find((each) => each.name === variable);
      expect(same?.value, variable).toEqual(value);
      expect(same?.valueFrom, variable).toEqual(valueFrom?.secretKeyRef ? valueFrom : valueFrom && { configMapKeyRef: { optional: true, ...valueFrom.configMapKeyRef } });
    }
  });

  it('read signatures only where they are told to', () => {
    expect(module.text('util/gpg/gpg.go')).toContain('os.Getenv("ARGOCD_GPG_ENABLED")');
    for (const [kind, name] of PROGRAMS.slice(0, 3)) expect(podOf(ours, kind, name).containers[0]!.env).toContainEqual({ name: 'ARGOCD_GPG_ENABLED', value: 'false' });
  });

  it.each(['argocd-cm', 'argocd-cmd-params-cm', 'argocd-rbac-cm'])('document every setting: %s', (name) => {
    const documented = Object.keys(objectOf(manifestsIn(module.text(`docs/operator-manual/${name}.yaml`)), 'ConfigMap').data);
    const kinds = (key: string) => key.replace(/(?<=^resource\.customizations\.\w+\.).*/, ''); // one for each kind of object
    const known = new Set(documented.map(kinds));
    const set = Object.keys(objectOf(ours, 'ConfigMap', name).data);
    expect(set.length).toBeGreaterThan(1);
    expect(set.filter((key) => !known.has(kinds(key)))).toEqual([]);
  });

  it('look for the same ConfigMaps and Secrets, by the same label', () => {
    const named = (objects: readonly Manifest[]) => objects.filter(({ kind }) => ['ConfigMap', 'Secret'].includes(kind)).map(({ kind, metadata: { name, labels } }) => `${kind} ${name} ${labels?.['app.kubernetes.io/part-of']}`).sort();
    expect(named(upstream).length).toBe(7);
    expect(named(ours)).toEqual(named(upstream));
  });

  it('are found under the same names and ports', () => {
    const services = (objects: readonly Manifest[]) => new Map(objects.filter(({ kind }) => kind === 'Service').map(({ metadata: { name }, spec }) => [name, spec.ports.map(({ port }: { port: number }) => port)]));
    for (const [name, ports] of services(ours)) expect([name, services(upstream).get(name)]).toEqual([name, ports]);
    expect([...services(ours).keys()].sort()).toEqual(['argocd-redis', 'argocd-repo-server', 'argocd-server']);
  });

  it('give the image the names that one program goes by', () => {
    const { source } = catalogue.argocd.images.argocd;
    const dockerfile = module.text('Dockerfile');
    const links = [...dockerfile.matchAll(/ln -s (\/usr\/local\/bin\/argocd) (\S+)/g)].map(([, target, path]) => [path!, target!] as const);
    expect(links.length).toBeGreaterThan(5);
    expect(source.links).toEqual(Object.fromEntries(links));
    expect(`ENTRYPOINT ${JSON.stringify(source.entrypoint)}`).toBe(dockerfile.match(/^ENTRYPOINT .*$/m)![0].replaceAll(', ', ','));
    expect(source.user).toBe(`${dockerfile.match(/ARGOCD_USER_ID=(\d+)/)![1]}:999`);
  });

  it('exclude from sight no kind that ours show and Git holds', () => {
    const excluded = parse(objectOf(ours, 'ConfigMap', 'argocd-cm').data['resource.exclusions']) as { kinds: string[] }[];
    const kinds = new Set(excluded.flatMap((each) => each.kinds));
    expect(ours.filter(({ kind }) => kinds.has(kind))).toEqual([]);
  });
});
