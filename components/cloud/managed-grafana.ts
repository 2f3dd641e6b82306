import { GrafanaWorkspace, GrafanaWorkspaceConfig } from '@cdktf/provider-aws/lib/grafana-workspace';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';

/** Props of {@link ManagedGrafana}. */
export interface ManagedGrafanaProps {
  /** Name of the workspace, 1 to 255 letters, digits, `-`, `.`, `_` and `~`. */
  readonly name: string;
  /** Number of the account, 12 digits. */
  readonly account: string;
  /** Region of the workspace, e.g. `eu-west-1`. */
  readonly region: string;
  /** ARN of the Prometheus workspace it shows. @default - CloudWatch only */
  readonly prometheusArn?: string;
  /** Minor version of Grafana, as AWS offers them. @default '10.4' */
  readonly version?: string;
  /** The way out: gets the finished configuration and returns the one to use. @default - as built here */
  readonly transform?: (config: GrafanaWorkspaceConfig) => GrafanaWorkspaceConfig;
}

/** A workspace of Amazon Managed Grafana that people enter through IAM Identity Center, and which can read metrics and nothing else. */
export class ManagedGrafana extends Construct {
  readonly workspace: GrafanaWorkspace;
  readonly role: IamRole;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: ManagedGrafanaProps) {
    super(scope, id);
    refuse(`the Grafana workspace ${show(props.name)} cannot be built`, grafanaFaults(props, this.node.path));
    const { account, region } = props;
    this.role = new IamRole(this, 'Role', {
      name: `${props.name}-grafana`, description: `What Grafana of ${props.name} may read`,
      assumeRolePolicy: policy([{
        Effect: 'Allow', Principal: { Service: 'grafana.amazonaws.com' }, Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': account }, StringLike: { 'aws:SourceArn': `arn:aws:grafana:${region}:${account}:/workspaces/*` } },
      }]),
    });
    const permissions = new IamRolePolicy(this, 'Reads', { name: 'reads', role: this.role.name, policy: policy(statements(props)) });
    const config: GrafanaWorkspaceConfig = {
      name: props.name, accountAccessType: 'CURRENT_ACCOUNT', authenticationProviders: ['AWS_SSO'],
      permissionType: 'CUSTOMER_MANAGED', // AWS would widen a role it manages by itself
      roleArn: this.role.arn, grafanaVersion: props.version ?? '10.4',
      dataSources: [...(props.prometheusArn === undefined ? [] : ['PROMETHEUS']), 'CLOUDWATCH'],
      configuration: JSON.stringify({ plugins: { pluginAdminEnabled: false }, unifiedAlerting: { enabled: true } }),
      dependsOn: [permissions],
    };
    this.workspace = new GrafanaWorkspace(this, 'Resource', props.transform?.(config) ?? config);
  }
}

function statements({ prometheusArn }: ManagedGrafanaProps): object[] {
  return [
    // CloudWatch's reads and these lists know no resource to name.
    { Sid: 'Metrics', Effect: 'Allow', Action: ['cloudwatch:DescribeAlarms', 'cloudwatch:DescribeAlarmsForMetric', 'cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'], Resource: '*' },
    { Sid: 'NamesOfThings', Effect: 'Allow', Action: ['ec2:DescribeInstances', 'ec2:DescribeRegions', 'ec2:DescribeTags', 'tag:GetResources'], Resource: '*' },
    ...(prometheusArn === undefined ? [] : [
      { Sid: 'PrometheusList', Effect: 'Allow', Action: 'aps:ListWorkspaces', Resource: '*' },
      { Sid: 'Prometheus', Effect: 'Allow', Action: ['aps:DescribeWorkspace', 'aps:GetLabels', 'aps:GetMetricMetadata', 'aps:GetSeries', 'aps:QueryMetrics'], Resource: prometheusArn },
    ]),
  ];
}

function policy(all: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: all });
}

function grafanaFaults(props: ManagedGrafanaProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  need(/^[\w.~-]{1,56}$/.test(props.name), 'name', props.name, '1 to 56 letters, digits, - . _ and ~: its role has a suffix and 64 characters', 'choose such a name');
  need(/^\d{12}$/.test(props.account), 'account', props.account, '12 digits', 'give the number of the account');
  need(props.version === undefined || /^\d+\.\d+$/.test(props.version), 'version', props.version, 'a minor version such as 10.4', 'aws grafana list-versions tells which there are');
  return faults;
}
