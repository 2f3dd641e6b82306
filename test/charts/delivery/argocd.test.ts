import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../components';
import { environment, survivesZones } from '../../../config';
import { argocdSettings } from '../../../config/argocd-settings';
import { argocdValues } from '../../../stacks/bootstrap/argocd-values';
import { objectOf } from '../../support/synth';
import { names, objectsOf } from '../manifests';

// What upstream's own manifests say is compared in argocd.integration.test.ts; here is what holds whatever upstream says.
describe.each(names)('Argo CD as %s starts from it', (name) => {
  const objects = objectsOf(name, 'bootstrap/argocd/');
  const zones = survivesZones(environment(name));
  const workloads = objects.filter(({ kind }) => ['Deployment', 'StatefulSet'].includes(kind));
  const podOf = (workload: string) => workloads.find(({ metadata }) => metadata.name === workload)!.spec.template.spec;
  const dataOf = (map: string) => objectOf(objects, 'ConfigMap', map).data as Record<string, string>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- values of a chart, whose shape is the chart's
  const values = argocdValues({ survivesZoneLoss: zones, labels: {}, nodes: {} }) as Record<string, any>;

  test('is set as the chart of the bootstrap stack is', () => {
    const texts = (entries: object) => Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, String(value)]));
    expect(dataOf('argocd-cm')).toEqual(values.configs.cm);
    expect(dataOf('argocd-cmd-params-cm')).toEqual(texts(values.configs.params));
    expect(dataOf('argocd-rbac-cm')).toEqual(values.configs.rbac);
    for (const [part, workload] of [['controller', 'argocd-application-controller'], ['repoServer', 'argocd-repo-server'], ['server', 'argocd-server'], ['redis', 'argocd-redis']] as const) {
      expect(podOf(workload).containers[0].resources).toEqual(values[part].resources);
      if (part !== 'redis') expect(podOf(workload).containers[0].env).toEqual(expect.arrayContaining(values.global.env));
    }
    for (const workload of workloads) {
      const part = { 'argocd-server': 'server', 'argocd-repo-server': 'repoServer' }[workload.metadata.name as string];
      expect(workload.spec.replicas).toBe(part ? values[part].replicas : 1);
      expect(workload.spec.replicas).toBe(part && zones ? 2 : 1);
    }
  });

  test('lets nobody log in, and sync waves wait for Applications', () => {
    expect(dataOf('argocd-cm')).toMatchObject({ 'admin.enabled': 'false', 'users.anonymous.enabled': 'false', 'exec.enabled': 'false' });
    expect(dataOf('argocd-cm')['resource.customizations.health.argoproj.io_Application']).toContain('obj.status.health.status');
  });

  test('gives every parameter to the program it is about', () => {
    const read = workloads.flatMap(({ spec }) => spec.template.spec.containers[0].env as { valueFrom?: { configMapKeyRef?: { name: string; key: string } } }[])
      .flatMap(({ valueFrom }) => (valueFrom?.configMapKeyRef?.name === 'argocd-cmd-params-cm' ? [valueFrom.configMapKeyRef.key] : []));
    expect(read.sort()).toEqual(Object.keys(argocdSettings.params).sort());
  });

  test('gives a token to what talks to the Kubernetes API alone, and of the cache to its first start alone', () => {
    expect(Object.fromEntries(workloads.map(({ metadata, spec }) => [metadata.name, spec.template.spec.automountServiceAccountToken]))).toEqual({
      'argocd-application-controller': true, 'argocd-server': true, 'argocd-repo-server': false, 'argocd-redis': false,
    });
    const mounts = (containers: { volumeMounts?: { mountPath: string }[] }[]) => containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ mountPath }) => mountPath));
    expect(mounts(podOf('argocd-redis').initContainers)).toEqual(['/var/run/secrets/kubernetes.io/serviceaccount']);
    expect(mounts(podOf('argocd-redis').containers)).toEqual([]);
    for (const { kind, automountServiceAccountToken } of objects) if (kind === 'ServiceAccount') expect(automountServiceAccountToken).toBe(false);
  });

  test('keeps no secret in Git', () => {
    const secrets = objects.filter(({ kind }) => kind === 'Secret');
    expect(secrets.map((secret: Manifest) => [secret.metadata.name, secret.data, secret.stringData])).toEqual([['argocd-secret', undefined, undefined]]);
  });

  test('runs in a namespace that admits restricted pods only', () => {
    expect(objectOf(objects, 'Namespace').metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  });
});
