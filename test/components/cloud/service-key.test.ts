import { describe, expect, it } from 'vitest';
import { ServiceKey, ServiceKeyProps } from '../../../components/cloud';
import { only, synthIn } from '../../support/synth-stack';

const props: ServiceKeyProps = { name: 'demo', description: 'Demo', account: '111111111111', region: 'eu-west-1', services: ['cloudwatch.amazonaws.com'], logGroupPrefixes: ['/demo/'] };
const key = (more: Partial<ServiceKeyProps> = {}) => only(synthIn((stack) => void new ServiceKey(stack, 'key', { ...props, ...more })), 'aws_kms_key');
const statement = (sid: string, more?: Partial<ServiceKeyProps>) => (JSON.parse(key(more).policy) as { Statement: { Sid: string }[] }).Statement.find((each) => each.Sid === sid);

describe('a key for services', () => {
  it('rotates, and is gone a month after it was removed', () => {
    expect(key()).toMatchObject({ enable_key_rotation: true, deletion_window_in_days: 30 });
    expect(key({ deletionWindowDays: 7 })).toMatchObject({ deletion_window_in_days: 7 });
  });

  it('lets services in for resources of the account only', () => {
    expect(statement('ServicesOfThisAccount')).toEqual({
      Sid: 'ServicesOfThisAccount', Effect: 'Allow', Principal: { Service: ['cloudwatch.amazonaws.com'] }, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: '*',
      Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } },
    });
    expect(statement('ServicesOfThisAccount', { services: [] })).toBeUndefined();
  });

  it('lets CloudWatch Logs use it for the named groups only', () => {
    expect(statement('LogGroups')).toMatchObject({
      Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
      Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': ['arn:aws:logs:eu-west-1:111111111111:log-group:/demo/*'] } },
    });
    expect(statement('LogGroups', { logGroupPrefixes: [] })).toBeUndefined();
  });

  it('can be shaped by whoever uses it', () => {
    expect(key({ transform: (config) => ({ ...config, multiRegion: true }) })).toMatchObject({ multi_region: true });
  });

  it('refuses everything that is wrong at once', () => {
    expect(() => key({ name: 'alias/x', account: '1', services: ['*'], logGroupPrefixes: ['*'], deletionWindowDays: 3 }))
      .toThrow(/name\] got: "alias\/x"[^]*account\] got: "1"[^]*services\] got: "\*"[^]*logGroupPrefixes\] got: "\*"[^]*deletionWindowDays\] got: 3/);
  });
});
