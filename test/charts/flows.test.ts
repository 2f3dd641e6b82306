import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../components';
import { environment } from '../../config';
import { names, objectsOf } from './manifests';

interface Selector { readonly matchLabels?: Readonly<Record<string, string>> }
interface Peer { readonly namespaceSelector?: Selector; readonly podSelector?: Selector }
interface Rule { readonly from?: readonly Peer[]; readonly to?: readonly Peer[]; readonly ports: readonly { readonly protocol: string; readonly port: number }[] }
interface Pod { readonly namespace: string; readonly labels: Readonly<Record<string, string>> }

const named = (namespace: string, name: string): Pod => ({ namespace, labels: { 'app.kubernetes.io/name': name } });
const DNS: Pod = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
/** Outside the pod network: the API server, a database. */
const OUTSIDE = undefined;

function selects(selector: Selector | undefined, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
}

/** Whether Kubernetes' network policies let traffic through in one direction, as its documentation defines them: policies add up, an unselected pod is open. */
function permits(policies: readonly Manifest[], direction: 'ingress' | 'egress', pod: Pod, other: Pod | undefined, port: number, protocol: string): boolean {
  const type = direction === 'ingress' ? 'Ingress' : 'Egress';
  const about = policies.filter(({ metadata, spec }) => metadata.namespace === pod.namespace && spec.policyTypes.includes(type) && selects(spec.podSelector, pod.labels));
  if (about.length === 0) return true;
  return about.some(({ spec }) => ((spec[direction] ?? []) as Rule[]).some((rule) => {
    const peers = direction === 'ingress' ? rule.from : rule.to;
    const fits = peers === undefined || peers.some((peer) => other !== undefined
      && selects(peer.namespaceSelector, { 'kubernetes.io/metadata.name': other.namespace }) && selects(peer.podSelector, other.labels));
    return fits && rule.ports.some((each) => each.port === port && each.protocol === protocol);
  }));
}

describe.each(names)('network policies of %s', (name) => {
  const policies = objectsOf(name).filter((object) => object.kind === 'NetworkPolicy');
  const flows = (from: Pod | undefined, to: Pod | undefined, port: number, protocol = 'TCP') =>
    (from === undefined || permits(policies, 'egress', from, to, port, protocol)) && (to === undefined || permits(policies, 'ingress', to, from, port, protocol));
  const ingressOnly = (from: Pod | undefined, to: Pod, port: number) => permits(policies, 'ingress', to, from, port, 'TCP');

  const prometheus = named('observability', 'prometheus');
  const operator = named('keda', 'keda-operator');
  const adapter = named('keda', 'keda-metrics-apiserver');
  const services = ['catalog', 'cost', 'forecaster'].map((service) => named(service, service));
  /** Pods that ask to be scraped. */
  const scraped = objectsOf(name).filter(({ kind }) => ['Deployment', 'StatefulSet'].includes(kind)).map(({ metadata, spec }) => ({ namespace: metadata.namespace!, ...spec.template.metadata }))
    .filter(({ annotations }) => annotations?.['prometheus.io/scrape'] === 'true');

  test('are about pods that are scraped', () => {
    expect(scraped.length).toBeGreaterThan(services.length + 2);
  });

  test('let through what really flows', () => {
    for (const { labels, annotations, namespace } of scraped) expect(flows(prometheus, { namespace, labels }, Number(annotations['prometheus.io/port']))).toBe(true);
    expect(flows(prometheus, OUTSIDE, 443)).toBe(true); // the API server tells it of pods
    expect(flows(prometheus, OUTSIDE, 10250)).toBe(true); // kubelets tell it of containers
    expect(flows(named('observability', 'kube-state-metrics'), OUTSIDE, 443)).toBe(true);
    expect(flows(services[2]!, prometheus, 9090)).toBe(true);
    expect(flows(operator, prometheus, 9090)).toBe(true);
    expect(flows(adapter, operator, 9666)).toBe(true);
    expect(flows(OUTSIDE, adapter, 6443)).toBe(true); // the API server asks for external metrics
    for (const program of [operator, adapter]) expect(flows(program, OUTSIDE, 443)).toBe(true); // they ask the API server
    expect(flows(services[0]!, OUTSIDE, 5432)).toBe(true);
  });

  test('let the load generator ask catalog where there is one, and nothing else', () => {
    const generator = named('loadgen', 'loadgen');
    expect(ingressOnly(generator, services[0]!, 8080)).toBe(environment(name).services.loadgen !== undefined);
    if (environment(name).services.loadgen) {
      expect(flows(generator, services[0]!, 8080)).toBe(true);
      expect(flows(generator, OUTSIDE, 443)).toBe(false);
    }
    expect(ingressOnly(generator, services[2]!, 8081)).toBe(false);
    expect(ingressOnly(named('loadgen', 'stranger'), services[0]!, 8080)).toBe(false);
  });

  test('let KEDA ask the forecaster where it does, and nobody else', () => {
    const { scaling } = environment(name);
    const asks = scaling.mode === 'predictive' && scaling.demandSource === 'external';
    expect(flows(operator, services[2]!, 8082)).toBe(asks);
    for (const other of [adapter, prometheus, services[0]!, services[1]!, named('keda', 'stranger')]) expect(ingressOnly(other, services[2]!, 8082)).toBe(false);
    expect(flows(operator, services[2]!, 8081)).toBe(false);
  });

  test('let Argo CD\'s programs reach each other and the outside, and nobody them', () => {
    const [controller, repoServer, server, redis] = ['application-controller', 'repo-server', 'server', 'redis'].map((program) => named('argocd', `argocd-${program}`)) as [Pod, Pod, Pod, Pod];
    for (const caller of [controller, server]) expect(flows(caller, repoServer, 8081)).toBe(true);
    for (const caller of [controller, server, repoServer]) expect(flows(caller, redis, 6379)).toBe(true);
    for (const program of [controller, repoServer, server, redis]) expect(flows(program, OUTSIDE, 443)).toBe(true); // the API server, and Git
    for (const program of [controller, server, redis]) expect(flows(program, OUTSIDE, 6443)).toBe(true); // the API server where it is not EKS
    expect(flows(repoServer, OUTSIDE, 6443)).toBe(false);
    for (const [program, port] of [[controller, 8082], [repoServer, 8084], [server, 8083]] as const) expect(ingressOnly(prometheus, program, port)).toBe(true);
    for (const [program, port] of [[repoServer, 8081], [redis, 6379], [server, 8080]] as const) for (const stranger of [named('argocd', 'stranger'), services[0]!, prometheus]) expect(ingressOnly(stranger, program, port)).toBe(false);
    expect(flows(named('argocd', 'stranger'), named('argocd', 'other'), 80)).toBe(false);
  });

  test('let the API server ask metrics-server, and it every kubelet', () => {
    const metricsServer = named('kube-system', 'metrics-server');
    expect(flows(OUTSIDE, metricsServer, 10250)).toBe(true);
    expect(flows(metricsServer, OUTSIDE, 10250)).toBe(true);
    for (const port of [443, 6443]) expect(flows(metricsServer, OUTSIDE, port)).toBe(true);
    expect(flows(metricsServer, OUTSIDE, 80)).toBe(false);
  });

  test('let every pod resolve names', () => {
    for (const pod of [...services, operator, adapter, prometheus]) for (const protocol of ['UDP', 'TCP']) expect(flows(pod, DNS, 53, protocol)).toBe(true);
  });

  test('let nothing else through', () => {
    expect(flows(services[0]!, services[1]!, 8082)).toBe(false);
    expect(flows(services[1]!, OUTSIDE, 443)).toBe(false);
    expect(flows(services[1]!, prometheus, 9090)).toBe(false);
    expect(flows(services[2]!, OUTSIDE, 443)).toBe(false);
    expect(ingressOnly(named('observability', 'grafana'), services[0]!, 8080)).toBe(false);
    expect(ingressOnly(named('default', 'prometheus'), services[0]!, 8080)).toBe(false);
    expect(ingressOnly(OUTSIDE, services[0]!, 8080)).toBe(false);
    expect(ingressOnly(services[0]!, operator, 9666)).toBe(false);
    expect(ingressOnly(prometheus, services[0]!, 9090)).toBe(false);
  });

  test('are closed in every namespace before anybody opens them', () => {
    const namespaces = objectsOf(name, 'namespaces/').filter((object) => object.kind === 'Namespace').map((object) => object.metadata.name);
    expect(namespaces.length).toBeGreaterThan(3);
    for (const namespace of namespaces) expect(flows(named(namespace, 'stranger'), named(namespace, 'other'), 80)).toBe(false);
  });
});
