import { describe, expect, it } from 'vitest';
import { BucketStatement, EXEMPTIONS, SecureBucket, SecureBucketProps } from '../../../components/cloud';
import { only, reference, resources, synthIn } from '../../support/synth-stack';

const KEY = 'arn:aws:kms:eu-west-1:111111111111:key/1';
const synth = (more: Partial<SecureBucketProps> = {}) => synthIn((stack) => void new SecureBucket(stack, 'bucket', { name: 'demo-bucket', ...more }));
const statements = (more?: Partial<SecureBucketProps>) => (JSON.parse(only(synth(more), 'aws_s3_bucket_policy').policy) as { Statement: BucketStatement[] }).Statement;

describe('a bucket', () => {
  it('is closed to the public, owned by its account, and everything about it is about it', () => {
    const json = synth({ accessLogs: { bucket: 'logs', prefix: 'demo/' } });
    const bucket = reference(json, 'aws_s3_bucket', only(json, 'aws_s3_bucket', { bucket: 'demo-bucket' }), 'id');
    expect(only(json, 'aws_s3_bucket_public_access_block')).toMatchObject({ bucket, block_public_acls: true, block_public_policy: true, ignore_public_acls: true, restrict_public_buckets: true });
    expect(only(json, 'aws_s3_bucket_ownership_controls')).toMatchObject({ bucket, rule: { object_ownership: 'BucketOwnerEnforced' } });
    expect(only(json, 'aws_s3_bucket_logging')).toMatchObject({ bucket, target_bucket: 'logs', target_prefix: 'demo/' });
    for (const type of ['versioning', 'lifecycle_configuration', 'server_side_encryption_configuration', 'policy']) expect(only(json, `aws_s3_bucket_${type}`).bucket).toBe(bucket);
    expect(resources(synth(), 'aws_s3_bucket_logging')).toEqual([]);
  });

  it('takes nothing that came without TLS, or by an old one', () => {
    const both = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: ['arn:aws:s3:::demo-bucket', 'arn:aws:s3:::demo-bucket/*'] };
    expect(statements()).toEqual([
      { Sid: 'NoPlainText', ...both, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      { Sid: 'NoOldTls', ...both, Condition: { NumericLessThan: { 's3:TlsVersion': '1.2' } } },
    ]);
  });

  it('encrypts by the given key, and refuses a writer that asks for another way, but not one that asks for none', () => {
    expect(only(synth({ keyArn: KEY }), 'aws_s3_bucket_server_side_encryption_configuration').rule)
      .toEqual([{ apply_server_side_encryption_by_default: { sse_algorithm: 'aws:kms', kms_master_key_id: KEY }, bucket_key_enabled: true }]);
    expect(statements({ keyArn: KEY })).toContainEqual(expect.objectContaining({
      Effect: 'Deny', Action: 's3:PutObject',
      Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' }, Null: { 's3:x-amz-server-side-encryption': 'false' } },
    }));
    expect(statements({ keyArn: KEY, refuseOtherEncryption: false })).toHaveLength(2);
  });

  it('encrypts by a key of S3 where none is given', () => {
    expect(only(synth(), 'aws_s3_bucket_server_side_encryption_configuration').rule).toEqual([{ apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } }]);
  });

  it('keeps what was replaced for a while, and everything else for as long as it is told', () => {
    const rule = (more?: Partial<SecureBucketProps>) => only(synth(more), 'aws_s3_bucket_lifecycle_configuration').rule[0];
    expect(rule()).toMatchObject({ status: 'Enabled', abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }], noncurrent_version_expiration: [{ noncurrent_days: 30 }] });
    expect(rule()).not.toHaveProperty('expiration');
    expect(rule({ retention: { expireDays: 400, infrequentAfterDays: 90, keepReplacedDays: 3 } })).toMatchObject({
      expiration: [{ days: 400 }], transition: [{ days: 90, storage_class: 'STANDARD_IA' }], noncurrent_version_expiration: [{ noncurrent_days: 3 }],
    });
    expect(rule({ versioned: false })).not.toHaveProperty('noncurrent_version_expiration');
    expect(only(synth(), 'aws_s3_bucket_versioning').versioning_configuration).toEqual({ status: 'Enabled' });
    expect(only(synth({ versioned: false }), 'aws_s3_bucket_versioning').versioning_configuration).toEqual({ status: 'Suspended' });
  });

  it('goes with what it holds, stays if it holds something, or stays whatever the plan says', () => {
    const bucket = (more?: Partial<SecureBucketProps>) => only(synth(more), 'aws_s3_bucket');
    expect(bucket({ forceDestroy: true })).toMatchObject({ force_destroy: true });
    expect(bucket()).toMatchObject({ force_destroy: false });
    expect(bucket()).not.toHaveProperty('lifecycle');
    expect(bucket({ retain: true })).toMatchObject({ force_destroy: false, lifecycle: { prevent_destroy: true } });
  });

  it('is let off a rule only where it breaks it', () => {
    const rules = (more?: Partial<SecureBucketProps>) => Object.keys(only(synth(more), 'aws_s3_bucket')['//'][EXEMPTIONS] as object).sort();
    expect(rules()).toEqual(['CKV2_AWS_62', 'CKV_AWS_144', 'CKV_AWS_145', 'CKV_AWS_18']);
    expect(rules({ keyArn: KEY, accessLogs: { bucket: 'logs', prefix: '' }, versioned: false })).toEqual(['CKV2_AWS_62', 'CKV_AWS_144', 'CKV_AWS_21']);
  });

  it('can be changed in what its props do not say', () => {
    expect(only(synth({ transform: (config) => ({ ...config, objectLockEnabled: true }) }), 'aws_s3_bucket')).toMatchObject({ bucket: 'demo-bucket', object_lock_enabled: true });
  });

  it('refuses everything that is wrong at once', () => {
    const open: BucketStatement = { Sid: 'Open', Effect: 'Allow', Principal: { AWS: '*' }, Action: 's3:GetObject', Resource: 'x' };
    expect(() => synth({
      name: 'Demo.bucket', keyArn: 'alias/demo', retention: { expireDays: 40, infrequentAfterDays: 29, keepReplacedDays: 0 }, retain: true, forceDestroy: true, statements: [open, open],
    })).toThrow(/name\] got: "Demo.bucket"[^]*keyArn\] got: "alias\/demo"[^]*infrequentAfterDays\] got: 29[^]*keepReplacedDays\] got: 0[^]*expireDays\] got: 40; allowed: 59 or more[^]*forceDestroy\][^]*statements\] got: \["Open","Open"\][^]*statements Open\] got: {"AWS":"\*"}/);
    expect(() => synth({ refuseOtherEncryption: true })).toThrow(/refuseOtherEncryption\] got: true; allowed: only with keyArn/);
    expect(() => synth({ statements: [{ ...open, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }] })).not.toThrow();
  });
});
