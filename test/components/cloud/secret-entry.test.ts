import { describe, expect, it } from 'vitest';
import { SecretEntry, SecretEntryProps } from '../../../components/cloud';
import { only, synthIn } from '../../support/synth-stack';

const props: SecretEntryProps = { name: 'demo/shop', description: 'What the shop reads: token', keyArn: 'arn:aws:kms:eu-west-1:111111111111:key/1' };
const synth = (more: Partial<SecretEntryProps> = {}) => synthIn((stack) => void new SecretEntry(stack, 'secret', { ...props, ...more }));

describe('a place for a secret', () => {
  it('is made without a value', () => {
    const json = synth();
    expect(Object.keys(json.resource)).toEqual(['aws_secretsmanager_secret']);
    expect(only(json, 'aws_secretsmanager_secret')).toMatchObject({ name: 'demo/shop', description: props.description, kms_key_id: props.keyArn });
  });

  it('can be brought back for thirty days, or frees its name at once', () => {
    expect(only(synth(), 'aws_secretsmanager_secret').recovery_window_in_days).toBe(30);
    expect(only(synth({ recoveryDays: 0 }), 'aws_secretsmanager_secret').recovery_window_in_days).toBe(0);
  });

  it('can be changed in what its props do not say', () => {
    expect(only(synth({ transform: (config) => ({ ...config, forceOverwriteReplicaSecret: true }) }), 'aws_secretsmanager_secret').force_overwrite_replica_secret).toBe(true);
  });

  it('refuses everything that is wrong at once', () => {
    expect(() => synth({ name: 'a b', description: ' ', keyArn: 'alias/x', recoveryDays: 3 })).toThrow(/name\] got: "a b"[^]*description\] got: " "[^]*keyArn\] got: "alias\/x"[^]*recoveryDays\] got: 3/);
    expect(() => synth({ name: 'demo/shop-abc123' })).toThrow(/name\] got: "demo\/shop-abc123"; allowed: a name that does not end in '-' and six letters/);
  });
});
