import { describe, expect, it } from 'vitest';
import { EncryptionKey, EncryptionKeyProps } from '../../../components/cloud';
import { Block, only, reference, synthIn, SynthesizedStack } from '../../support/synth-stack';

const PROPS: EncryptionKeyProps = { alias: 'shore-logs', description: 'Logs of shore', account: '111111111111', region: 'eu-west-1' };
const ROLE = 'arn:aws:iam::111111111111:role/reader';

function synth(props: Partial<EncryptionKeyProps> = {}): SynthesizedStack {
  return synthIn((stack) => void new EncryptionKey(stack, 'key', { ...PROPS, ...props }));
}
const statements = (stack: SynthesizedStack): Block[] => JSON.parse(only(stack, 'aws_kms_key').policy).Statement;
const statement = (stack: SynthesizedStack, sid: string) => statements(stack).find((each) => each.Sid === sid);

describe('a key', () => {
  it('rotates, can be brought back for a month, and is found by its alias', () => {
    const stack = synth();
    const key = only(stack, 'aws_kms_key', { enable_key_rotation: true, deletion_window_in_days: 30 });
    expect(only(stack, 'aws_kms_alias')).toMatchObject({ name: 'alias/shore-logs', target_key_id: reference(stack, 'aws_kms_key', key, 'key_id') });
    expect(only(synth({ deletionWindowDays: 7 }), 'aws_kms_key').deletion_window_in_days).toBe(7);
  });

  it('is managed by its account, which may not use it', () => {
    const found = statements(synth());
    expect(found.map((each) => each.Principal)).toEqual([{ AWS: 'arn:aws:iam::111111111111:root' }, { AWS: 'arn:aws:iam::111111111111:root' }]);
    const actions = found.flatMap((each) => each.Action as string[]);
    expect(actions).toEqual(expect.arrayContaining(['kms:Put*', 'kms:ScheduleKeyDeletion']));
    expect(actions.filter((action) => /kms:(\*|.*crypt|GenerateDataKey|Sign|Create\*)/.test(action))).toEqual([]);
    expect(statement(synth(), 'GrantsToServices')!.Condition).toEqual({ Bool: { 'kms:GrantIsForAWSResource': 'true' } });
  });

  it('is used by CloudWatch Logs for the groups named and no other', () => {
    expect(statement(synth(), 'Logs')).toBeUndefined();
    expect(statement(synth({ logGroups: ['/shore/one', '/shore/two'] }), 'Logs')).toMatchObject({
      Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
      Condition: { ArnEquals: { 'kms:EncryptionContext:aws:logs:arn': ['arn:aws:logs:eu-west-1:111111111111:log-group:/shore/one', 'arn:aws:logs:eu-west-1:111111111111:log-group:/shore/two'] } },
    });
  });

  it('is used by a service for what belongs to the account', () => {
    expect(statement(synth(), 'Services')).toBeUndefined();
    expect(statement(synth({ services: ['sns.amazonaws.com'] }), 'Services')).toMatchObject({
      Principal: { Service: ['sns.amazonaws.com'] }, Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } },
    });
  });

  it('is used by the roles named, as far as named', () => {
    const found = statement(synth({ uses: [{ sid: 'Reader', role: ROLE, actions: ['kms:Decrypt'] }] }), 'Reader');
    expect(found).toMatchObject({ Action: ['kms:Decrypt'], Condition: { ArnEquals: { 'aws:PrincipalArn': ROLE } } });
  });

  it('asks Terraform for the account where none is given', () => {
    const stack = synth({ account: undefined });
    const [name] = Object.keys(stack.data.aws_caller_identity!);
    expect(statement(stack, 'Administration')!.Principal).toEqual({ AWS: `arn:aws:iam::\${data.aws_caller_identity.${name}.account_id}:root` });
  });

  it('can be changed in what it did not foresee', () => {
    expect(only(synth({ transform: (config) => ({ ...config, multiRegion: true }) }), 'aws_kms_key').multi_region).toBe(true);
  });

  it.each<[string, Partial<EncryptionKeyProps>, RegExp]>([
    ['a name that AWS keeps for itself', { alias: 'aws/ebs' }, /key alias\] got: "aws\/ebs"; .*not beginning with aws\//],
    ['a window that is too short', { deletionWindowDays: 1 }, /deletionWindowDays\] got: 1; allowed: 7 to 30 whole days/],
    ['a service that is none', { services: ['sns'] }, /services\] got: "sns"; allowed: a service principal/],
    ['a user for whom anybody can pass', { uses: [{ sid: 'Any', role: 'arn:aws:iam::111111111111:role/*' }] }, /allowed: the ARN of one role/],
    ['a use of everything', { uses: [{ sid: 'All', role: ROLE, actions: ['kms:*'] }] }, /got: \["kms:\*"\]; allowed: actions of kms, not all of them/],
    ['a statement without a name', { uses: [{ sid: 'a b', role: ROLE }] }, /allowed: a statement id of letters and digits/],
  ])('refuses %s', (_, props, message) => {
    expect(() => synth(props)).toThrow(message);
  });
});
