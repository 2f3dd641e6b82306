/** What of a service of AWS the stacks use. Patterns of actions without the service's prefix. */
interface ServiceUse {
  /** To plan: what a refresh asks. Nothing here reads what users put into the service. */
  readonly read: readonly string[];
  /** To apply. */
  readonly write: readonly string[];
}

/** Services with resources of their own in a region, by the prefix of their actions. */
export const REGIONAL: Readonly<Record<string, ServiceUse>> = {
  ec2: {
    read: ['Describe*', 'Get*'],
    write: [
      'Allocate*', 'Associate*', 'Attach*', 'Authorize*', 'Create*', 'Delete*', 'Detach*', 'Disassociate*', 'Modify*', 'Release*', 'Replace*', 'Revoke*', 'Update*',
      'RunInstances', // asked of whoever makes a node group with a launch template
    ],
  },
  eks: { read: ['Describe*', 'List*'], write: ['Associate*', 'Create*', 'Delete*', 'Disassociate*', 'Tag*', 'Untag*', 'Update*'] },
  kms: {
    read: ['Describe*', 'GetKeyPolicy', 'GetKeyRotationStatus', 'List*'],
    write: [
      'CancelKeyDeletion', 'CreateAlias', 'CreateGrant', 'CreateKey', 'DeleteAlias', 'DisableKey', 'EnableKey', 'EnableKeyRotation', 'PutKeyPolicy', 'RevokeGrant',
      'ScheduleKeyDeletion', 'TagResource', 'UntagResource', 'UpdateAlias', 'UpdateKeyDescription',
    ],
  },
  logs: {
    read: ['Describe*', 'ListTagsForResource', 'ListTagsLogGroup'],
    write: [
      'AssociateKmsKey', 'CreateLogDelivery', 'CreateLogGroup', 'DeleteLogDelivery', 'DeleteLogGroup', 'DeleteResourcePolicy', 'DeleteRetentionPolicy', 'DisassociateKmsKey',
      'PutResourcePolicy', 'PutRetentionPolicy', 'TagResource', 'UntagResource',
    ],
  },
  sqs: { read: ['GetQueueAttributes', 'GetQueueUrl', 'List*'], write: ['CreateQueue', 'DeleteQueue', 'SetQueueAttributes', 'TagQueue', 'UntagQueue'] },
  sns: {
    read: ['Get*', 'List*'],
    write: ['CreateTopic', 'DeleteTopic', 'SetTopicAttributes', 'SetSubscriptionAttributes', 'Subscribe', 'TagResource', 'Unsubscribe', 'UntagResource'],
  },
  events: { read: ['Describe*', 'List*'], write: ['DeleteRule', 'DisableRule', 'EnableRule', 'PutRule', 'PutTargets', 'RemoveTargets', 'TagResource', 'UntagResource'] },
  cloudwatch: { read: ['Describe*', 'ListTagsForResource'], write: ['DeleteAlarms', 'PutMetricAlarm', 'TagResource', 'UntagResource'] },
  rds: {
    read: ['Describe*', 'ListTagsForResource'],
    write: ['AddTagsToResource', 'Create*', 'DeleteDBInstance', 'DeleteDBParameterGroup', 'DeleteDBSubnetGroup', 'Modify*', 'RebootDBInstance', 'RemoveTagsFromResource', 'ResetDBParameterGroup'],
  },
  elasticache: { read: ['Describe*', 'List*'], write: ['AddTagsToResource', 'Create*', 'Decrease*', 'Delete*', 'Increase*', 'Modify*', 'RemoveTagsFromResource'] },
  ecr: {
    read: ['Describe*', 'GetLifecyclePolicy', 'GetRegistryScanningConfiguration', 'GetRepositoryPolicy', 'ListTagsForResource'],
    write: ['CreateRepository', 'DeleteLifecyclePolicy', 'DeleteRepository', 'DeleteRepositoryPolicy', 'PutImageScanningConfiguration', 'PutImageTagMutability', 'PutLifecyclePolicy',
      'SetRepositoryPolicy', 'TagResource', 'UntagResource'],
  },
  secretsmanager: {
    read: ['DescribeSecret', 'GetResourcePolicy', 'ListSecrets'],
    write: ['CreateSecret', 'DeleteResourcePolicy', 'DeleteSecret', 'PutResourcePolicy', 'RestoreSecret', 'RotateSecret', 'TagResource', 'UntagResource', 'UpdateSecret'],
  },
  glue: { read: ['GetDatabase*', 'GetTable*', 'GetTags'], write: ['CreateDatabase', 'CreateTable', 'DeleteDatabase', 'DeleteTable', 'TagResource', 'UntagResource', 'UpdateDatabase', 'UpdateTable'] },
  athena: {
    read: ['GetNamedQuery', 'GetWorkGroup', 'ListTagsForResource'],
    write: ['CreateNamedQuery', 'CreateWorkGroup', 'DeleteNamedQuery', 'DeleteWorkGroup', 'TagResource', 'UntagResource', 'UpdateNamedQuery', 'UpdateWorkGroup'],
  },
  backup: {
    read: ['Describe*', 'GetBackupPlan', 'GetBackupSelection', 'GetBackupVaultAccessPolicy', 'List*'],
    write: ['CreateBackupPlan', 'CreateBackupSelection', 'CreateBackupVault', 'DeleteBackupPlan', 'DeleteBackupSelection', 'DeleteBackupVault', 'DeleteBackupVaultLockConfiguration',
      'PutBackupVaultLockConfiguration', 'TagResource', 'UntagResource', 'UpdateBackupPlan'],
  },
  'backup-storage': { read: [], write: ['MountCapsule'] }, // asked of whoever makes a vault with a key
  aps: { read: ['Describe*', 'List*'], write: ['Create*', 'Delete*', 'Put*', 'TagResource', 'UntagResource', 'Update*'] },
  grafana: { read: ['Describe*', 'List*'], write: ['AssociateLicense', 'CreateWorkspace', 'DeleteWorkspace', 'TagResource', 'UntagResource', 'UpdateWorkspace', 'UpdateWorkspaceAuthentication', 'UpdateWorkspaceConfiguration'] },
  elasticloadbalancing: { read: ['Describe*'], write: [] }, // what a destroy leaves behind is told
  tag: { read: ['GetResources'], write: [] },
};

/** Services that answer in one region for all. */
export const GLOBAL: Readonly<Record<string, ServiceUse>> = {
  budgets: { read: ['ListTagsForResource', 'ViewBudget', 'DescribeBudget*'], write: ['ModifyBudget', 'TagResource', 'UntagResource'] },
  ce: {
    read: ['GetAnomaly*', 'ListCostAllocationTags', 'ListTagsForResource'],
    write: ['CreateAnomaly*', 'DeleteAnomaly*', 'TagResource', 'UntagResource', 'UpdateAnomaly*', 'UpdateCostAllocationTagsStatus'],
  },
  'bcm-data-exports': { read: ['Get*', 'List*'], write: ['CreateExport', 'DeleteExport', 'TagResource', 'UntagResource', 'UpdateExport'] },
  cur: { read: ['DescribeReportDefinitions'], write: ['DeleteReportDefinition', 'PutReportDefinition'] }, // asked of whoever makes an export
};

/** Roles that services make for themselves, by the service that asks. */
export const SERVICE_LINKED_ROLES: readonly string[] = [
  'eks.amazonaws.com', 'eks-nodegroup.amazonaws.com', 'autoscaling.amazonaws.com', 'spot.amazonaws.com', 'spotfleet.amazonaws.com', 'rds.amazonaws.com', 'elasticache.amazonaws.com',
  'elasticloadbalancing.amazonaws.com', 'backup.amazonaws.com', 'grafana.amazonaws.com', 'replication.ecr.amazonaws.com',
];

/** Services that roles of the stacks are passed to. */
export const PASSED_TO: readonly string[] = [
  'eks.amazonaws.com', 'pods.eks.amazonaws.com', 'ec2.amazonaws.com', 'vpc-flow-logs.amazonaws.com', 'monitoring.rds.amazonaws.com', 'backup.amazonaws.com', 'grafana.amazonaws.com',
];

/** Actions of a table, with their prefixes. */
export function actionsOf(services: Readonly<Record<string, ServiceUse>>, ...kinds: readonly (keyof ServiceUse)[]): string[] {
  return Object.entries(services).flatMap(([prefix, use]) => kinds.flatMap((kind) => use[kind]).map((action) => `${prefix}:${action}`));
}
