import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { factsIn, ManifestReader } from '../../../pricing/change/manifests';
import { smallModel } from '../models';

const read = (files: Readonly<Record<string, string>>) => new ManifestReader().environments(new Map(Object.entries(files)));
const named = (kind: string, name: string) => `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n`;
const names = (text: string) => read({ 'dev/a.yaml': text }).get('dev')!.map((object) => `${object.kind} ${object.metadata.name}`);

describe('manifests', () => {
  it('are read wherever they are in the folder of their environment', () => {
    const found = read({ 'dev/a/b/c.yml': named('Deployment', 'x'), 'dev/root.yaml': named('Service', 'y'), 'prod/d.json': JSON.stringify({ kind: 'Pod', metadata: { name: 'z' } }), 'README.md': '#', 'top.yaml': named('Pod', 'q') });
    expect([...found].map(([environment, objects]) => [environment, objects.map((object) => object.metadata.name)])).toEqual([['dev', ['x', 'y']], ['prod', ['z']]]);
  });

  it('do not hold what an environment starts from where there is no EKS', () => {
    expect(names(named('Pod', 'x'))).toEqual(['Pod x']);
    const found = read({ 'dev/bootstrap/argocd/a.yaml': named('Deployment', 'x'), 'dev/b.yaml': named('Pod', 'y'), 'dev/bootstrap.yaml': named('Pod', 'z') });
    expect([...found].map(([environment, objects]) => [environment, objects.map((object) => object.metadata.name)])).toEqual([['dev', ['y', 'z']]]);
  });

  it('hold every object that may cost something, however the file is written', () => {
    expect(names(`${named('Role', 'r')}---\n${named('Deployment', 'd')}`)).toEqual(['Role r', 'Deployment d']);
    expect(names('{ kind: Role, metadata: { name: r } }\n---\n{ kind: Rollout, metadata: { name: x } }')).toEqual(['Role r', 'Rollout x']);
    expect(names(`${named('ConfigMap', 'cost-environments')}data:\n  kind: Role\n`)).toEqual(['ConfigMap cost-environments']);
    expect(names('kind: List\nitems:\n  - { kind: Pod, metadata: { name: a } }\n  - { kind: List, items: [{ kind: Pod, metadata: { name: b } }] }\n')).toEqual(['Pod a', 'Pod b']);
    expect(names('metadata:\n  name: nothing\n---\n- 1\n---\n')).toEqual([]);
  });

  it('leave out what is plainly of no matter', () => {
    expect(names(`# a comment\n${named('NetworkPolicy', 'a')}---\n${named('ConfigMap', 'rules')}`)).toEqual([]);
  });

  it('are refused with file and line where they are none', () => {
    const fault = () => read({ 'dev/a.yaml': `${named('Service', 'x')}---\nkind: Deployment\nmetadata: { name: x\n`, 'dev/b.yaml': named('Pod', 'fine') });
    expect(fault).toThrow(FaultError);
    expect(fault).toThrow(/\[dev\/a\.yaml:\d+\]/);
  });
});

describe('facts of an environment', () => {
  const map = (text: string) => [{ kind: 'ConfigMap', metadata: { name: 'cost-environments' }, data: { 'dev.json': text } }];

  it('are those the cost service is given', () => {
    expect(factsIn('dev', map(JSON.stringify(smallModel())))).toEqual(smallModel());
    expect(factsIn('prod', map(JSON.stringify(smallModel())))).toBeUndefined();
    expect(factsIn('dev', [])).toBeUndefined();
  });

  it('are refused where they cannot be used, naming what', () => {
    const { region: _region, ...regionless } = smallModel();
    expect(() => factsIn('dev', map(JSON.stringify(regionless)))).toThrow(/dev: ConfigMap cost-environments, dev\.json\.region/);
    expect(() => factsIn('dev', map('{'))).toThrow(FaultError);
  });
});
