import { S3Bucket, S3BucketConfig } from '@cdktf/provider-aws/lib/s3-bucket';
import { S3BucketLifecycleConfiguration, S3BucketLifecycleConfigurationRule } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration';
import { S3BucketLoggingA } from '@cdktf/provider-aws/lib/s3-bucket-logging';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';
import { exempt } from './exempt';
import { policyDocument, PolicyStatement } from './policy';

/** One statement of a bucket's policy, as IAM writes it. */
export type BucketStatement = PolicyStatement & Required<Pick<PolicyStatement, 'Sid' | 'Principal' | 'Resource'>>;

/** How long objects stay. All durations are days. */
export interface BucketRetention {
  /** Days after which an object is deleted. @default - never */
  readonly expireDays?: number;
  /** Days after which an object moves to storage that costs half as much to keep and something to read; 30 at least. @default - never */
  readonly infrequentAfterDays?: number;
  /** Days that what was overwritten or deleted can still be brought back. Matters with versions only. @default 30 */
  readonly keepReplacedDays?: number;
}

/** Props of {@link SecureBucket}. */
export interface SecureBucketProps {
  /** Name, unique over all of AWS. */
  readonly name: string;
  /** ARN of the key of KMS that encrypts it. @default - encrypted by a key of S3's own, which costs nothing and cannot be withheld from anybody with access */
  readonly keyArn?: string;
  /**
   * Whether a writer that asks for another encryption than `keyArn` is refused. Writers that ask for none always get `keyArn`.
   *
   * @default true
   */
  readonly refuseOtherEncryption?: boolean;
  /** Whether what is overwritten or deleted is kept for a while. @default true */
  readonly versioned?: boolean;
  readonly retention?: BucketRetention;
  /** Where S3 writes who read what: a bucket that lets it, and what each name begins with. @default - nowhere */
  readonly accessLogs?: { readonly bucket: string; readonly prefix: string };
  /** Further statements of its policy. @default - none */
  readonly statements?: readonly BucketStatement[];
  /** Whether Terraform refuses to destroy it, whatever the plan says. @default false */
  readonly retain?: boolean;
  /** Whether destroying it deletes what it holds; otherwise a bucket that is not empty stays. @default false */
  readonly forceDestroy?: boolean;
  /** The way out: gets the finished configuration of the bucket and returns the one to use. @default - as built here */
  readonly transform?: (config: S3BucketConfig) => S3BucketConfig;
}

/**
 * A bucket of S3 that only its account reads, only by TLS, encrypted, without lists of access. Every bucket of the platform is one of these.
 */
export class SecureBucket extends Construct {
  readonly bucket: S3Bucket;
  /** What writes into it through its policy has to wait for it. */
  readonly policy: S3BucketPolicy;
  /** Known before the bucket exists. */
  readonly arn: string;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, private readonly props: SecureBucketProps) {
    super(scope, id);
    refuse(`the bucket ${show(props.name)} cannot be built`, bucketFaults(props, this.node.path));
    this.arn = `arn:aws:s3:::${props.name}`;
    const config: S3BucketConfig = {
      bucket: props.name, forceDestroy: props.forceDestroy === true,
      ...(props.retain === true ? { lifecycle: { preventDestroy: true } } : {}),
    };
    this.bucket = new S3Bucket(this, 'Resource', props.transform?.(config) ?? config);
    const bucket = this.bucket.id;
    const access = new S3BucketPublicAccessBlock(this, 'PublicAccess', { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true });
    new S3BucketOwnershipControls(this, 'Ownership', { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } });
    new S3BucketServerSideEncryptionConfigurationA(this, 'Encryption', {
      bucket,
      rule: [props.keyArn === undefined
        ? { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }
        : { applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: props.keyArn }, bucketKeyEnabled: true }], // one request to KMS for many objects
    });
    const versioned = props.versioned ?? true;
    const versioning = new S3BucketVersioningA(this, 'Versioning', { bucket, versioningConfiguration: { status: versioned ? 'Enabled' : 'Suspended' } });
    new S3BucketLifecycleConfiguration(this, 'Lifecycle', { bucket, rule: lifecycleRules(props.retention ?? {}, versioned), dependsOn: [versioning] });
    if (props.accessLogs) new S3BucketLoggingA(this, 'AccessLogs', { bucket, targetBucket: props.accessLogs.bucket, targetPrefix: props.accessLogs.prefix });
    // S3 refuses a policy while it changes who may have one.
    this.policy = new S3BucketPolicy(this, 'Policy', { bucket, policy: policyDocument(this.statements()), dependsOn: [access] });
    this.exempt(versioned);
  }

  /** ARN pattern of what it holds. */
  objects(prefix = ''): string {
    return `${this.arn}/${prefix}*`;
  }

  private statements(): BucketStatement[] {
    const everything = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [this.arn, this.objects()] } as const;
    const encryption = 's3:x-amz-server-side-encryption';
    return [
      { Sid: 'NoPlainText', ...everything, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      { Sid: 'NoOldTls', ...everything, Condition: { NumericLessThan: { 's3:TlsVersion': '1.2' } } },
      // Without the second condition a request that says nothing, and so gets the bucket's key, would be refused as well.
      ...(this.props.keyArn !== undefined && (this.props.refuseOtherEncryption ?? true) ? [{
        Sid: 'NoOtherEncryption', Effect: 'Deny' as const, Principal: '*' as const, Action: 's3:PutObject', Resource: this.objects(),
        Condition: { StringNotEquals: { [encryption]: 'aws:kms' }, Null: { [encryption]: 'false' } },
      }] : []),
      ...(this.props.statements ?? []),
    ];
  }

  private exempt(versioned: boolean): void {
    exempt(this.bucket, {
      CKV_AWS_144: 'a copy in another region doubles the cost and crosses a border of data; versions guard against deletion',
      CKV2_AWS_62: 'nothing listens for its objects; who reads them asks when it needs them',
      ...(this.props.accessLogs ? {} : { CKV_AWS_18: 'the trail of the account records who reads objects; logs of a bucket need another bucket that then has none' }),
      ...(this.props.keyArn === undefined ? { CKV_AWS_145: 'encrypted by a key of S3 itself: a key of ours would have to name every service and role that writes or reads here' } : {}),
      ...(versioned ? {} : { CKV_AWS_21: 'what it holds can be computed again, and is deleted after days; versions would keep what was meant to go' }),
    });
  }
}

function lifecycleRules({ expireDays, infrequentAfterDays, keepReplacedDays = 30 }: BucketRetention, versioned: boolean): S3BucketLifecycleConfigurationRule[] {
  return [{
    id: 'retention', status: 'Enabled', filter: [{ prefix: '' }],
    abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }], // parts of an upload that broke off are invisible, and paid for
    ...(expireDays === undefined ? {} : { expiration: [{ days: expireDays }] }),
    ...(infrequentAfterDays === undefined ? {} : { transition: [{ days: infrequentAfterDays, storageClass: 'STANDARD_IA' }] }),
    ...(versioned ? { noncurrentVersionExpiration: [{ noncurrentDays: keepReplacedDays }] } : {}),
  }];
}

function bucketFaults(props: SecureBucketProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  const { expireDays, infrequentAfterDays, keepReplacedDays } = props.retention ?? {};
  const days = (value: number | undefined, least: number) => value === undefined || (Number.isInteger(value) && value >= least);
  need(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(props.name) && !props.name.startsWith('xn--'), 'name', props.name,
    "3 to 63 lower-case letters, digits and '-'", 'choose such a name; a dot breaks the certificate of the bucket');
  need(props.keyArn === undefined || /^(arn:aws:kms:|\$\{)/.test(props.keyArn), 'keyArn', props.keyArn, 'the ARN of a key', 'give the ARN: another account reads an alias as its own');
  need(props.refuseOtherEncryption === undefined || props.keyArn !== undefined, 'refuseOtherEncryption', props.refuseOtherEncryption, 'only with keyArn', 'give a key, or leave it out');
  need(days(expireDays, 1), 'retention.expireDays', expireDays, 'a whole number of days, 1 or more', 'set it, or leave it out to keep everything');
  need(days(infrequentAfterDays, 30), 'retention.infrequentAfterDays', infrequentAfterDays, '30 whole days or more', 'set it: S3 takes nothing younger there');
  need(days(keepReplacedDays, 1), 'retention.keepReplacedDays', keepReplacedDays, 'a whole number of days, 1 or more', 'set it, or leave it out for 30');
  need(expireDays === undefined || infrequentAfterDays === undefined || expireDays >= infrequentAfterDays + 30, 'retention.expireDays', expireDays,
    `${(infrequentAfterDays ?? 0) + 30} or more`, 'expire later, or do not move it: 30 days are paid for there in any case');
  need(!(props.retain === true && props.forceDestroy === true), 'forceDestroy', true, 'false where retain is true', 'decide whether it may go');
  const sids = (props.statements ?? []).map(({ Sid }) => Sid);
  need(new Set(sids).size === sids.length, 'statements', sids, 'ids that differ', 'name each statement');
  (props.statements ?? []).forEach(({ Sid, Effect, Principal, Condition }) => {
    const everybody = Principal === '*' || Object.values(Principal).flat().includes('*');
    need(Effect === 'Deny' || !everybody || Condition !== undefined, `statements ${Sid}`, Principal, 'a principal', 'name who may: this lets in everybody');
  });
  return faults;
}
