import { describe, expect, test } from 'vitest';
import { Allow, AllowProps, DefaultDeny } from '../../../components';
import { refusal } from '../../support/sample-service';
import { objectOf, synthChart } from '../../support/synth';

const allow = (props: Partial<AllowProps>) => objectOf(synthChart((chart) => new Allow(chart, 'allow', { namespace: 'samples', name: 'sample', ...props })), 'NetworkPolicy');
const NAMES = {
  to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } }, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
  ports: [{ protocol: 'UDP', port: 53 }, { protocol: 'TCP', port: 53 }],
};

describe('DefaultDeny', () => {
  test('refuses everything of every pod but name resolution', () => {
    const policy = objectOf(synthChart((chart) => new DefaultDeny(chart, 'deny', { namespace: 'samples' })), 'NetworkPolicy');
    expect(policy.metadata).toEqual({ name: 'default-deny', namespace: 'samples' });
    expect(policy.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'], egress: [NAMES] });
  });

  test('carries labels if it is given some', () => {
    const policy = objectOf(synthChart((chart) => new DefaultDeny(chart, 'deny', { namespace: 'samples', labels: { team: 'crew' } })), 'NetworkPolicy');
    expect(policy.metadata).toMatchObject({ labels: { team: 'crew' } });
  });
});

describe('Allow', () => {
  test('lets the named callers in, and nothing out but name resolution', () => {
    expect(allow({ from: [{ peer: { namespace: 'shop', name: 'cart' }, port: 80 }] }).spec).toEqual({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'sample' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } }, podSelector: { matchLabels: { 'app.kubernetes.io/name': 'cart' } } }],
        ports: [{ protocol: 'TCP', port: 80 }],
      }],
      egress: [NAMES],
    });
  });

  test('lets it call the named services, and nobody in', () => {
    const { spec } = allow({ to: [{ peer: { namespace: 'data' }, port: 5432 }, { port: 443 }], labels: { team: 'crew' } });
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(spec).not.toHaveProperty('ingress');
    expect(spec.egress).toEqual([
      NAMES,
      { to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'data' } } }], ports: [{ protocol: 'TCP', port: 5432 }] },
      { ports: [{ protocol: 'TCP', port: 443 }] }, // anywhere: no pod selector reaches the Kubernetes API
    ]);
  });

  test('keeps namespace and pods of a peer in one element: apart they would mean either', () => {
    const [rule] = allow({ from: [{ peer: { namespace: 'shop', name: 'cart' }, port: 80 }] }).spec.ingress;
    expect(rule.from).toHaveLength(1);
    expect(Object.keys(rule.from[0]).sort()).toEqual(['namespaceSelector', 'podSelector']);
  });

  test('lets it call addresses, and refuses what are none, or pods at the same time', () => {
    expect(allow({ to: [{ block: '169.254.170.23/32', port: 80 }] }).spec.egress[1]).toEqual({ to: [{ ipBlock: { cidr: '169.254.170.23/32' } }], ports: [{ protocol: 'TCP', port: 80 }] });
    expect(allow({ from: [{ block: '10.0.0.0/16', port: 80 }] }).spec.ingress).toEqual([{ from: [{ ipBlock: { cidr: '10.0.0.0/16' } }], ports: [{ protocol: 'TCP', port: 80 }] }]);
    expect(refusal(() => allow({ from: [{ block: '10.0.0.1/16', port: 80 }], to: [{ block: '10.0.0.0/16', peer: { namespace: 'shop' }, port: 80 }] }))).toEqual([
      'test/allow from[0].block | "10.0.0.1/16"', 'test/allow to[0].block | "10.0.0.0/16" and a peer',
    ]);
  });

  test('refuses to allow nothing', () => {
    expect(refusal(() => allow({}))).toEqual(['test/allow | neither from nor to']);
    expect(refusal(() => allow({ from: [], to: [] }))).toHaveLength(1);
  });

  test('refuses ports that do not exist, all at once', () => {
    expect(refusal(() => allow({ from: [{ port: 0 }, { port: 80 }], to: [{ port: 65536 }, { port: 1.5 }] }))).toEqual([
      'test/allow from[0].port | 0', 'test/allow to[0].port | 65536', 'test/allow to[1].port | 1.5',
    ]);
    expect(allow({ from: [{ port: 1 }], to: [{ port: 65535 }] }).spec.ingress).toHaveLength(1);
  });
});
