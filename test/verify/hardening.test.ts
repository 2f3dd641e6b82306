import { describe, expect, test } from 'vitest';
import { changed, container, expectOne, healthy, Loose, place, podTemplate, rule, run, without } from './support';

const pod = (change: (spec: Loose) => void) => changed('Deployment', (each) => change(each.spec.template.spec));
const first = (change: (container: Loose) => void) => pod((spec) => change(spec.containers[0]));

/** Each part: what breaks it, and what the rule says. */
const VIOLATIONS: readonly (readonly [string, string, () => ReturnType<typeof healthy>])[] = [
  ['requests', 'no cpu request', () => first((each) => { delete each.resources.requests.cpu; })],
  ['requests', 'no memory request', () => first((each) => { delete each.resources.requests.memory; })],
  ['requests', 'no container', () => pod((spec) => { spec.containers = []; })],
  ['limits', 'no memory limit', () => first((each) => { delete each.resources.limits; })],
  ['probes', 'no livenessProbe', () => first((each) => { delete each.livenessProbe; })],
  ['probes', 'no readinessProbe', () => first((each) => { delete each.readinessProbe; })],
  ['disruption-budget', 'no PodDisruptionBudget', () => without('PodDisruptionBudget')],
  ['disruption-budget', 'no PodDisruptionBudget', () => changed('PodDisruptionBudget', (each) => { each.spec.selector = { matchLabels: { app: 'api' } }; })],
  ['disruption-budget', 'no PodDisruptionBudget', () => changed('PodDisruptionBudget', (each) => { each.spec.selector = { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }; })],
  ['disruption-budget', 'no PodDisruptionBudget', () => changed('PodDisruptionBudget', (each) => { delete each.spec.selector; })],
  ['network-policy', 'no NetworkPolicy', () => without('NetworkPolicy')],
  ['topology-spread', 'no topology spread', () => pod((spec) => { delete spec.topologySpreadConstraints; })],
  ['automount', 'the API token is mounted', () => pod((spec) => { delete spec.automountServiceAccountToken; })],
  ['pod-security', 'no seccomp profile', () => pod((spec) => { delete spec.securityContext.seccompProfile; })],
  ['pod-security', 'seccomp profile Unconfined', () => first((each) => { each.securityContext.seccompProfile = { type: 'Unconfined' }; })],
  ['pod-security', 'hostNetwork: true', () => pod((spec) => { spec.hostNetwork = true; })],
  ['pod-security', 'runAsUser: 0', () => pod((spec) => { spec.securityContext.runAsUser = 0; })],
  ['pod-security', 'is a hostPath', () => pod((spec) => { spec.volumes.push({ name: 'node', hostPath: { path: '/' } }); })],
  ['pod-security', 'allowPrivilegeEscalation', () => first((each) => { delete each.securityContext.allowPrivilegeEscalation; })],
  ['pod-security', 'readOnlyRootFilesystem', () => first((each) => { each.securityContext.readOnlyRootFilesystem = false; })],
  ['pod-security', 'runAsNonRoot', () => first((each) => { each.securityContext.runAsNonRoot = false; })],
  ['pod-security', 'a user other than root', () => first((each) => { each.securityContext.runAsUser = 0; })],
  ['pod-security', 'capabilities.drop', () => first((each) => { each.securityContext.capabilities.drop = ['NET_RAW']; })],
  ['pod-security', 'without added capabilities', () => first((each) => { each.securityContext.capabilities.add = ['SYS_ADMIN']; })],
  ['pod-security', 'not privileged', () => first((each) => { each.securityContext.privileged = true; })],
  ['pod-security', 'procMount', () => first((each) => { each.securityContext.procMount = 'Unmasked'; })],
  ['pod-security', 'without host ports', () => first((each) => { each.ports[0].hostPort = 80; })],
];

describe('hardening', () => {
  test('passes for a hardened workload, having applied to it', () => {
    expect(run('hardening', healthy())).toMatchObject({ status: 'pass', applied: 1, findings: [] });
  });

  test('does not apply without workloads', () => {
    expect(run('hardening', without('Deployment'))).toMatchObject({ status: 'not-applicable', applied: 0 });
  });

  test.each(VIOLATIONS)('%s: %s', (part, got, objects) => {
    const result = run('hardening', objects());
    expectOne(result, 'dev: Deployment web/web', got);
    expect(result.findings[0]!.do).toContain(`verify.tideline.dev/exempt-${part}`);
  });

  test.each(VIOLATIONS)('%s (%s) can be exempted, with a reason that is shown', (part, got, objects) => {
    const exempt = (reason: string) => changed('Deployment', (each) => { each.metadata.annotations = { [`verify.tideline.dev/exempt-${part}`]: reason }; }, objects());
    const result = run('hardening', exempt('an agent of the node'));
    expect(result).toMatchObject({ status: 'pass', findings: [] });
    expect(result.exempted).toEqual([{ where: 'dev: Deployment web/web', got: expect.stringContaining(got), reason: 'an agent of the node' }]);
    expect(run('hardening', exempt('  ')).status).toBe('fail');
  });

  test('every part is seeded here', () => {
    expect([...new Set(VIOLATIONS.map(([part]) => part))].sort()).toEqual([...rule('hardening').parts!].sort());
  });

  test('reports every gap of a bare workload, not the first', () => {
    const bare = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'bare', namespace: 'web' }, spec: { replicas: 2, template: { metadata: {}, spec: { containers: [{ name: 'bare' }] } } } };
    const parts = run('hardening', [place(bare)]).findings.map((finding) => /exempt-([a-z-]+)$/.exec(finding.do)![1]);
    expect([...new Set(parts)].sort()).toEqual([...rule('hardening').parts!].sort());
  });

  test('a budget and policies of another namespace guard nothing here', () => {
    const objects = healthy().map((each) => (['PodDisruptionBudget', 'NetworkPolicy'].includes(each.object.kind)
      ? { ...each, object: { ...each.object, metadata: { ...each.object.metadata, namespace: 'other' } } } : each));
    expect(run('hardening', objects).findings.map(({ got }) => got)).toEqual(['no PodDisruptionBudget', 'no NetworkPolicy']);
  });

  test('a workload on every node needs no budget and no spread', () => {
    const objects = changed('Deployment', (each) => { each.kind = 'DaemonSet'; each.spec.replicas = 3; delete each.spec.template.spec.topologySpreadConstraints; }, without('PodDisruptionBudget'));
    expect(run('hardening', objects)).toMatchObject({ status: 'pass', applied: 1 });
  });

  test('one replica that nobody scales needs no spread', () => {
    const objects = changed('Deployment', (each) => { delete each.spec.template.spec.topologySpreadConstraints; }, without('HorizontalPodAutoscaler'));
    expect(run('hardening', objects).status).toBe('pass');
  });

  test('a job needs no probe and no budget, but the same security', () => {
    const job = (change: (spec: Loose) => void): Loose => {
      const template = podTemplate();
      for (const probe of ['livenessProbe', 'readinessProbe']) delete template.spec.containers[0][probe];
      change(template.spec);
      return { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'nightly', namespace: 'web' }, spec: { jobTemplate: { spec: { template } } } };
    };
    const around = without('PodDisruptionBudget', 'Deployment');
    expect(run('hardening', [...around, place(job(() => undefined))])).toMatchObject({ status: 'pass', applied: 1 });
    expectOne(run('hardening', [...around, place(job((spec) => { spec.hostPID = true; }))]), 'CronJob web/nightly', 'hostPID');
  });

  test('init containers are held to the same security, without probes', () => {
    const init = (change: (each: Loose) => void) => pod((spec) => {
      const each = { ...container(), name: 'init' } as Loose;
      for (const probe of ['livenessProbe', 'readinessProbe']) delete each[probe];
      change(each);
      spec.initContainers = [each];
    });
    expect(run('hardening', init(() => undefined)).status).toBe('pass');
    expectOne(run('hardening', init((each) => { each.securityContext.privileged = true; })), 'dev: Deployment web/web', 'container init: falls short of "not privileged"');
  });
});
