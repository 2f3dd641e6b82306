import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { describe, expect, it } from 'vitest';
import { exempt } from '../../../components/cloud';
import { only, synthIn } from '../../support/synth-stack';

const withReasons = (...reasons: Record<string, string>[]) => only(synthIn((stack) => {
  const key = new KmsKey(stack, 'key', {});
  for (const each of reasons) exempt(key, each);
}), 'aws_kms_key');

describe('an exemption', () => {
  it('stands in the comment of its block, beside what the engine writes there', () => {
    expect(withReasons({ CKV_AWS_7: 'the key is asymmetric, and those cannot rotate' }, { CKV2_AWS_64: 'the policy comes from the account' })['//']).toEqual({
      exemptions: { CKV_AWS_7: 'the key is asymmetric, and those cannot rotate', CKV2_AWS_64: 'the policy comes from the account' },
      metadata: { path: 'test/key', uniqueId: 'key' },
    });
  });

  it.each<[Record<string, string>, RegExp]>([
    [{ rotation: 'the key is asymmetric, and those cannot rotate' }, /got: "rotation"; allowed: the id of a rule/],
    [{ CKV_AWS_7: ' ' }, /got: " "; allowed: a reason/],
    [{ CKV_AWS_7: 'ok' }, /got: "ok"; allowed: a reason/],
  ])('is refused without a rule or a reason: %j', (reasons, message) => {
    expect(() => withReasons(reasons)).toThrow(message);
  });
});
