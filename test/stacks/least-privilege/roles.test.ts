import { describe, expect, it } from 'vitest';
import { environments } from '../../../config';
import { Role, rolesOf, StatementText } from './roles';
import { mayAssume, mayDo } from './simulate';

const A = '111111111111';
const DEV = rolesOf('dev');
const PROD = rolesOf('prod');
const role = (name: string, roles = DEV): Role => roles.get(name) ?? (() => { throw new Error(`no role ${name} among ${[...roles.keys()].join(', ')}`); })();
const list = (value: string | readonly string[] | undefined): readonly string[] => (value === undefined ? [] : typeof value === 'string' ? [value] : value);

const PROVIDER = `arn:aws:iam::${A}:oidc-provider/token.actions.githubusercontent.com`;
const claims = (sub: string, ref: string, aud = 'sts.amazonaws.com') => ({
  'token.actions.githubusercontent.com:aud': aud, 'token.actions.githubusercontent.com:sub': sub, 'token.actions.githubusercontent.com:ref': ref,
});
const MAIN = 'refs/heads/main';

describe('who may assume what', () => {
  it.each<[string, string, string, Readonly<Record<string, string>>, 'allowed' | 'denied', string?]>([
    ['a job of the environment, from its branch', 'tideline-dev-deploy', PROVIDER, claims('repo:example/tideline:environment:dev', MAIN), 'allowed'],
    ['that job from another branch', 'tideline-dev-deploy', PROVIDER, claims('repo:example/tideline:environment:dev', 'refs/heads/feature'), 'denied'],
    ['a job of another environment', 'tideline-dev-deploy', PROVIDER, claims('repo:example/tideline:environment:prod', MAIN), 'denied'],
    ['a run of the branch without its environment', 'tideline-dev-deploy', PROVIDER, claims('repo:example/tideline:ref:refs/heads/main', MAIN), 'denied'],
    ['a pull request', 'tideline-dev-deploy', PROVIDER, claims('repo:example/tideline:pull_request', 'refs/pull/7/merge'), 'denied'],
    ['a fork', 'tideline-dev-deploy', PROVIDER, claims('repo:somebody/tideline:environment:dev', MAIN), 'denied'],
    ['a repository whose name goes on', 'tideline-dev-deploy', PROVIDER, claims('repo:example/tideline-evil:environment:dev', MAIN), 'denied'],
    ['a token made out for somebody else', 'tideline-dev-deploy', PROVIDER, claims('repo:example/tideline:environment:dev', MAIN, 'https://elsewhere.example'), 'denied'],
    ['another provider', 'tideline-dev-deploy', `arn:aws:iam::${A}:oidc-provider/tokens.example`, claims('repo:example/tideline:environment:dev', MAIN), 'denied'],
    ['a pull request', 'tideline-dev-plan', PROVIDER, claims('repo:example/tideline:pull_request', 'refs/pull/7/merge'), 'allowed'],
    ['a pull request of a fork\'s own', 'tideline-dev-plan', PROVIDER, claims('repo:somebody/tideline:pull_request', 'refs/pull/7/merge'), 'denied'],
    ['a run of main', 'tideline-dev-publish', PROVIDER, claims('repo:example/tideline:ref:refs/heads/main', MAIN), 'allowed'],
    ['a run of another branch', 'tideline-dev-publish', PROVIDER, claims('repo:example/tideline:ref:refs/heads/mainly', 'refs/heads/mainly'), 'denied'],
  ])('%s as %s', async (_, name, principal, context, expected) => {
    const { ['token.actions.githubusercontent.com:ref']: ref, ...rest } = context;
    const trust = role(name);
    // The claim is part of the question where the role asks for it.
    const asked = JSON.stringify(trust.trust).includes(':ref"') ? { ...rest, 'token.actions.githubusercontent.com:ref': ref! } : rest;
    expect(await mayAssume(trust, principal, 'sts:AssumeRoleWithWebIdentity', asked)).toBe(expected);
  });

  it.each<[string, string, 'allowed' | 'denied']>([
    ['refs/tags/v1.2.3', 'repo:example/tideline:environment:prod', 'allowed'],
    ['refs/heads/v1', 'repo:example/tideline:environment:prod', 'denied'],
    ['refs/heads/main', 'repo:example/tideline:environment:prod', 'denied'],
    ['refs/tags/nightly', 'repo:example/tideline:environment:prod', 'denied'],
  ])('production from %s', async (ref, sub, expected) => {
    const trust = role('tideline-prod-deploy', PROD);
    expect(await mayAssume(trust, PROVIDER.replace(A, '333333333333'), 'sts:AssumeRoleWithWebIdentity', claims(sub, ref))).toBe(expected);
  });

  const pod = (namespace: string, account: string, cluster = 'tideline-dev', source = A) => ({
    'aws:SourceAccount': source, 'aws:RequestTag/eks-cluster-arn': `arn:aws:eks:us-east-1:${A}:cluster/${cluster}`,
    'aws:RequestTag/kubernetes-namespace': namespace, 'aws:RequestTag/kubernetes-service-account': account,
  });
  it.each<[string, string, ReturnType<typeof pod>, 'allowed' | 'denied']>([
    ['its own pods', 'tideline-dev-cost-cost', pod('cost', 'cost'), 'allowed'],
    ['pods of another account of its namespace', 'tideline-dev-cost-cost', pod('cost', 'default'), 'denied'],
    ['pods of another namespace', 'tideline-dev-cost-cost', pod('catalog', 'cost'), 'denied'],
    ['such pods on another cluster', 'tideline-dev-cost-cost', pod('cost', 'cost', 'somebody-elses'), 'denied'],
    ['such pods of another account of AWS', 'tideline-dev-cost-cost', pod('cost', 'cost', 'tideline-dev', '999999999999'), 'denied'],
    ['Karpenter', 'tideline-dev-karpenter', pod('kube-system', 'karpenter'), 'allowed'],
    ['another pod beside Karpenter', 'tideline-dev-karpenter', pod('kube-system', 'coredns'), 'denied'],
    ['the network plugin', 'tideline-dev-vpc-cni', pod('kube-system', 'aws-node'), 'allowed'],
    ['a workload as the network plugin', 'tideline-dev-vpc-cni', pod('catalog', 'catalog'), 'denied'],
    ['the volume driver of another cluster', 'tideline-dev-aws-ebs-csi-driver', pod('kube-system', 'ebs-csi-controller-sa', 'other'), 'denied'],
  ])('%s as %s', async (_, name, context, expected) => {
    for (const action of ['sts:AssumeRole', 'sts:TagSession']) expect(await mayAssume(role(name), 'pods.eks.amazonaws.com', action, context), action).toBe(expected);
  });
});

const HERE = { 'aws:RequestedRegion': 'us-east-1' };
const BOUNDED = { 'iam:PermissionsBoundary': `arn:aws:iam::${A}:policy/tideline-dev-boundary` };
const STATE = 'arn:aws:s3:::tideline-dev-state-111111111111';
const iam = (resource: string) => `arn:aws:iam::${A}:${resource}`;

describe('what the roles may do', () => {
  it.each<[string, string, string, Readonly<Record<string, string>>, 'allowed' | 'denied']>([
    // The deployer makes what the stacks consist of, in its region,
    ['deploy', 'ec2:CreateVpc', `arn:aws:ec2:us-east-1:${A}:vpc/vpc-1`, HERE, 'allowed'],
    ['deploy', 'ec2:CreateVpc', `arn:aws:ec2:ap-south-1:${A}:vpc/vpc-1`, { 'aws:RequestedRegion': 'ap-south-1' }, 'denied'],
    ['deploy', 'eks:CreateCluster', '*', HERE, 'allowed'],
    ['deploy', 'rds:CreateDBInstance', `arn:aws:rds:us-east-1:${A}:db:tideline-dev`, HERE, 'allowed'],
    ['deploy', 's3:CreateBucket', 'arn:aws:s3:::tideline-dev-billing-111111111111', {}, 'allowed'],
    ['deploy', 's3:CreateBucket', 'arn:aws:s3:::somebody-elses', {}, 'denied'],
    ['deploy', 's3:PutObject', `${STATE}/dev/cluster.tfstate`, {}, 'allowed'],
    ['deploy', 's3:PutObject', `${STATE}/prod/cluster.tfstate`, {}, 'denied'],
    // reads none of what is kept there,
    ['deploy', 'secretsmanager:CreateSecret', `arn:aws:secretsmanager:us-east-1:${A}:secret:tideline/dev/catalog-abcdef`, HERE, 'allowed'],
    ['deploy', 'secretsmanager:GetSecretValue', `arn:aws:secretsmanager:us-east-1:${A}:secret:tideline/dev/catalog-abcdef`, HERE, 'denied'],
    ['deploy', 's3:GetObject', 'arn:aws:s3:::tideline-dev-billing-111111111111/focus/aws/x.parquet', {}, 'denied'],
    ['deploy', 'kms:Decrypt', `arn:aws:kms:us-east-1:${A}:key/1`, HERE, 'denied'],
    ['deploy', 'kms:Decrypt', `arn:aws:kms:us-east-1:${A}:key/1`, { ...HERE, 'kms:ViaService': 's3.us-east-1.amazonaws.com' }, 'denied'],
    // but services that use a key for what it makes may,
    ['deploy', 'kms:Decrypt', `arn:aws:kms:us-east-1:${A}:key/1`, { ...HERE, 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' }, 'allowed'],
    ['deploy', 'kms:GenerateDataKey', `arn:aws:kms:us-east-1:${A}:key/1`, { ...HERE, 'kms:ViaService': 'backup.us-east-1.amazonaws.com' }, 'allowed'],
    ['plan', 'kms:Decrypt', `arn:aws:kms:us-east-1:${A}:key/1`, { ...HERE, 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' }, 'denied'],
    ['deploy', 'ecr:PutImage', `arn:aws:ecr:us-east-1:${A}:repository/tideline/catalog`, HERE, 'denied'],
    // and does not make itself more than it is.
    ['deploy', 'iam:CreateRole', iam('role/tideline-dev-new'), BOUNDED, 'allowed'],
    ['deploy', 'iam:CreateRole', iam('role/tideline-dev-new'), {}, 'denied'],
    ['deploy', 'iam:CreateRole', iam('role/tideline-dev-new'), { 'iam:PermissionsBoundary': iam('policy/wider') }, 'denied'],
    ['deploy', 'iam:CreateRole', iam('role/another'), BOUNDED, 'denied'],
    ['deploy', 'iam:PutRolePolicy', iam('role/tideline-dev-node'), BOUNDED, 'allowed'],
    ['deploy', 'iam:PutRolePolicy', iam('role/tideline-dev-node'), {}, 'denied'],
    ['deploy', 'iam:PutRolePolicy', iam('role/tideline-dev-deploy'), BOUNDED, 'denied'],
    ['deploy', 'iam:AttachRolePolicy', iam('role/tideline-dev-plan'), BOUNDED, 'denied'],
    ['deploy', 'iam:UpdateAssumeRolePolicy', iam('role/tideline-dev-node'), {}, 'allowed'],
    ['deploy', 'iam:UpdateAssumeRolePolicy', iam('role/tideline-dev-deploy'), {}, 'denied'],
    ['deploy', 'iam:DeleteRolePermissionsBoundary', iam('role/tideline-dev-node'), {}, 'denied'],
    ['deploy', 'iam:CreatePolicyVersion', iam('policy/tideline-dev-publish-push'), {}, 'allowed'],
    ['deploy', 'iam:CreatePolicyVersion', iam('policy/tideline-dev-boundary'), {}, 'denied'],
    ['deploy', 'iam:CreatePolicyVersion', iam('policy/tideline-dev-deploy-guard'), {}, 'denied'],
    ['deploy', 'iam:DeleteOpenIDConnectProvider', iam('oidc-provider/token.actions.githubusercontent.com'), {}, 'denied'],
    ['deploy', 'iam:PassRole', iam('role/tideline-dev-node'), { 'iam:PassedToService': 'ec2.amazonaws.com' }, 'allowed'],
    ['deploy', 'iam:PassRole', iam('role/tideline-dev-node'), { 'iam:PassedToService': 'lambda.amazonaws.com' }, 'denied'],
    ['deploy', 'iam:PassRole', iam('role/Administrator'), { 'iam:PassedToService': 'ec2.amazonaws.com' }, 'denied'],
    ['deploy', 'iam:PassRole', iam('role/tideline-dev-deploy'), { 'iam:PassedToService': 'ec2.amazonaws.com' }, 'denied'],
    ['deploy', 'iam:CreateUser', iam('user/eve'), {}, 'denied'],
    ['deploy', 'iam:CreateAccessKey', iam('user/eve'), {}, 'denied'],
    ['deploy', 's3:PutBucketPolicy', STATE, {}, 'denied'],
    ['deploy', 's3:DeleteBucket', STATE, {}, 'denied'],
    ['deploy', 's3:DeleteBucket', 'arn:aws:s3:::tideline-dev-query-results-111111111111', {}, 'allowed'],
    // A plan reads settings and states, and nothing else.
    ['plan', 'ec2:DescribeVpcs', '*', HERE, 'allowed'],
    ['plan', 'iam:GetRole', iam('role/tideline-dev-node'), HERE, 'allowed'],
    ['plan', 's3:GetObject', `${STATE}/dev/cluster.tfstate`, {}, 'allowed'],
    ['plan', 's3:GetObject', 'arn:aws:s3:::tideline-dev-billing-111111111111/focus/aws/x.parquet', {}, 'denied'],
    ['plan', 's3:PutObject', `${STATE}/dev/cluster.tfstate`, {}, 'denied'],
    ['plan', 'secretsmanager:DescribeSecret', `arn:aws:secretsmanager:us-east-1:${A}:secret:tideline/dev/catalog-abcdef`, HERE, 'allowed'],
    ['plan', 'secretsmanager:GetSecretValue', `arn:aws:secretsmanager:us-east-1:${A}:secret:tideline/dev/catalog-abcdef`, HERE, 'denied'],
    ['plan', 'eks:CreateCluster', '*', HERE, 'denied'],
    ['plan', 'iam:PassRole', iam('role/tideline-dev-node'), { 'iam:PassedToService': 'ec2.amazonaws.com' }, 'denied'],
    ['plan', 'iam:CreateRole', iam('role/tideline-dev-new'), BOUNDED, 'denied'],
    // Images are pushed where ours belong.
    ['publish', 'ecr:PutImage', `arn:aws:ecr:us-east-1:${A}:repository/tideline/catalog`, {}, 'allowed'],
    ['publish', 'ecr:PutImage', `arn:aws:ecr:us-east-1:${A}:repository/other`, {}, 'denied'],
    ['publish', 'ecr:DeleteRepository', `arn:aws:ecr:us-east-1:${A}:repository/tideline/catalog`, {}, 'denied'],
    ['publish', 'ecr:BatchDeleteImage', `arn:aws:ecr:us-east-1:${A}:repository/tideline/catalog`, {}, 'denied'],
    // The cost service asks the lake, and only its own results are written.
    ['cost-cost', 'athena:StartQueryExecution', `arn:aws:athena:us-east-1:${A}:workgroup/tideline-dev-cost`, {}, 'allowed'],
    ['cost-cost', 'athena:StartQueryExecution', `arn:aws:athena:us-east-1:${A}:workgroup/primary`, {}, 'denied'],
    ['cost-cost', 's3:GetObject', 'arn:aws:s3:::tideline-dev-billing-111111111111/focus/aws/x.parquet', {}, 'allowed'],
    ['cost-cost', 's3:PutObject', 'arn:aws:s3:::tideline-dev-billing-111111111111/focus/aws/x.parquet', {}, 'denied'],
    ['cost-cost', 's3:PutObject', 'arn:aws:s3:::tideline-dev-query-results-111111111111/a.csv', {}, 'allowed'],
    ['cost-cost', 's3:GetObject', `${STATE}/dev/cluster.tfstate`, {}, 'denied'],
    ['cost-cost', 'glue:DeleteTable', `arn:aws:glue:us-east-1:${A}:table/tideline_dev_cost/focus`, {}, 'denied'],
    // Karpenter ends its own nodes, and passes one role.
    ['karpenter', 'ec2:TerminateInstances', `arn:aws:ec2:us-east-1:${A}:instance/i-0123456789abcdef0`, { 'aws:ResourceTag/kubernetes.io/cluster/tideline-dev': 'owned', 'aws:ResourceTag/karpenter.sh/nodepool': 'workload' }, 'allowed'],
    ['karpenter', 'ec2:TerminateInstances', `arn:aws:ec2:us-east-1:${A}:instance/i-0123456789abcdef0`, { 'aws:ResourceTag/kubernetes.io/cluster/other': 'owned', 'aws:ResourceTag/karpenter.sh/nodepool': 'workload' }, 'denied'],
    ['karpenter', 'ec2:TerminateInstances', `arn:aws:ec2:us-east-1:${A}:instance/i-0123456789abcdef0`, {}, 'denied'],
    ['karpenter', 'iam:PassRole', iam('role/tideline-dev-provisioned-node'), { 'iam:PassedToService': 'ec2.amazonaws.com' }, 'allowed'],
    ['karpenter', 'iam:PassRole', iam('role/tideline-dev-deploy'), { 'iam:PassedToService': 'ec2.amazonaws.com' }, 'denied'],
    ['karpenter', 'iam:CreateRole', iam('role/tideline-dev-new'), {}, 'denied'],
    ['karpenter', 'sqs:ReceiveMessage', `arn:aws:sqs:us-east-1:${A}:tideline-dev-interruptions`, {}, 'allowed'],
    ['karpenter', 'sqs:SendMessage', `arn:aws:sqs:us-east-1:${A}:tideline-dev-interruptions`, {}, 'denied'],
    // Flow logs are written to their group.
    ['flow-logs', 'logs:PutLogEvents', `arn:aws:logs:us-east-1:${A}:log-group:/tideline/tideline-dev/flow-logs:log-stream:eni-1`, {}, 'allowed'],
    ['flow-logs', 'logs:PutLogEvents', `arn:aws:logs:us-east-1:${A}:log-group:/aws/eks/tideline-dev/cluster:log-stream:x`, {}, 'denied'],
  ])('%s: %s on %s with %j is %s', async (name, action, resource, context, expected) => {
    expect(await mayDo(role(`tideline-dev-${name}`), action, resource, context)).toBe(expected);
  });

  it('the boundary holds against any policy: with everything given, identities, states and keys stay out of reach', async () => {
    const given = { ...role('tideline-dev-node'), policies: [{ name: 'all', policy: { Statement: [{ Effect: 'Allow' as const, Action: ['*'], Resource: ['*'] }] } }] };
    expect(await mayDo(given, 's3:GetObject', 'arn:aws:s3:::shore/x')).toBe('allowed');
    expect(await mayDo(given, 'iam:CreateInstanceProfile', iam('instance-profile/x'))).toBe('allowed'); // as Karpenter has to
    for (const [action, resource] of [
      ['iam:CreateRole', iam('role/x')], ['iam:AttachRolePolicy', iam('role/x')], ['iam:CreateUser', iam('user/x')], ['iam:CreateAccessKey', iam('user/x')], ['iam:PutRolePolicy', iam('role/x')],
      ['s3:GetObject', `${STATE}/dev/cluster.tfstate`], ['kms:ScheduleKeyDeletion', `arn:aws:kms:us-east-1:${A}:key/1`], ['sts:AssumeRole', iam('role/tideline-dev-deploy')],
    ] as const) expect(await mayDo(given, action, resource), action).toBe('denied');
  });
});

/** Actions on anything at all, and why they cannot be narrowed. A role of ours with another is a finding. */
const EVERYWHERE: Readonly<Record<string, string>> = {
  'ecr:GetAuthorizationToken': 'knows no resources',
  'pricing:GetProducts': 'knows no resources, and prices are public',
  'iam:ListInstanceProfiles': 'knows no resources',
  'arc-zonal-shift:GetManagedResource': 'upstream asks for it so; it reads whether a zone is shifted away from',
};
/** Roles whose statements on anything are held back otherwise. */
const HELD_BACK: Readonly<Record<string, RegExp>> = {
  deploy: /aws:RequestedRegion|kms:ViaService|^iam:(Get|List)/, // to the regions of the environment, to what a service does on its behalf; names of identities are no secrets
  plan: /aws:RequestedRegion/,
  karpenter: /aws:RequestedRegion/,
  grafana: /^(cloudwatch|ec2|tag|aps):(Describe|Get|List)/, // reads metrics and names, which know no resources
};

describe.each(environments().map(({ name }) => [name, rolesOf(name)] as const))('the roles of %s', (name, roles) => {
  const short = (each: Role) => each.name.replace(`tideline-${name}-`, '');
  const statements = (each: Role): StatementText[] => each.policies.flatMap(({ policy }) => policy.Statement.filter(({ Effect }) => Effect === 'Allow'));

  it('bear the name of their environment, and its boundary unless they make others', () => {
    expect(roles.size).toBeGreaterThanOrEqual(11);
    for (const each of roles.values()) {
      expect(each.name).toMatch(new RegExp(`^tideline-${name}-`));
      expect([each.name, each.boundary?.name]).toEqual([each.name, ['deploy', 'plan'].includes(short(each)) ? undefined : `tideline-${name}-boundary`]);
    }
  });

  it('are given no service as a whole, and nothing on anything without a reason', () => {
    for (const each of roles.values()) {
      for (const statement of statements(each)) {
        const actions = list(statement.Action);
        expect(actions.filter((action) => /^\*|:\*$/.test(action)), each.name).toEqual([]);
        if (!list(statement.Resource).includes('*')) continue;
        const held = HELD_BACK[short(each)];
        const open = actions.filter((action) => EVERYWHERE[action] === undefined && !(held && (held.test(JSON.stringify(statement.Condition ?? {})) || held.test(action))));
        expect([each.name, statement.Sid, open]).toEqual([each.name, statement.Sid, []]);
      }
    }
  });

  it('use policies of AWS only where AWS maintains what its own programs need', () => {
    const ofAws = new Map([...roles.values()].filter((each) => each.ofAws.length > 0).map((each) => [short(each), [...each.ofAws].sort()]));
    expect(Object.fromEntries(ofAws)).toEqual({
      'control-plane': ['AmazonEKSClusterPolicy'],
      node: ['AmazonEC2ContainerRegistryPullOnly', 'AmazonEKSWorkerNodePolicy'],
      'provisioned-node': ['AmazonEC2ContainerRegistryPullOnly', 'AmazonEKSWorkerNodePolicy'],
      'vpc-cni': ['AmazonEKS_CNI_Policy'],
      'aws-ebs-csi-driver': ['AmazonEBSCSIDriverPolicy'],
      'rds-monitoring': ['AmazonRDSEnhancedMonitoringRole'],
      ...(roles.has(`tideline-${name}-backup`) ? { backup: ['AWSBackupServiceRolePolicyForBackup', 'AWSBackupServiceRolePolicyForRestores'] } : {}),
    });
  });
});
