import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../components';
import { catalogue, environment } from '../../../config';
import { factsOf } from '../../../config/facts';
import { objectOf } from '../../support/synth';
import { GO, manifestsIn, permissions, PinnedModule, pinnedModule, UNLESS_GO } from '../../support/upstream';
import { objectsOf } from '../manifests';

const { namespace } = factsOf(environment('prod')).provisioner;

/** What Helm would make of a template that is given its chart's defaults: names and namespaces filled in, everything optional left out. */
function rendered(template: string): Manifest[] {
  const text = template
    .replace(/\{\{ (include "karpenter\.fullname" \.|(template|include) "karpenter\.serviceAccountName" \.) \}\}/g, 'karpenter')
    .replace(/\{\{ \.Release\.Namespace \}\}/g, namespace)
    .replace(/^\s*\{\{.*\}\}\s*$/gm, '').replace(/\{\{.*?\}\}/g, 'filled');
  return manifestsIn(text);
}

const ours = objectsOf('prod', 'karpenter/');

describe.runIf(GO)(`Karpenter's own chart, from its Go module${UNLESS_GO}`, () => {
  let chart: (name: string) => string;
  let upstream: Manifest[];
  let karpenter: PinnedModule;

  beforeAll(() => {
    karpenter = pinnedModule('github.com/aws/karpenter-provider-aws', 'karpenter');
    expect(karpenter.version).toBe(`v${catalogue.karpenter.version}`);
    chart = (name) => karpenter.text(`charts/karpenter/templates/${name}.yaml`);
    upstream = ['clusterrole-core', 'clusterrole', 'role', 'rolebinding'].flatMap((name) => rendered(chart(name)));
  });

  it.each([['ClusterRole', 'karpenter-core'], ['ClusterRole', 'karpenter'], ['Role', 'karpenter'], ['Role', 'karpenter-dns']])('permits what ours does, no more and no less: %s %s', (kind, name) => {
    const theirs = permissions(objectOf(upstream, kind, name).rules);
    expect(theirs.length).toBeGreaterThan(0);
    expect(permissions(objectOf(ours, kind, name).rules)).toEqual(theirs);
  });

  it('binds the same roles to the same account', () => {
    const bindings = (objects: readonly Manifest[]) => new Map(objects.filter((object) => object.kind.endsWith('Binding'))
      .map(({ kind, metadata, roleRef, subjects }) => [`${kind} ${metadata.namespace ?? ''}/${metadata.name}`, { roleRef, subjects }]));
    expect(bindings(upstream).size).toBe(4);
    expect(bindings(ours)).toEqual(bindings(upstream));
  });

  it('sets every variable that ours does, but the region, which a node of ours does not tell its pods', () => {
    const known = new Set([...chart('deployment').matchAll(/- name: ([A-Z_]+)$/gm)].map(([, name]) => name));
    expect(known.size).toBeGreaterThan(20);
    const [{ env }] = objectOf(ours, 'Deployment').spec.template.spec.containers as [{ env: { name: string }[] }];
    expect(env.map(({ name }) => name).filter((name) => !known.has(name))).toEqual(['AWS_REGION']);
  });

  it('knows the same feature gates', () => {
    const gates = (text: string) => [...text.matchAll(/(\w+)=/g)].map(([, name]) => name).sort();
    const [line] = /ReservedCapacity=.*$/m.exec(chart('deployment'))!;
    const [{ env }] = objectOf(ours, 'Deployment').spec.template.spec.containers as [{ env: { name: string; value: string }[] }];
    expect(gates(env.find(({ name }) => name === 'FEATURE_GATES')!.value)).toEqual(gates(line));
  });

  it('has the same ports and probes', () => {
    const deployment = chart('deployment');
    const [container] = objectOf(ours, 'Deployment').spec.template.spec.containers as [{ ports: { name: string }[]; livenessProbe: { httpGet: object }; readinessProbe: { httpGet: object } }];
    for (const { name } of container.ports) expect(deployment).toMatch(new RegExp(`- name: ${name}\\n\\s+containerPort`));
    for (const [probe, path] of [['livenessProbe', '/healthz'], ['readinessProbe', '/readyz']] as const) {
      expect(container[probe].httpGet).toEqual({ path, port: 'http' });
      expect(deployment).toMatch(new RegExp(`${probe}:\\s[^]*?path: ${path}\\s+port: http\\s`));
    }
  });

  it('defines every kind that ours uses, in the groups that the Application names', () => {
    const definitions = ['karpenter.sh_nodepools', 'karpenter.k8s.aws_ec2nodeclasses', 'autoscaling.x-k8s.io_capacitybuffers']
      .map((name) => karpenter.objects(`pkg/apis/crds/${name}.yaml`)[0]!);
    const versions = new Set(definitions.flatMap(({ spec }) => (spec.versions as { name: string; served: boolean }[]).filter(({ served }) => served).map((each) => `${spec.group}/${each.name} ${spec.names.kind}`)));
    for (const { apiVersion, kind } of objectsOf('prod', 'node-pools/')) expect(versions).toContain(`${apiVersion} ${kind}`);
    const application = objectOf(objectsOf('prod', 'delivery/'), 'Application', 'karpenter-crds');
    expect(application.metadata.annotations!['tideline.dev/defines']!.split(',').sort()).toEqual(definitions.map(({ spec }) => String(spec.group)).sort());
  });
});
