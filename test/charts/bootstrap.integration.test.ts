import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../components';
import { ControlPlane, KubeObject, startControlPlane } from '../../rehearsal/control-plane';
import { ensureTools } from '../../rehearsal/tools';
import { GO, UNLESS_GO } from '../support/upstream';
import { objectsOf } from './manifests';

const objects = objectsOf('prod', 'bootstrap/');
/** As whoever applies a folder by hand has to do: namespaces before what is in them. */
const inOrder = [...objects].sort((a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace'));
const workloads = objects.filter(({ kind }) => ['Deployment', 'StatefulSet'].includes(kind));

describe.runIf(GO)(`what an environment starts from, on a real API server${UNLESS_GO}`, () => {
  const root = mkdtempSync(join(tmpdir(), 'tideline-bootstrap-'));
  let plane: ControlPlane;
  let applied: KubeObject[];

  beforeAll(async () => {
    plane = await startControlPlane({
      toolbox: await ensureTools(), workDir: join(root, `run-${process.pid}`), podReadySeconds: 1,
      nodes: ['a', 'b'].map((zone) => ({ name: `node-${zone}`, pool: 'general', cpuMillicores: 4000, memoryMiB: 8192, zone: `eu-west-1${zone}` })),
    });
    applied = await plane.api.apply(inOrder as KubeObject[]);
  });

  afterAll(async () => {
    await plane?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  it('is accepted as it is, and a second time changes nothing', async () => {
    expect(applied).toHaveLength(objects.length);
    const again = await plane.api.apply(inOrder as KubeObject[]);
    const specs = (each: readonly KubeObject[]) => each.map(({ kind, metadata: { name }, spec, data, rules }) => ({ kind, name, spec, data, rules }));
    expect(specs(again.filter(({ kind }) => kind !== 'APIService'))).toEqual(specs(applied.filter(({ kind }) => kind !== 'APIService')));
  });

  it('has pods that restricted namespaces admit and nodes have room for', async () => {
    expect(workloads.map(({ metadata: { name } }) => name)).toHaveLength(5);
    for (const { apiVersion, kind, metadata: { name, namespace }, spec } of workloads as Manifest[]) {
      await plane.api.waitFor({
        what: `pods of ${name}`,
        ref: { apiVersion, kind, name, namespace },
        until: (object) => object?.status?.readyReplicas === spec.replicas || `${object?.status?.readyReplicas ?? 0} of ${spec.replicas} ready: ${JSON.stringify(object?.status?.conditions ?? [])}`,
      });
    }
  });
});
