import { describe, expect, it } from 'vitest';
import { ManagedGrafana, ManagedGrafanaProps } from '../../../components/cloud';
import { only, synthIn } from '../../support/synth-stack';

const props: ManagedGrafanaProps = { name: 'demo', account: '111111111111', region: 'eu-west-1', prometheusArn: 'arn:aws:aps:eu-west-1:111111111111:workspace/ws-1' };
const synth = (more: Partial<ManagedGrafanaProps> = {}) => synthIn((stack) => void new ManagedGrafana(stack, 'grafana', { ...props, ...more }));

interface Statement { readonly Action: string | string[]; readonly Resource: string }
const statements = (more?: Partial<ManagedGrafanaProps>) => (JSON.parse(only(synth(more), 'aws_iam_role_policy').policy) as { Statement: Statement[] }).Statement;

describe('a managed Grafana', () => {
  it('is entered through IAM Identity Center, with a role that AWS does not widen', () => {
    expect(only(synth(), 'aws_grafana_workspace')).toMatchObject({
      account_access_type: 'CURRENT_ACCOUNT', authentication_providers: ['AWS_SSO'], permission_type: 'CUSTOMER_MANAGED', data_sources: ['PROMETHEUS', 'CLOUDWATCH'],
    });
  });

  it('is the only one that may take its role, in this account', () => {
    expect(JSON.parse(only(synth(), 'aws_iam_role').assume_role_policy).Statement).toEqual([{
      Effect: 'Allow', Principal: { Service: 'grafana.amazonaws.com' }, Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' }, StringLike: { 'aws:SourceArn': 'arn:aws:grafana:eu-west-1:111111111111:/workspaces/*' } },
    }]);
  });

  it('may read and nothing else, of the one workspace only', () => {
    for (const action of statements().flatMap((each) => each.Action)) expect(action).toMatch(/^[a-z0-9]+:(Describe|Get|List|Query)[A-Za-z]+$/);
    const prometheus = statements().filter((each) => [each.Action].flat().some((action) => action.startsWith('aps:') && action !== 'aps:ListWorkspaces'));
    expect(prometheus.map((each) => each.Resource)).toEqual([props.prometheusArn]);
  });

  it('reads CloudWatch alone where there is no Prometheus', () => {
    const without = { prometheusArn: undefined } as unknown as Partial<ManagedGrafanaProps>;
    expect(only(synth(without), 'aws_grafana_workspace').data_sources).toEqual(['CLOUDWATCH']);
    expect(JSON.stringify(statements(without))).not.toContain('aps:');
  });

  it('refuses everything that is wrong at once', () => {
    expect(() => synth({ name: 'a b', account: 'x', version: 'latest' })).toThrow(/name\] got: "a b"[^]*account\] got: "x"[^]*version\] got: "latest"/);
  });
});
