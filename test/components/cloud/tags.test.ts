import { DataAwsVpc } from '@cdktf/provider-aws/lib/data-aws-vpc';
import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { describe, expect, it } from 'vitest';
import { ownershipTags, TagAspect } from '../../../components/cloud';
import { only, synthIn } from '../../support/synth-stack';

const TAGS = ownershipTags({ owner: 'harbour', environment: 'dev', costCentre: 'product' });

describe('the tag aspect', () => {
  it('tags what can carry tags and leaves the rest alone', () => {
    const stack = synthIn((scope) => {
      TagAspect.apply(scope, TAGS);
      new Vpc(scope, 'vpc', { cidrBlock: '10.0.0.0/16' });
      new KmsAlias(scope, 'alias', { name: 'alias/x', targetKeyId: 'key' });
    });
    expect(only(stack, 'aws_vpc').tags).toEqual({ owner: 'harbour', environment: 'dev', 'cost-centre': 'product' });
    expect(only(stack, 'aws_kms_alias').tags).toBeUndefined();
  });

  it('lets a resource keep its own tags', () => {
    const stack = synthIn((scope) => {
      TagAspect.apply(scope, TAGS);
      new Vpc(scope, 'vpc', { cidrBlock: '10.0.0.0/16', tags: { Name: 'shore', owner: 'lighthouse' } });
    });
    expect(only(stack, 'aws_vpc').tags).toEqual({ ...TAGS, Name: 'shore', owner: 'lighthouse' });
  });

  it('does not narrow what a data source looks for', () => {
    const stack = synthIn((scope) => {
      TagAspect.apply(scope, TAGS);
      new DataAwsVpc(scope, 'found', { tags: { Name: 'shore' } });
    });
    expect(stack.data.aws_vpc!.found!.tags).toEqual({ Name: 'shore' });
  });
});
