import { describe, expect, it } from 'vitest';
import { environments } from '../../../config';
import { STACKS } from '../../../config/facts';
import { stackOf } from '../support';
import { Role, rolesOf } from './roles';

/** What making a resource asks of whoever applies it. A type that is not here, and that a stack makes, is a finding: the deployer would learn of it in the middle of an apply. */
const ASKS: Readonly<Record<string, readonly string[]>> = {
  aws_athena_named_query: ['athena:CreateNamedQuery'], aws_athena_workgroup: ['athena:CreateWorkGroup'],
  aws_backup_plan: ['backup:CreateBackupPlan'], aws_backup_selection: ['backup:CreateBackupSelection', 'iam:PassRole'],
  aws_backup_vault: ['backup:CreateBackupVault', 'backup-storage:MountCapsule', 'kms:CreateGrant'], aws_backup_vault_lock_configuration: ['backup:PutBackupVaultLockConfiguration'],
  aws_bcmdataexports_export: ['bcm-data-exports:CreateExport', 'cur:PutReportDefinition'], aws_budgets_budget: ['budgets:ModifyBudget'],
  aws_ce_anomaly_monitor: ['ce:CreateAnomalyMonitor'], aws_ce_anomaly_subscription: ['ce:CreateAnomalySubscription'], aws_ce_cost_allocation_tag: ['ce:UpdateCostAllocationTagsStatus'],
  aws_cloudwatch_event_rule: ['events:PutRule'], aws_cloudwatch_event_target: ['events:PutTargets'], aws_cloudwatch_metric_alarm: ['cloudwatch:PutMetricAlarm'],
  aws_cloudwatch_log_group: ['logs:CreateLogGroup', 'logs:PutRetentionPolicy', 'logs:AssociateKmsKey'],
  aws_db_instance: ['rds:CreateDBInstance', 'kms:CreateGrant', 'secretsmanager:CreateSecret', 'secretsmanager:TagResource'], aws_db_parameter_group: ['rds:CreateDBParameterGroup'],
  aws_db_subnet_group: ['rds:CreateDBSubnetGroup'], aws_default_network_acl: ['ec2:DeleteNetworkAclEntry'], aws_default_security_group: ['ec2:RevokeSecurityGroupIngress'],
  aws_ec2_tag: ['ec2:CreateTags'], aws_ecr_lifecycle_policy: ['ecr:PutLifecyclePolicy'], aws_ecr_repository: ['ecr:CreateRepository'], aws_ecr_repository_policy: ['ecr:SetRepositoryPolicy'],
  aws_eip: ['ec2:AllocateAddress'], aws_eks_access_entry: ['eks:CreateAccessEntry'], aws_eks_access_policy_association: ['eks:AssociateAccessPolicy'],
  aws_eks_addon: ['eks:CreateAddon', 'iam:PassRole'], aws_eks_cluster: ['eks:CreateCluster', 'iam:PassRole', 'kms:CreateGrant'],
  aws_eks_node_group: ['eks:CreateNodegroup', 'ec2:RunInstances', 'iam:PassRole'], aws_eks_pod_identity_association: ['eks:CreatePodIdentityAssociation', 'iam:PassRole'],
  aws_elasticache_replication_group: ['elasticache:CreateReplicationGroup', 'kms:CreateGrant'], aws_elasticache_subnet_group: ['elasticache:CreateCacheSubnetGroup'],
  aws_elasticache_user: ['elasticache:CreateUser'], aws_elasticache_user_group: ['elasticache:CreateUserGroup'], aws_flow_log: ['ec2:CreateFlowLogs', 'iam:PassRole'],
  aws_glue_catalog_database: ['glue:CreateDatabase'], aws_glue_catalog_table: ['glue:CreateTable'], aws_grafana_workspace: ['grafana:CreateWorkspace', 'iam:PassRole'],
  aws_iam_policy: ['iam:CreatePolicy'], aws_iam_role: ['iam:CreateRole', 'iam:TagRole'], aws_iam_role_policy: ['iam:PutRolePolicy'], aws_iam_role_policy_attachment: ['iam:AttachRolePolicy'],
  aws_internet_gateway: ['ec2:CreateInternetGateway', 'ec2:AttachInternetGateway'], aws_kms_alias: ['kms:CreateAlias'], aws_kms_key: ['kms:CreateKey', 'kms:PutKeyPolicy', 'kms:EnableKeyRotation'],
  aws_launch_template: ['ec2:CreateLaunchTemplate'], aws_nat_gateway: ['ec2:CreateNatGateway'], aws_network_acl: ['ec2:CreateNetworkAcl', 'ec2:ReplaceNetworkAclAssociation'],
  aws_network_acl_rule: ['ec2:CreateNetworkAclEntry'], aws_prometheus_alert_manager_definition: ['aps:CreateAlertManagerDefinition'],
  aws_prometheus_rule_group_namespace: ['aps:CreateRuleGroupsNamespace'], aws_prometheus_workspace: ['aps:CreateWorkspace'], aws_prometheus_workspace_configuration: ['aps:UpdateWorkspaceConfiguration'],
  aws_route: ['ec2:CreateRoute'], aws_route_table: ['ec2:CreateRouteTable'], aws_route_table_association: ['ec2:AssociateRouteTable'], aws_s3_bucket: ['s3:CreateBucket', 's3:PutBucketTagging'],
  aws_s3_bucket_lifecycle_configuration: ['s3:PutLifecycleConfiguration'], aws_s3_bucket_logging: ['s3:PutBucketLogging'], aws_s3_bucket_ownership_controls: ['s3:PutBucketOwnershipControls'],
  aws_s3_bucket_policy: ['s3:PutBucketPolicy'], aws_s3_bucket_public_access_block: ['s3:PutBucketPublicAccessBlock'],
  aws_s3_bucket_server_side_encryption_configuration: ['s3:PutEncryptionConfiguration'], aws_s3_bucket_versioning: ['s3:PutBucketVersioning'],
  aws_secretsmanager_secret: ['secretsmanager:CreateSecret', 'secretsmanager:TagResource'], aws_security_group: ['ec2:CreateSecurityGroup', 'ec2:RevokeSecurityGroupEgress'],
  aws_sns_topic: ['sns:CreateTopic', 'sns:SetTopicAttributes'], aws_sns_topic_policy: ['sns:SetTopicAttributes'], aws_sns_topic_subscription: ['sns:Subscribe'],
  aws_sqs_queue: ['sqs:CreateQueue'], aws_sqs_queue_policy: ['sqs:SetQueueAttributes'], aws_subnet: ['ec2:CreateSubnet', 'ec2:ModifySubnetAttribute'],
  aws_vpc: ['ec2:CreateVpc', 'ec2:ModifyVpcAttribute'], aws_vpc_endpoint: ['ec2:CreateVpcEndpoint'],
  aws_vpc_security_group_egress_rule: ['ec2:AuthorizeSecurityGroupEgress'], aws_vpc_security_group_ingress_rule: ['ec2:AuthorizeSecurityGroupIngress'],
};

const list = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value);
const fits = (pattern: string, action: string) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'i').test(action);

/** Whether a role is given an action on anything, and not forbidden it on everything. */
function given(role: Role, action: string): boolean {
  const statements = role.policies.flatMap(({ policy }) => policy.Statement).filter(({ Action }) => list(Action).some((pattern) => fits(pattern, action)));
  return statements.some(({ Effect }) => Effect === 'Allow') && !statements.some(({ Effect, Resource, Condition }) => Effect === 'Deny' && Condition === undefined && list(Resource ?? '*').includes('*'));
}

describe.each(environments().map(({ name }) => name))('the deployer of %s', (name) => {
  const deployer = rolesOf(name).get(`tideline-${name}-deploy`)!;
  const types = [...new Set(STACKS.filter((stack) => stack !== 'foundation').flatMap((stack) => Object.keys(stackOf(name, stack).resource ?? {})))].filter((type) => type.startsWith('aws_'));

  it('may make every type of resource that its stacks consist of', () => {
    expect(types.length).toBeGreaterThan(50);
    expect(types.filter((type) => ASKS[type] === undefined)).toEqual([]);
    expect(types.flatMap((type) => ASKS[type]!.filter((action) => !given(deployer, action)).map((action) => `${type}: ${action}`))).toEqual([]);
  });

  it('is not given what no stack asks for', () => {
    for (const action of ['iam:CreateUser', 'iam:CreateAccessKey', 'iam:CreateOpenIDConnectProvider', 'lambda:CreateFunction', 'organizations:LeaveOrganization', 'secretsmanager:GetSecretValue']) {
      expect(given(deployer, action), action).toBe(false);
    }
  });
});
