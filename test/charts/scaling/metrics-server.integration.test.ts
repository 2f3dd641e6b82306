import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../components';
import { catalogue } from '../../../config';
import { objectOf } from '../../support/synth';
import { bindings, GO, permissions, pinnedModule, UNLESS_GO } from '../../support/upstream';
import { objectsOf } from '../manifests';

const ours = objectsOf('prod', 'bootstrap/metrics-server/');
const containerOf = (objects: readonly Manifest[]) => objectOf(objects, 'Deployment').spec.template.spec.containers[0] as { args: string[]; ports: object[]; securityContext: { runAsUser: number } };

describe.runIf(GO)(`metrics-server's own manifests, from the Go module that builds it${UNLESS_GO}`, () => {
  let upstream: Manifest[];

  beforeAll(() => {
    const module = pinnedModule('sigs.k8s.io/metrics-server', 'metrics-server');
    expect(module.version).toBe(`v${catalogue.metricsServer.version}`);
    upstream = module.objects(...['apiservice', 'deployment', 'rbac', 'service'].map((name) => `manifests/base/${name}.yaml`));
  });

  it.each(['system:metrics-server', 'system:aggregated-metrics-reader'])('permit what ours do, no more and no less: %s', (name) => {
    const theirs = permissions(objectOf(upstream, 'ClusterRole', name).rules);
    expect(theirs.length).toBeGreaterThan(0);
    expect(permissions(objectOf(ours, 'ClusterRole', name).rules)).toEqual(theirs);
    expect(objectOf(ours, 'ClusterRole', name).metadata.labels).toMatchObject(objectOf(upstream, 'ClusterRole', name).metadata.labels ?? {});
  });

  it('bind the same roles to the same account', () => {
    expect(bindings(upstream).size).toBe(3);
    expect(bindings(ours)).toEqual(bindings(upstream));
  });

  it('register the same API, and serve it on the same port', () => {
    expect(objectOf(ours, 'APIService').spec).toEqual(objectOf(upstream, 'APIService').spec);
    expect(objectOf(ours, 'Service').spec.ports).toEqual(objectOf(upstream, 'Service').spec.ports);
    expect(containerOf(ours).ports).toEqual(containerOf(upstream).ports);
  });

  it('give the program the same arguments, so kubelets show certificates of the cluster', () => {
    expect(containerOf(ours).args).toEqual(containerOf(upstream).args);
    expect(containerOf(ours).args.join(' ')).not.toContain('insecure');
    expect(objectOf(ours, 'Deployment').spec.template.spec.securityContext.runAsUser).toBe(containerOf(upstream).securityContext.runAsUser);
  });
});
