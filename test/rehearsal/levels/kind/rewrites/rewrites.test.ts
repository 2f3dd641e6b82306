import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contract as forecaster } from '../../../../../forecaster/contract';
import type { KubeObject } from '../../../../../rehearsal/control-plane';
import { readTree } from '../../../../../rehearsal/levels/kind/gitops/repository';
import { asked, bytesOf, KindFacts, millicoresOf, parseTree, printTree, rewriteForKind } from '../../../../../rehearsal/levels/kind/rewrites';
import { compressWindows, durationOfSeconds, secondsOfDuration } from '../../../../../rehearsal/levels/kind/rewrites/prometheus';

const root = join(__dirname, '../../../../..');
const dev = parseTree(readTree(root, 'dist/dev'));
const GIB = 2 ** 30;
const large: KindFacts = { speed: 1, room: { cpuMillicores: 64_000, cpuTakenMillicores: 1500, memoryBytes: 256 * GIB, memoryTakenBytes: GIB } };
const laptop: KindFacts = { speed: 6, room: { cpuMillicores: 2000, cpuTakenMillicores: 1100, memoryBytes: 15 * GIB, memoryTakenBytes: GIB } };

const objectsOf = (tree: ReadonlyMap<string, readonly KubeObject[]>) => [...tree.values()].flat();
const find = (tree: ReadonlyMap<string, readonly KubeObject[]>, kind: string, name: string) =>
  objectsOf(tree).find((object) => object.kind === kind && object.metadata.name === name)!;

describe('a machine that is large enough, at speed 1', () => {
  const { tree, substitutions, leftOut, factors } = rewriteForKind(dev, large);

  it('gets what dist/ holds, but for what AWS and the timekeeper are stood in for', () => {
    expect(factors).toEqual({ cpu: 1, memory: 1 });
    const paths = substitutions.map(({ object, path }) => `${object}: ${path}`);
    expect(paths.sort()).toEqual([
      'ConfigMap argocd/argocd-cm: data["timeout.reconciliation"]',
      'ConfigMap argocd/argocd-cm: data["timeout.reconciliation.jitter"]',
      'Deployment catalog/catalog: spec.template.spec.containers[catalog].env[CATALOG_SEED]',
      'NetworkPolicy forecaster/forecaster: spec.egress[2]',
      'NetworkPolicy observability/prometheus: spec.ingress[2]',
      `StatefulSet forecaster/forecaster: spec.template.spec.containers[forecaster].env[${forecaster.settings.prometheusUrl.env}]`,
      'StorageClass encrypted: parameters',
      'StorageClass encrypted: provisioner',
    ]);
    const touched = new Set(substitutions.map(({ object }) => object));
    for (const [path, objects] of tree) {
      const same = objects.filter(({ kind, metadata }) => !touched.has(`${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`));
      for (const object of same) expect(dev.get(path)).toContainEqual(object);
    }
  });

  it('goes without Karpenter, and says so', () => {
    expect(leftOut.map(({ name }) => name)).toEqual(['karpenter-crds', 'karpenter', 'node-pools']);
    expect([...tree.keys()].filter((path) => /karpenter|node-pools/.test(path))).toEqual([]);
    expect(objectsOf(tree).filter(({ kind }) => kind === 'Application').length).toBe(objectsOf(dev).filter(({ kind }) => kind === 'Application').length - 3);
  });
});

describe('two cores, at speed 6', () => {
  const { tree, substitutions, factors } = rewriteForKind(dev, laptop);

  it('have room for everything at the most replicas', () => {
    expect(factors.cpu).toBeLessThan(0.2);
    const { cpuMillicores, memoryBytes } = asked(tree);
    expect(cpuMillicores).toBeLessThanOrEqual(laptop.room.cpuMillicores - laptop.room.cpuTakenMillicores);
    expect(memoryBytes).toBeLessThanOrEqual(laptop.room.memoryBytes - laptop.room.memoryTakenBytes);
  });

  it('leave limits as they are, and let the CPU target mean the same cores', () => {
    const resources = (from: typeof tree) => find(from, 'Deployment', 'catalog').spec.template.spec.containers[0].resources;
    const target = (from: typeof tree) => Number(find(from, 'ScaledObject', 'catalog').spec.triggers[0].metadata.value);
    expect(resources(tree).limits).toEqual(resources(dev).limits);
    const cores = (from: typeof tree) => (millicoresOf(resources(from).requests.cpu) * target(from)) / 100;
    expect(Math.abs(cores(tree) - cores(dev))).toBeLessThan(0.005 * cores(dev) + 0.5);
    expect(Number.isInteger(target(tree))).toBe(true);
  });

  it('see windows, intervals and rates six times as short', () => {
    const config = find(tree, 'ConfigMap', 'prometheus').data['prometheus.yml'];
    expect(config).toContain('scrape_interval: 2500ms');
    expect(config).toContain('evaluation_interval: 2500ms');
    expect(config).toContain('scrape_timeout: 1667ms');
    const rules = find(tree, 'ConfigMap', 'tideline-rules').data['rules.yaml'];
    expect(rules).toContain('interval: 2500ms');
    expect(rules).toContain('rate(http_request_duration_seconds_count[10s])');
    expect(rules).toContain('rate(container_cpu_usage_seconds_total{container!=""}[40s])');
    expect(find(tree, 'ScaledObject', 'catalog').spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds).toBe(40);
    const env = find(tree, 'StatefulSet', 'forecaster').spec.template.spec.containers[0].env as { name: string; value: string }[];
    expect(env).toContainEqual({ name: 'FORECASTER_INTERVAL_SECONDS', value: '10' });
    expect(env).toContainEqual({ name: 'FORECASTER_PROMETHEUS_URL', value: 'http://timekeeper.rehearsal.svc:9090' });
    expect(env.find(({ name }) => name === 'FORECASTER_CPU_CEILING')!.value).toMatch(/^\d+$/);
    expect(find(tree, 'Deployment', 'metrics-server').spec.template.spec.containers[0].args).toEqual(expect.arrayContaining(['--metric-resolution=10s', '--kubelet-request-timeout=5s']));
  });

  it('change no image, no limit and no number of replicas', () => {
    for (const [path, objects] of tree) {
      objects.forEach((object, index) => {
        const before = dev.get(path)![index]!;
        expect(object.spec?.replicas).toEqual(before.spec?.replicas);
        const containers = (of: KubeObject) => ((of.spec?.template?.spec?.containers ?? []) as { image: string; resources?: { limits?: unknown } }[])
          .map(({ image, resources }) => [image, resources?.limits]);
        expect(containers(object)).toEqual(containers(before));
      });
    }
  });

  it('list each change with what was and what is, which differ', () => {
    expect(substitutions.length).toBeGreaterThan(30);
    for (const { object, path, from, to, why } of substitutions) {
      for (const text of [object, path, from, to, why]) expect(text.length, `${object} ${path}`).toBeGreaterThan(0);
      expect(from).not.toBe(to);
    }
  });

  it('come back from YAML as they went', () => {
    expect(parseTree(printTree(tree))).toEqual(tree);
    expect(parseTree(printTree(dev))).toEqual(dev);
  });

  it('do not change what they were made from', () => {
    expect(dev).toEqual(parseTree(readTree(root, 'dist/dev')));
  });
});

describe('what is left out', () => {
  it('is an Application whose image can be had neither way, with its folder and the reason', () => {
    const reference = String(find(dev, 'Deployment', 'cost').spec.template.spec.containers[0].image);
    const { tree, leftOut } = rewriteForKind(dev, { ...large, missing: [{ reference, why: 'no registry answers' }] });
    expect(leftOut.find(({ name }) => name === 'cost')!.why).toContain('no registry answers');
    expect([...tree.keys()].filter((path) => /\/cost\/|application-cost\./.test(path))).toEqual([]);
    expect(objectsOf(tree).filter(({ kind, metadata }) => kind === 'Application' && metadata.name === 'cost')).toEqual([]);
  });

  it('is refused to be everything: a machine without room is told', () => {
    expect(() => rewriteForKind(dev, { speed: 6, room: { ...laptop.room, cpuTakenMillicores: 1900 } })).toThrow(/does not fit this machine/);
  });
});

describe('every environment', () => {
  it.each(['dev', 'staging', 'prod'])('%s fits two cores', (name) => {
    const files = parseTree(readTree(root, `dist/${name}`));
    const { tree } = rewriteForKind(files, laptop);
    expect(asked(tree).cpuMillicores).toBeLessThanOrEqual(900);
    expect(parseTree(printTree(tree))).toEqual(tree);
  });
});

describe('durations and windows', () => {
  it('are read and written as Prometheus does', () => {
    expect(['15s', '1m', '1m30s', '250ms', '2h'].map(secondsOfDuration)).toEqual([15, 60, 90, 0.25, 7200]);
    expect(['', '15', 's', '-1s', '1.5s'].map(secondsOfDuration)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    fc.assert(fc.property(fc.integer({ min: 1, max: 1e8 }), (milliseconds) => {
      expect(Math.round(secondsOfDuration(durationOfSeconds(milliseconds / 1000))! * 1000)).toBe(milliseconds);
    }));
  });

  it('hold four scrapes whatever the speed, and only the windows of an expression change', () => {
    fc.assert(fc.property(fc.double({ min: 1, max: 500, noNaN: true }), (speed) => {
      const scrape = Math.max(1, 15 / speed);
      const expression = 'sum by (service) (rate(requests_total{code!="[5]"}[1m])) / 60';
      const changed = compressWindows(expression, speed, scrape);
      const window = secondsOfDuration(/\[(\w+)\]\)/.exec(changed)![1]!)!;
      expect(window).toBeGreaterThanOrEqual(4 * scrape - 0.002);
      expect(window).toBeGreaterThanOrEqual(60 / speed - 0.002);
      expect(changed.replace(/\[\w+\]\)/, '[1m])')).toBe(expression);
    }));
    expect(compressWindows('rate(container_x[30s])', 6, 2.5)).toBe('rate(container_x[30s])');
  });
});

describe('quantities', () => {
  it('are millicores and bytes', () => {
    expect(['500m', '2', 1, '0.5', undefined].map(millicoresOf)).toEqual([500, 2000, 1000, 500, 0]);
    expect(['192Mi', '1Gi', '1k', '7', undefined].map(bytesOf)).toEqual([192 * 2 ** 20, 2 ** 30, 1000, 7, 0]);
    expect(bytesOf('much')).toBeNaN();
  });
});
