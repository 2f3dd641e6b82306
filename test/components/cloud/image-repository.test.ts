import { describe, expect, it } from 'vitest';
import { ImageRepository, ImageRepositoryProps } from '../../../components/cloud';
import { Block, only, reference, synthIn } from '../../support/synth-stack';

const props: ImageRepositoryProps = { name: 'team/service', account: '111111111111', keyArn: 'arn:aws:kms:eu-west-1:111111111111:key/1' };
const PUBLISHER = 'arn:aws:iam::111111111111:role/publish';
const synth = (more: Partial<ImageRepositoryProps> = {}) => synthIn((stack) => void new ImageRepository(stack, 'images', { ...props, ...more }));
const repository = (more?: Partial<ImageRepositoryProps>) => only(synth(more), 'aws_ecr_repository');
const statements = (more?: Partial<ImageRepositoryProps>) => (JSON.parse(only(synth(more), 'aws_ecr_repository_policy').policy) as { Statement: Block[] }).Statement;

describe('a repository of images', () => {
  it('lets no tag come to mean another image, scans what is pushed and encrypts by the given key', () => {
    expect(repository()).toMatchObject({
      name: 'team/service', image_tag_mutability: 'IMMUTABLE', image_scanning_configuration: { scan_on_push: true },
      encryption_configuration: [{ encryption_type: 'KMS', kms_key: props.keyArn }], force_delete: false,
    });
  });

  it('forgets untagged images after days, and tagged ones after many', () => {
    const json = synth({ keepTagged: 5, untaggedDays: 2 });
    const policy = only(json, 'aws_ecr_lifecycle_policy');
    expect(policy.repository).toBe(reference(json, 'aws_ecr_repository', only(json, 'aws_ecr_repository'), 'name'));
    const rules = (JSON.parse(policy.policy as string) as { rules: Block[] }).rules;
    expect(rules.map(({ selection, action }) => [selection, action.type])).toEqual([
      [{ tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 2 }, 'expire'],
      [{ tagStatus: 'tagged', tagPatternList: ['*'], countType: 'imageCountMoreThan', countNumber: 5 }, 'expire'],
    ]);
  });

  it('is of its account alone, allows nothing by itself, and takes images of its publishers only', () => {
    expect(statements()).toEqual([expect.objectContaining({ Effect: 'Deny', Action: 'ecr:*', Condition: expect.objectContaining({ StringNotEquals: { 'aws:PrincipalAccount': '111111111111' } }) as unknown })]);
    const both = statements({ publishers: [PUBLISHER] });
    expect(both.every(({ Effect }) => Effect === 'Deny')).toBe(true);
    expect(both[1]).toMatchObject({ Condition: { ArnNotEquals: { 'aws:PrincipalArn': [PUBLISHER] } } });
    expect(both[1]!.Action).toContain('ecr:PutImage');
    expect(both[1]!.Action).not.toContain('ecr:BatchGetImage');
  });

  it('goes with its images, stays if it holds one, or stays whatever the plan says', () => {
    expect(repository({ forceDelete: true })).toMatchObject({ force_delete: true });
    expect(repository()).not.toHaveProperty('lifecycle');
    expect(repository({ retain: true })).toMatchObject({ force_delete: false, lifecycle: { prevent_destroy: true } });
  });

  it('can be changed in what its props do not say', () => {
    expect(repository({ transform: (config) => ({ ...config, imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION' }) })).toMatchObject({ image_tag_mutability: 'IMMUTABLE_WITH_EXCLUSION', name: 'team/service' });
  });

  it('refuses everything that is wrong at once', () => {
    expect(() => synth({ name: 'Team/Service', account: '1', keyArn: 'alias/x', publishers: ['arn:aws:iam::111111111111:role/*'], keepTagged: 0, untaggedDays: 0.5, forceDelete: true, retain: true }))
      .toThrow(/name\] got: "Team\/Service"[^]*account\] got: "1"[^]*keyArn\] got: "alias\/x"[^]*publishers\] got: "arn[^]*keepTagged\] got: 0[^]*untaggedDays\] got: 0.5[^]*forceDelete\] got: true/);
    expect(() => synth({ publishers: [] })).toThrow(/publishers\] got: \[\]/);
  });
});
