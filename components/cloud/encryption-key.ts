import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey, KmsKeyConfig } from '@cdktf/provider-aws/lib/kms-key';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';
import { accountOf } from './account';

/** What may be done with a key's material; nobody may do so who is not named. */
export interface KeyUse {
  /** Says who, in the policy: letters and digits. */
  readonly sid: string;
  /** ARN of the role that uses it. It needs the same actions in a policy of its own; neither side is enough alone. */
  readonly role: string;
  /** @default - encrypt, decrypt, data keys */
  readonly actions?: readonly string[];
}

/** Props of {@link EncryptionKey}. */
export interface EncryptionKeyProps {
  /** Name after `alias/`. */
  readonly alias: string;
  readonly description: string;
  /** Account the key is in, 12 digits. @default - the one of whoever runs Terraform */
  readonly account?: string;
  /** Region the key is in; CloudWatch Logs is asked for by region. */
  readonly region: string;
  /** Names of the CloudWatch log groups it encrypts. @default - none */
  readonly logGroups?: readonly string[];
  /** Services of AWS that use it for resources of this account, e.g. `sns.amazonaws.com`. @default - none */
  readonly services?: readonly string[];
  /** Roles that use it. @default - none */
  readonly uses?: readonly KeyUse[];
  /** Days a deleted key can still be brought back, 7 to 30. @default 30 */
  readonly deletionWindowDays?: number;
  /** The way out: gets the finished configuration and returns the one to use. @default - as built here */
  readonly transform?: (config: KmsKeyConfig) => KmsKeyConfig;
}

/** Manage the key, but not what it encrypts. */
const ADMINISTRATION = [
  'kms:Describe*', 'kms:Enable*', 'kms:List*', 'kms:Put*', 'kms:Update*', 'kms:Revoke*', 'kms:Disable*', 'kms:Get*', 'kms:Delete*',
  'kms:TagResource', 'kms:UntagResource', 'kms:ScheduleKeyDeletion', 'kms:CancelKeyDeletion', 'kms:RotateKeyOnDemand',
];
const USE = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'];

/**
 * A key of KMS that rotates, with an alias and a policy that names its users.
 *
 * The usual policy leaves everything to IAM: whoever has `kms:*` in the account reads what the key encrypts. Here the account manages the key, and only those named use it.
 */
export class EncryptionKey extends Construct {
  readonly key: KmsKey;
  readonly alias: KmsAlias;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
    super(scope, id);
    refuse(`the key ${show(props.alias)} cannot be built`, keyFaults(props, this.node.path));
    const config: KmsKeyConfig = {
      description: props.description,
      enableKeyRotation: true,
      deletionWindowInDays: props.deletionWindowDays ?? 30,
      policy: keyPolicy({ ...props, account: accountOf(this, props.account) }),
    };
    this.key = new KmsKey(this, 'Resource', props.transform?.(config) ?? config);
    this.alias = new KmsAlias(this, 'Alias', { name: `alias/${props.alias}`, targetKeyId: this.key.keyId });
  }

  get arn(): string {
    return this.key.arn;
  }
}

/** Who manages a key and who uses it, as its policy says. In a key's policy, `*` as resource is the key itself. */
export function keyPolicy(props: Pick<EncryptionKeyProps, 'region' | 'logGroups' | 'services' | 'uses'> & { readonly account: string }): string {
  const { account, region, logGroups = [], services = [], uses = [] } = props;
  const owner = { AWS: `arn:aws:iam::${account}:root` };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Sid: 'Administration', Effect: 'Allow', Principal: owner, Action: ADMINISTRATION, Resource: '*' },
      // Services keep a grant for as long as a resource uses the key; the deployer asks for it on the service's behalf.
      { Sid: 'GrantsToServices', Effect: 'Allow', Principal: owner, Action: ['kms:CreateGrant'], Resource: '*', Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } } },
      ...(logGroups.length > 0 ? [{
        Sid: 'Logs', Effect: 'Allow', Principal: { Service: `logs.${region}.amazonaws.com` }, Action: USE, Resource: '*',
        Condition: { ArnEquals: { 'kms:EncryptionContext:aws:logs:arn': logGroups.map((name) => `arn:aws:logs:${region}:${account}:log-group:${name}`) } },
      }] : []),
      ...(services.length > 0 ? [{
        Sid: 'Services', Effect: 'Allow', Principal: { Service: [...services] }, Action: USE, Resource: '*', Condition: { StringEquals: { 'aws:SourceAccount': account } },
      }] : []),
      ...uses.map(({ sid, role, actions }) => ({
        Sid: sid, Effect: 'Allow', Principal: owner, Action: [...(actions ?? USE)], Resource: '*', Condition: { ArnEquals: { 'aws:PrincipalArn': role } }, // the role may not exist yet
      })),
    ],
  });
}

function keyFaults(props: EncryptionKeyProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  need(/^(?!aws\/)[\w/-]{1,250}$/.test(props.alias), 'alias', props.alias, "letters, digits, '/', '_' and '-', not beginning with aws/", 'choose such a name');
  const days = props.deletionWindowDays ?? 30;
  need(Number.isInteger(days) && days >= 7 && days <= 30, 'deletionWindowDays', days, '7 to 30 whole days', 'set it, or leave it out for 30');
  (props.services ?? []).forEach((service) => need(/^[a-z0-9.-]+\.amazonaws\.com$/.test(service), 'services', service, 'a service principal such as sns.amazonaws.com', 'name the service'));
  (props.uses ?? []).forEach(({ sid, role, actions = USE }) => {
    need(/^[A-Za-z0-9]+$/.test(sid), 'uses', sid, 'a statement id of letters and digits', 'say who uses it');
    need(/^(arn:aws:iam::|\$\{)/.test(role) && !role.includes('*'), 'uses', role, 'the ARN of one role', 'name the role: a wildcard lets in whoever can make a role that fits');
    need(actions.length > 0 && actions.every((action) => /^kms:[A-Za-z]+\*?$/.test(action)), 'uses', actions, 'actions of kms, not all of them', 'name what is needed');
  });
  return faults;
}
