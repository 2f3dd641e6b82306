import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from '../../../charts/synthesize';
import type { Manifest } from '../../../components';
import { catalogue, environment } from '../../../config';
import { ensureTools, KEDA_PROGRAMS, Toolbox } from '../../../rehearsal/tools';
import { objectOf } from '../../support/synth';
import { bindings, flagNames, GO, manifestsIn, permissions, pinnedModule, UNLESS_GO } from '../../support/upstream';

const ours = [...synthesize([environment('prod')])].filter(([path]) => path.startsWith('prod/keda/')).flatMap(([, text]) => manifestsIn(text));

describe.runIf(GO)(`KEDA's own manifests, from the Go module that builds it${UNLESS_GO}`, () => {
  let upstream: Manifest[];

  beforeAll(() => {
    const keda = pinnedModule('github.com/kedacore/keda/v2');
    expect(keda.version).toBe(`v${catalogue.keda.version}`);
    upstream = keda.objects(...['rbac/role.yaml', 'rbac/role_binding.yaml', 'metrics-server/role.yaml', 'metrics-server/role_binding.yaml', 'metrics-server/api_service.yaml', 'manager/manager.yaml',
      'metrics-server/deployment.yaml', 'manager/service.yaml', 'metrics-server/service.yaml'].map((file) => `config/${file}`));
  });

  it.each([['ClusterRole', 'keda-operator'], ['Role', 'keda-operator'], ['ClusterRole', 'keda-external-metrics-reader']])('permit what ours do, no more and no less: %s %s', (kind, name) => {
    const theirs = permissions(objectOf(upstream, kind, name).rules);
    expect(theirs.length).toBeGreaterThan(0);
    expect(permissions(objectOf(ours, kind, name).rules)).toEqual(theirs);
  });

  it('bind the same roles to the same accounts', () => {
    expect(bindings(upstream).size).toBe(5);
    expect(bindings(ours)).toEqual(bindings(upstream));
  });

  it('register the same API', () => {
    expect(objectOf(ours, 'APIService').spec).toEqual(objectOf(upstream, 'APIService').spec);
  });

  it.each(['keda-operator', 'keda-metrics-apiserver'])('serve the same ports: %s', (name) => {
    const ports = (objects: readonly Manifest[]) => objectOf(objects, 'Service', name).spec.ports.map(({ port }: { port: number }) => port).sort();
    expect(ports(ours)).toEqual(ports(upstream));
  });

  it.each(['keda-operator', 'keda-metrics-apiserver'])('run the same program with no flag fewer: %s', (name) => {
    const containerOf = (objects: readonly Manifest[]) => objectOf(objects, 'Deployment', name).spec.template.spec.containers[0] as { args: string[]; command?: string[] };
    expect(flagNames(containerOf(ours).args)).toEqual(expect.arrayContaining(flagNames(containerOf(upstream).args)));
    expect(containerOf(ours).command).toEqual(containerOf(upstream).command);
  });
});

describe.runIf(GO)(`KEDA's programs, as they are built from tools/go.mod${GO ? '' : ' (not asked: Go is not on PATH)'}`, () => {
  let toolbox: Toolbox;
  beforeAll(async () => {
    toolbox = await ensureTools({ programs: KEDA_PROGRAMS });
  });

  it.each([['keda-operator', 'keda-operator'], ['keda-metrics-apiserver', 'keda-adapter']] as const)('know every flag that %s is given', (deployment, program) => {
    const given = flagNames(objectOf(ours, 'Deployment', deployment).spec.template.spec.containers[0].args);
    expect(given.length).toBeGreaterThan(4);
    const known = knownFlags(toolbox.path(program));
    expect(known).not.toContain('no-such-flag');
    expect(known).toEqual(expect.arrayContaining(given));
  });
});

function knownFlags(program: string): string[] {
  const { stdout, stderr } = spawnSync(program, ['--help'], { encoding: 'utf8', timeout: 60_000 });
  return [...`${stdout}\n${stderr}`.matchAll(/^\s+(?:-\w, )?--([\w-]+)/gm)].map((match) => match[1]!);
}
