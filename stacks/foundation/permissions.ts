import type { PolicyStatement } from '../../components/cloud';
import type { Environment } from '../../config';
import { boundaryName, factsOf } from '../../config/facts';
import { actionsOf, GLOBAL, PASSED_TO, REGIONAL, SERVICE_LINKED_ROLES } from './services';

/** Regions that what is global is asked in. */
const HOME = 'us-east-1';

/** What the people and pipelines of an environment may do, as policies by name. */
export interface DeliveryPermissions {
  readonly deploy: Readonly<Record<string, readonly PolicyStatement[]>>;
  readonly plan: Readonly<Record<string, readonly PolicyStatement[]>>;
  /** What nothing that the deployer makes can do, whatever it is given. */
  readonly boundary: readonly PolicyStatement[];
}

/**
 * Permissions of the roles that deploy and plan an environment.
 *
 * The deployer makes roles, which is how deployers become administrators: so each role it makes has to carry the boundary and a name of the environment, it passes roles to the services that the
 * stacks use only, and it cannot touch the boundary, its own role, its own policies, or the provider by which it is trusted.
 */
export function deliveryPermissions(environment: Environment): DeliveryPermissions {
  const { account, region, name } = environment;
  const facts = factsOf(environment);
  const prefix = `tideline-${name}`;
  const iam = (kind: string, resource: string) => `arn:aws:iam::${account}:${kind}/${resource}`;
  const boundary = iam('policy', boundaryName(name));
  const own = [
    iam('role', `${prefix}-deploy`), iam('role', `${prefix}-plan`), iam('policy', `${prefix}-deploy-*`), iam('policy', `${prefix}-plan-*`), boundary, facts.githubProviderArn,
  ];
  const bucket = `arn:aws:s3:::${facts.state.bucket}`;
  const buckets = `arn:aws:s3:::${prefix}-*`;
  const here = { StringEquals: { 'aws:RequestedRegion': region } };
  const allow = (Sid: string, Action: readonly string[], Resource: readonly string[], Condition?: PolicyStatement['Condition']): PolicyStatement =>
    ({ Sid, Effect: 'Allow', Action, Resource, ...(Condition ? { Condition } : {}) });
  const deny = (Sid: string, Action: readonly string[], Resource: readonly string[], Condition?: PolicyStatement['Condition']): PolicyStatement => ({ ...allow(Sid, Action, Resource, Condition), Effect: 'Deny' });
  const pick = (names: readonly string[]) => Object.fromEntries(names.map((each) => [each, REGIONAL[each]!]));

  const machines = ['ec2', 'eks', 'kms', 'logs', 'elasticloadbalancing', 'tag'];
  const reading: PolicyStatement[] = [
    allow('ReadTheRegion', actionsOf(REGIONAL, 'read'), ['*'], here),
    allow('ReadWhatIsGlobal', [...actionsOf(GLOBAL, 'read'), 'iam:Get*', 'iam:List*'], ['*'], { StringEquals: { 'aws:RequestedRegion': [region, HOME] } }),
    allow('ReadSettingsOfBuckets', ['s3:GetBucket*', 's3:GetEncryptionConfiguration', 's3:GetLifecycleConfiguration', 's3:GetAccelerateConfiguration', 's3:GetReplicationConfiguration', 's3:ListBucket'], [buckets]),
    allow('ReadStates', ['s3:GetObject'], [`${bucket}/${name}/*`]),
  ];
  // Reading settings is not reading contents; a policy that AWS widens one day must not change that.
  const contents = deny('NotWhatIsKept', [
    'secretsmanager:GetSecretValue', 'secretsmanager:BatchGetSecretValue', 'ssm:GetParameter*', 'athena:GetQueryResults', 'athena:StartQueryExecution',
    'logs:GetLogEvents', 'logs:FilterLogEvents', 'logs:StartQuery', 'rds:DownloadDBLogFilePortion', 'rds-db:connect', 'sqs:ReceiveMessage', 'ecr:BatchGetImage', 'ec2:GetPasswordData', 'ec2:GetConsoleOutput',
  ], ['*']);

  // These services act with the rights of whoever makes an encrypted secret, database, vault, repository or workspace, and use its key once to see that they can.
  const makers = ['aps', 'backup', 'ecr', 'rds', 'secretsmanager'].map((service) => `${service}.${region}.amazonaws.com`);

  return {
    deploy: {
      machines: [
        allow('MakeMachines', actionsOf(pick(machines), 'read', 'write'), ['*'], here),
      ],
      services: [
        allow('MakeServices', actionsOf(pick(Object.keys(REGIONAL).filter((each) => !machines.includes(each))), 'read', 'write'), ['*'], here),
      ],
      accounts: [
        allow('MakeWhatIsGlobal', actionsOf(GLOBAL, 'read', 'write'), ['*'], { StringEquals: { 'aws:RequestedRegion': [region, HOME] } }),
        allow('MakeBuckets', ['s3:CreateBucket', 's3:DeleteBucket*', 's3:Get*Configuration', 's3:GetBucket*', 's3:ListBucket*', 's3:Put*Configuration', 's3:PutBucket*'], [buckets]),
        allow('EmptyBuckets', ['s3:DeleteObject', 's3:DeleteObjectVersion'], [`${buckets}/*`]),
        allow('KeepStates', ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [`${bucket}/${name}/*`]), // deleting is how a lock is given back
        allow('UseKeysAsMaker', ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:RetireGrant'], [`arn:aws:kms:${region}:${account}:key/*`], { StringEquals: { 'kms:ViaService': makers } }),
        allow('ReadIdentities', ['iam:Get*', 'iam:List*'], ['*']),
        allow('MakeBoundedRoles', ['iam:CreateRole', 'iam:AttachRolePolicy', 'iam:DetachRolePolicy', 'iam:PutRolePolicy', 'iam:DeleteRolePolicy', 'iam:PutRolePermissionsBoundary'],
          [iam('role', `${prefix}-*`)], { StringEquals: { 'iam:PermissionsBoundary': boundary } }),
        allow('ChangeOwnRoles', ['iam:DeleteRole', 'iam:TagRole', 'iam:UntagRole', 'iam:UpdateRole', 'iam:UpdateRoleDescription', 'iam:UpdateAssumeRolePolicy'], [iam('role', `${prefix}-*`)]),
        allow('MakePolicies', ['iam:CreatePolicy', 'iam:CreatePolicyVersion', 'iam:DeletePolicy', 'iam:DeletePolicyVersion', 'iam:TagPolicy', 'iam:UntagPolicy'], [iam('policy', `${prefix}-*`)]),
        allow('PassRoles', ['iam:PassRole'], [iam('role', `${prefix}-*`)], { StringEquals: { 'iam:PassedToService': PASSED_TO } }),
        allow('LetServicesMakeTheirs', ['iam:CreateServiceLinkedRole'], [iam('role', 'aws-service-role/*')], { StringEquals: { 'iam:AWSServiceName': SERVICE_LINKED_ROLES } }),
      ],
      guard: [
        deny('NotWhatBindsIt', [
          'iam:Attach*', 'iam:Create*', 'iam:Delete*', 'iam:Detach*', 'iam:PassRole', 'iam:Put*', 'iam:Remove*', 'iam:Add*', 'iam:SetDefaultPolicyVersion', 'iam:Tag*', 'iam:Untag*', 'iam:Update*',
        ], own),
        deny('NotTheBoundaryOff', ['iam:DeleteRolePermissionsBoundary'], ['*']),
        deny('NotTheBucketOfStates', ['s3:DeleteBucket*', 's3:PutBucket*', 's3:PutLifecycleConfiguration', 's3:PutEncryptionConfiguration', 's3:DeleteObjectVersion'], [bucket, `${bucket}/*`]),
        contents,
        deny('NotKeysByItself', ['kms:Decrypt'], ['*'], { StringNotEqualsIfExists: { 'kms:ViaService': makers } }),
      ],
    },
    plan: { read: reading, guard: [contents, deny('NoKeys', ['kms:Decrypt'], ['*'])] },
    boundary: [
      allow('WhatPoliciesGive', ['*'], ['*']),
      deny('NoIdentities', [
        'iam:AddUserToGroup', 'iam:AddClientIDToOpenIDConnectProvider', 'iam:Attach*', 'iam:Create*Key', 'iam:CreateGroup', 'iam:CreateLoginProfile', 'iam:CreateOpenIDConnectProvider', 'iam:CreatePolicy*', 'iam:CreateRole', 'iam:CreateSAMLProvider',
        'iam:CreateUser', 'iam:DeleteRole*', 'iam:DeletePolicy*', 'iam:DeleteOpenIDConnectProvider', 'iam:Detach*', 'iam:Put*', 'iam:SetDefaultPolicyVersion', 'iam:Update*',
      ], ['*']),
      deny('NoAccountSettings', ['account:*', 'organizations:*', 'sso:*', 'sso-directory:*', 'identitystore:*'], ['*']),
      deny('NoStates', ['s3:*'], [bucket, `${bucket}/*`]),
      deny('NoKeysThrownAway', ['kms:ScheduleKeyDeletion', 'kms:PutKeyPolicy', 'kms:DisableKey'], ['*']),
      deny('NoOtherDeployer', ['sts:AssumeRole', 'sts:AssumeRoleWithWebIdentity'], own.slice(0, 2)),
    ],
  };
}
