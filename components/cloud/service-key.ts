import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey, KmsKeyConfig } from '@cdktf/provider-aws/lib/kms-key';
import { Construct } from 'constructs';
import { Fault, refuse, show } from '../../base/faults';

/** Props of {@link ServiceKey}. */
export interface ServiceKeyProps {
  /** Alias without its `alias/`, by which people find the key. */
  readonly name: string;
  /** What it encrypts, for whoever reads a list of keys. */
  readonly description: string;
  /** Number of the account, 12 digits: services use the key for resources of this account only. */
  readonly account: string;
  /** Region of the key, e.g. `eu-west-1`. */
  readonly region: string;
  /** AWS services that encrypt what they send by themselves, e.g. `cloudwatch.amazonaws.com`. @default - none */
  readonly services?: readonly string[];
  /** Prefix of the CloudWatch log groups it encrypts, e.g. `/tideline/dev`. CloudWatch Logs may use it for no other. @default - none */
  readonly logGroupPrefixes?: readonly string[];
  /** Days until a key that was removed is gone, 7 to 30. What it encrypted is lost then. @default 30 */
  readonly deletionWindowDays?: number;
  /** The way out: gets the finished configuration and returns the one to use. @default - as built here */
  readonly transform?: (config: KmsKeyConfig) => KmsKeyConfig;
}

/** A key that rotates, which AWS services use on behalf of one account: the account's own administrators decide who else may. */
export class ServiceKey extends Construct {
  readonly key: KmsKey;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: ServiceKeyProps) {
    super(scope, id);
    refuse(`the key ${show(props.name)} cannot be built`, keyFaults(props, this.node.path));
    const { account, region, services = [], logGroupPrefixes = [] } = props;
    const statements = [
      { Sid: 'AccountDecidesByItsPolicies', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
      ...(services.length > 0 ? [{
        Sid: 'ServicesOfThisAccount', Effect: 'Allow', Principal: { Service: [...services] }, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: '*',
        Condition: { StringEquals: { 'aws:SourceAccount': account } },
      }] : []),
      ...(logGroupPrefixes.length > 0 ? [{
        Sid: 'LogGroups', Effect: 'Allow', Principal: { Service: `logs.${region}.amazonaws.com` },
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'], Resource: '*',
        Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroupPrefixes.map((prefix) => `arn:aws:logs:${region}:${account}:log-group:${prefix}*`) } },
      }] : []),
    ];
    const config: KmsKeyConfig = {
      description: props.description, enableKeyRotation: true, deletionWindowInDays: props.deletionWindowDays ?? 30,
      policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    };
    this.key = new KmsKey(this, 'Resource', props.transform?.(config) ?? config);
    new KmsAlias(this, 'Alias', { name: `alias/${props.name}`, targetKeyId: this.key.keyId });
  }

  get arn(): string {
    return this.key.arn;
  }
}

function keyFaults(props: ServiceKeyProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = (fits: boolean, where: string, got: unknown, allowed: string, todo: string) => {
    if (!fits) faults.push({ where: `${path} ${where}`, got: show(got), allowed, do: todo });
  };
  need(/^[\w/-]{1,240}$/.test(props.name) && !/^(alias\/|aws\/)/.test(props.name), 'name', props.name, 'letters, digits, - _ and /, without alias/ or aws/ before it', 'choose such a name');
  need(/^\d{12}$/.test(props.account), 'account', props.account, '12 digits', 'give the number of the account');
  for (const service of props.services ?? []) {
    need(/^[a-z0-9.-]+\.amazonaws\.com$/.test(service), 'services', service, 'a service principal such as cloudwatch.amazonaws.com', 'name the service');
  }
  for (const prefix of props.logGroupPrefixes ?? []) {
    need(/^[\w./#-]{3,}$/.test(prefix), 'logGroupPrefixes', prefix, 'at least 3 characters a log group may have, without *', 'name what the groups begin with');
  }
  const days = props.deletionWindowDays ?? 30;
  need(Number.isInteger(days) && days >= 7 && days <= 30, 'deletionWindowDays', days, 'a whole number from 7 to 30', 'set it, or leave it out for 30');
  return faults;
}
