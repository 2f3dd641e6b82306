import { describe, expect, it } from 'vitest';
import { providerWiringFaults, StackJson } from '../../../components/cloud';

const RESOURCE = { aws_eks_cluster: { main: { name: 'shore' } } };

describe('the wiring of providers', () => {
  it('may not come from a resource of the same apply', () => {
    const [fault, ...more] = providerWiringFaults('dev-all', {
      provider: { kubernetes: [{ host: '${aws_eks_cluster.main.endpoint}' }] }, resource: RESOURCE,
    });
    expect(more).toEqual([]);
    expect(fault).toMatchObject({ where: 'dev-all provider kubernetes', got: 'configured from aws_eks_cluster.main, which the same apply creates' });
  });

  it.each<[string, StackJson['data']]>([
    ['an expression', { aws_eks_cluster: { found: { name: '${aws_eks_cluster.main.name}' } } }],
    ['depends_on', { aws_eks_cluster: { found: { name: 'shore', depends_on: ['aws_eks_cluster.main'] } } }],
    ['another data source', { aws_eks_cluster: { found: { name: '${data.aws_ssm_parameter.name.value}' } }, aws_ssm_parameter: { name: { name: '${aws_eks_cluster.main.id}' } } }],
  ])('may not come from it through a data source either, by %s', (_, data) => {
    const faults = providerWiringFaults('dev-all', { provider: { helm: [{ kubernetes: { host: '${data.aws_eks_cluster.found.endpoint}' } }] }, resource: RESOURCE, data });
    expect(faults).toHaveLength(1);
    expect(faults[0]!.got).toMatch(/^configured from data\.aws_eks_cluster\.found -> .*aws_eks_cluster\.main, /);
  });

  it('may come from a data source that finds what another apply made', () => {
    expect(providerWiringFaults('dev-bootstrap', {
      provider: { helm: [{ kubernetes: { host: '${data.aws_eks_cluster.main.endpoint}', exec: { args: ['${data.aws_eks_cluster.main.name}'] } } }] },
      data: { aws_eks_cluster: { main: { name: 'shore' } } },
      resource: RESOURCE, // of the same name: the data source is not it
    })).toEqual([]);
  });

  it('names each provider, and each resource it leans on, once', () => {
    const faults = providerWiringFaults('dev-all', {
      provider: {
        kubernetes: [{ host: '${aws_eks_cluster.main.endpoint}', token: '${aws_eks_cluster.main.id}' }],
        helm: [{ kubernetes: { host: '${aws_eks_cluster.main.endpoint}', token: '${aws_kms_key.key.arn}' } }],
        aws: [{ region: 'eu-west-1' }],
      },
      resource: { ...RESOURCE, aws_kms_key: { key: {} } },
    });
    expect(faults.map((fault) => fault.where)).toEqual(['dev-all provider kubernetes', 'dev-all provider helm', 'dev-all provider helm']);
  });

  it('survives data sources that depend on each other in a circle', () => {
    const data = { aws_a: { one: { x: '${data.aws_a.two.id}' }, two: { x: '${data.aws_a.one.id}' } } };
    expect(providerWiringFaults('dev-all', { provider: { helm: [{ host: '${data.aws_a.one.id}' }] }, data, resource: RESOURCE })).toEqual([]);
  });
});
