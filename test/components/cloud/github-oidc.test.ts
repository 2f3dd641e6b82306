import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GithubOidc, GithubOidcProps, GithubRoleProps, GithubSubject } from '../../../components/cloud';
import { only, reference, resources, synthIn } from '../../support/synth-stack';

const ROLE: GithubRoleProps = { name: 'shore-deploy', description: 'Deploys', repository: 'example/shore', subjects: [{ environment: 'prod' }] };
const synth = (role: Partial<GithubRoleProps> = {}, props: GithubOidcProps = {}) => synthIn((stack) => new GithubOidc(stack, 'github', props).addRole('deploy', { ...ROLE, ...role }));
const trust = (role: Partial<GithubRoleProps>) => JSON.parse(only(synth(role), 'aws_iam_role').assume_role_policy).Statement as { Condition: Record<string, Record<string, unknown>>; Principal: unknown; Action: unknown }[];
const SUB = 'token.actions.githubusercontent.com:sub';
const AUD = 'token.actions.githubusercontent.com:aud';

describe('GitHub as an identity provider', () => {
  it('is made with the one audience there is, or taken if the account has it', () => {
    const made = synth();
    const provider = only(made, 'aws_iam_openid_connect_provider');
    expect(provider).toMatchObject({ url: 'https://token.actions.githubusercontent.com', client_id_list: ['sts.amazonaws.com'] });
    expect(only(made, 'aws_iam_role').assume_role_policy).toContain(reference(made, 'aws_iam_openid_connect_provider', provider, 'arn'));
    const taken = synth({}, { providerArn: 'arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com' });
    expect(resources(taken, 'aws_iam_openid_connect_provider')).toEqual([]);
    expect(only(taken, 'aws_iam_role').assume_role_policy).toContain('arn:aws:iam::111111111111:oidc-provider/');
  });

  it.each<[GithubSubject, string]>([
    [{ branch: 'main' }, 'repo:example/shore:ref:refs/heads/main'],
    [{ branch: 'release/1.x' }, 'repo:example/shore:ref:refs/heads/release/1.x'],
    [{ tag: 'v1.0.0' }, 'repo:example/shore:ref:refs/tags/v1.0.0'],
    [{ environment: 'prod' }, 'repo:example/shore:environment:prod'],
    [{ pullRequest: true }, 'repo:example/shore:pull_request'],
  ])('trusts %j and nothing else, by equality', (subject, sub) => {
    expect(trust({ subjects: [subject] })).toEqual([expect.objectContaining({ Action: ['sts:AssumeRoleWithWebIdentity'], Condition: { StringEquals: { [AUD]: 'sts.amazonaws.com', [SUB]: sub } } })]);
  });

  it('compares by pattern only where a pattern was given', () => {
    const statements = trust({ subjects: [{ branch: 'main' }, { tag: 'v*' }] });
    expect(statements.map(({ Condition }) => [Condition.StringEquals?.[SUB], Condition.StringLike?.[SUB]])).toEqual([
      ['repo:example/shore:ref:refs/heads/main', undefined], [undefined, 'repo:example/shore:ref:refs/tags/v*'],
    ]);
    for (const { Condition } of statements) expect(Condition.StringEquals?.[AUD]).toBe('sts.amazonaws.com');
  });

  it('holds jobs of an environment to a ref as well, where one is given', () => {
    const REF = 'token.actions.githubusercontent.com:ref';
    expect(trust({ subjects: [{ environment: 'dev', from: { branch: 'main' } }] })[0]!.Condition.StringEquals![REF]).toBe('refs/heads/main');
    expect(trust({ subjects: [{ environment: 'prod', from: { tag: 'v*' } }] })[0]!.Condition).toMatchObject({ StringEquals: { [SUB]: 'repo:example/shore:environment:prod' }, StringLike: { [REF]: 'refs/tags/v*' } });
  });

  it('knows a repository by numbers that nobody can take over', () => {
    expect(trust({ ids: { owner: '42', repository: '7' } })[0]!.Condition.StringEquals![SUB]).toBe('repo:example@42/shore@7:environment:prod');
  });

  it('gives what it is given, bounded, for an hour', () => {
    const stack = synth({ boundaryArn: 'arn:aws:iam::111111111111:policy/bound', policies: { read: [{ Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::shore/*'] }] } });
    expect(only(stack, 'aws_iam_role')).toMatchObject({ permissions_boundary: 'arn:aws:iam::111111111111:policy/bound', max_session_duration: 3600 });
    expect(only(stack, 'aws_iam_policy').name).toBe('shore-deploy-read');
    expect(only(stack, 'aws_iam_role_policy_attachment').policy_arn).toBe(reference(stack, 'aws_iam_policy', only(stack, 'aws_iam_policy'), 'arn'));
  });

  it.each<[string, Partial<GithubRoleProps>, string]>([
    ['any repository of an owner', { repository: 'example/*' }, 'repository'],
    ['any owner', { repository: '*/shore' }, 'repository'],
    ['a number that is none', { ids: { owner: '*', repository: '7' } }, 'ids'],
    ['a branch with its path', { subjects: [{ branch: 'refs/heads/main' }] }, 'subjects[0]'],
    ['an environment from any branch', { subjects: [{ environment: 'prod', from: { branch: '*' } }] }, 'subjects[0]'],
    ['two statements of one id', { policies: { twice: [{ Sid: 'A', Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['x'] }, { Sid: 'A', Effect: 'Allow', Action: ['s3:PutObject'], Resource: ['x'] }] } }, 'policies.twice'],
    ['a name longer than IAM takes', { policies: { ['n'.repeat(120)]: [] } }, 'policies.nnn'],
    ['nobody', { subjects: [] }, 'subjects'],
    ['any branch', { subjects: [{ branch: '*' }] }, 'subjects[0]'],
    ['branches that begin alike', { subjects: [{ branch: 'release/*' }] }, 'subjects[0]'],
    ['any tag', { subjects: [{ tag: '*' }] }, 'subjects[0]'],
    ['a pattern in the middle', { subjects: [{ tag: 'v*-rc' }] }, 'subjects[0]'],
    ['one character of many', { subjects: [{ branch: 'mai?' }] }, 'subjects[0]'],
    ['any environment', { subjects: [{ environment: 'pro*' }] }, 'subjects[0]'],
    ['an environment that goes on as a ref', { subjects: [{ environment: 'prod:ref:refs/heads/main' }] }, 'subjects[0]'],
    ['two things at once', { subjects: [{ branch: 'main', tag: 'v1' } as unknown as GithubSubject] }, 'subjects[0]'],
    ['a session of a day', { maxSessionMinutes: 1440 }, 'maxSessionMinutes'],
    ['more than a policy holds', { policies: { much: [{ Effect: 'Allow', Action: ['s3:GetObject'], Resource: Array.from({ length: 400 }, (_, index) => `arn:aws:s3:::bucket-${index}/*`) }] } }, 'policies.much'],
  ])('refuses %s', (_, role, where) => {
    expect(() => synth(role)).toThrow(new RegExp(`\\[test/github/deploy ${where.replace(/[[\].]/g, '\\$&')}[^ ]*\\] got: .*; allowed: .*; do: `));
  });

  it('never writes a subject with a wildcard but at the end of a tag', () => {
    const subjects = fc.tuple(fc.constantFrom('branch', 'tag', 'environment'), fc.string()).map(([kind, text]) => ({ [kind]: text }) as unknown as GithubSubject);
    fc.assert(fc.property(subjects, (subject) => {
      let statements;
      try {
        statements = trust({ subjects: [subject] });
      } catch (error) {
        expect(String(error)).toContain('subjects[0]');
        return;
      }
      const subs = statements.flatMap(({ Condition }) => [Condition.StringEquals?.[SUB], Condition.StringLike?.[SUB]].filter((each) => each !== undefined));
      expect(subs).toHaveLength(1);
      expect(subs[0]).toMatch(/^repo:example\/shore:(ref:refs\/(heads\/[\w./-]+|tags\/[\w./-]+\*?)|environment:[\w.-]+)$/);
    }), { numRuns: 150 });
  });
});
