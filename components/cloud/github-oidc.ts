import { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider';
import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { IamRole, IamRoleConfig } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';
import { policyDocument, policyFaults, PolicyStatement } from './policy';

/** Host of GitHub's tokens. */
const ISSUER = 'token.actions.githubusercontent.com';
/** For whom a token must be made out: what `aws-actions/configure-aws-credentials` asks for. */
const AUDIENCE = 'sts.amazonaws.com';

/** A branch, or a tag, or tags that begin alike (`v*`). */
export type GithubRef = { readonly branch: string; readonly tag?: never } | { readonly tag: string; readonly branch?: never };

/**
 * Which runs of a repository's workflows are meant. `branch` and `tag`: those of such a ref. `environment`: jobs of a GitHub environment, whose own rules say which reviewers it wants; `from` holds
 * AWS to the ref as well, since the subject of such a job does not name it. `pullRequest`: those of pull requests, from the repository itself; GitHub gives forks no token.
 */
export type GithubSubject =
  | GithubRef
  | { readonly environment: string; /** @default - any ref that the environment's rules let pass */ readonly from?: GithubRef }
  | { readonly pullRequest: true };

/** Props of a role that workflows assume. */
export interface GithubRoleProps {
  /** Name of the role, 1 to 64 characters. */
  readonly name: string;
  readonly description: string;
  /** `owner/name`. */
  readonly repository: string;
  /** Who may assume it, at least one. */
  readonly subjects: readonly GithubSubject[];
  /**
   * Numbers of the owner and of the repository, where GitHub writes them into subjects (`repo:owner@1/name@2:...`), as it does for repositories made or renamed since July 2026: a name that
   * somebody else takes over is then no way in. @default - subjects hold names only
   *
   * @see https://docs.github.com/actions/reference/security/oidc
   */
  readonly ids?: { readonly owner: string; readonly repository: string };
  /** What it may do, as managed policies by name: each at most 6,144 characters, at most 10. @default - nothing */
  readonly policies?: Readonly<Record<string, readonly PolicyStatement[]>>;
  /** ARNs of further managed policies. @default - none */
  readonly managedPolicies?: readonly string[];
  /** ARN of the policy that bounds whatever it is given. @default - none */
  readonly boundaryArn?: string;
  /** How long a session lasts at most, minutes, 60 to 720. @default 60 */
  readonly maxSessionMinutes?: number;
  /** The way out: gets the finished configuration and returns the one to use. @default - as built here */
  readonly transform?: (config: IamRoleConfig) => IamRoleConfig;
}

/** Props of {@link GithubOidc}. */
export interface GithubOidcProps {
  /** ARN of GitHub's provider if the account has it already: there can be one only. @default - it is made here */
  readonly providerArn?: string;
}

/**
 * GitHub Actions as an identity of AWS: workflows get credentials of minutes for roles, and no key is kept anywhere.
 *
 * A role names the repository and the runs it trusts. What would let in more than was reviewed, any branch, any repository, is refused here: such a role can be assumed by
 * whoever may push a branch, or by anybody with an account at GitHub.
 */
export class GithubOidc extends Construct {
  readonly providerArn: string;

  constructor(scope: Construct, id: string, props: GithubOidcProps = {}) {
    super(scope, id);
    // Without thumbprints: AWS trusts GitHub's certificates by their authority, and ignores the list.
    this.providerArn = props.providerArn ?? new IamOpenidConnectProvider(this, 'Provider', { url: `https://${ISSUER}`, clientIdList: [AUDIENCE], tags: { Name: 'github-actions' } }).arn;
  }

  /**
   * Adds a role.
   *
   * @throws FaultError with every prop that is not usable
   */
  addRole(id: string, props: GithubRoleProps): IamRole {
    refuse(`the role ${show(props.name)} cannot be built`, roleFaults(props, `${this.node.path}/${id}`));
    const scope = new Construct(this, id);
    const config: IamRoleConfig = {
      name: props.name, description: props.description, assumeRolePolicy: policyDocument(trustOf(props, this.providerArn)),
      maxSessionDuration: (props.maxSessionMinutes ?? 60) * 60,
      ...(props.boundaryArn ? { permissionsBoundary: props.boundaryArn } : {}),
    };
    const role = new IamRole(scope, 'Role', props.transform?.(config) ?? config);
    for (const [name, statements] of Object.entries(props.policies ?? {})) {
      const policy = new IamPolicy(scope, `Policy-${name}`, { name: `${props.name}-${name}`, description: `${props.description}: ${name}`, policy: policyDocument(statements) });
      new IamRolePolicyAttachment(scope, `Attachment-${name}`, { role: role.name, policyArn: policy.arn });
    }
    (props.managedPolicies ?? []).forEach((policyArn) => new IamRolePolicyAttachment(scope, policyArn.slice(policyArn.lastIndexOf('/') + 1), { role: role.name, policyArn }));
    return role;
  }
}

/** The subject of a run's token, as GitHub writes it. */
export function githubSubject({ repository, ids }: Pick<GithubRoleProps, 'repository' | 'ids'>, subject: GithubSubject): string {
  const [owner, name] = repository.split('/');
  const prefix = ids ? `repo:${owner}@${ids.owner}/${name}@${ids.repository}` : `repo:${repository}`;
  if ('environment' in subject) return `${prefix}:environment:${subject.environment}`;
  if ('pullRequest' in subject) return `${prefix}:pull_request`;
  return `${prefix}:ref:${refOf(subject)}`;
}

function refOf(ref: GithubRef): string {
  return ref.branch !== undefined ? `refs/heads/${ref.branch}` : `refs/tags/${ref.tag}`;
}

function trustOf(props: GithubRoleProps, providerArn: string): PolicyStatement[] {
  return props.subjects.map((subject, index) => {
    const claims: [claim: string, value: string][] = [['aud', AUDIENCE], ['sub', githubSubject(props, subject)]];
    if ('environment' in subject && subject.from) claims.push(['ref', refOf(subject.from)]);
    const conditions: Record<'StringEquals' | 'StringLike', Record<string, string>> = { StringEquals: {}, StringLike: {} };
    for (const [claim, value] of claims) conditions[value.endsWith('*') ? 'StringLike' : 'StringEquals'][`${ISSUER}:${claim}`] = value;
    return {
      Sid: `Runs${index}`, Effect: 'Allow', Principal: { Federated: providerArn }, Action: ['sts:AssumeRoleWithWebIdentity'],
      Condition: Object.fromEntries(Object.entries(conditions).filter(([, compared]) => Object.keys(compared).length > 0)), // by pattern only where a pattern was given
    };
  });
}

function roleFaults(props: GithubRoleProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  need(/^[\w+=,.@-]{1,64}$/.test(props.name), 'name', props.name, '1 to 64 letters, digits and +=,.@-', 'choose such a name');
  need(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[\w.-]{1,100}$/.test(props.repository), 'repository', props.repository, 'owner/name, without wildcards',
    'name one repository: a wildcard lets in repositories that others make');
  need(props.ids === undefined || [props.ids.owner, props.ids.repository].every((id) => /^\d{1,20}$/.test(id)), 'ids', props.ids, 'numbers, as texts', 'see gh api repos/OWNER/NAME: .owner.id and .id');
  need(props.subjects.length > 0, 'subjects', props.subjects, 'at least one', 'say which runs may assume the role');
  props.subjects.forEach((subject, index) => subjectFaults(subject, (fits, got, allowed, todo) => need(fits, `subjects[${index}]`, got, allowed, todo)));
  const minutes = props.maxSessionMinutes ?? 60;
  need(Number.isInteger(minutes) && minutes >= 60 && minutes <= 720, 'maxSessionMinutes', minutes, '60 to 720 whole minutes', 'set it, or leave it out for 60');
  const count = Object.keys(props.policies ?? {}).length + (props.managedPolicies ?? []).length;
  need(count <= 10, 'policies', `${count} policies`, 'at most 10 together with managedPolicies', 'join some');
  for (const [name, statements] of Object.entries(props.policies ?? {})) {
    need(/^[\w+=,.@-]+$/.test(name) && props.name.length + 1 + name.length <= 128, `policies.${name}`, name, 'a name that makes at most 128 characters with that of the role', 'shorten it');
    faults.push(...policyFaults(statements, 'managed', `${path} policies.${name}`));
  }
  if (faults.length === 0) faults.push(...policyFaults(trustOf(props, `arn:aws:iam::000000000000:oidc-provider/${ISSUER}`), 'trust', `${path} subjects`));
  return faults;
}

function subjectFaults(subject: GithubSubject, need: (fits: boolean, got: unknown, allowed: string, todo: string) => void): void {
  const kinds = ['branch', 'tag', 'environment', 'pullRequest'].filter((kind) => (subject as Record<string, unknown>)[kind] !== undefined);
  need(kinds.length === 1, subject, 'one of branch, tag, environment, pullRequest', 'give one of them, and a subject for each');
  if (kinds.length !== 1) return;
  if ('environment' in subject) {
    need(/^[\w][\w.-]{0,254}$/.test(subject.environment), subject.environment, 'a GitHub environment by name', 'name the environment, and give it rules there');
    if (subject.from) refFaults(subject.from, need);
  } else if ('pullRequest' in subject) {
    need(subject.pullRequest === true, subject.pullRequest, 'true', 'leave the subject out if pull requests are not meant');
  } else {
    refFaults(subject, need);
  }
}

function refFaults(ref: GithubRef, need: (fits: boolean, got: unknown, allowed: string, todo: string) => void): void {
  need((ref.branch === undefined) !== (ref.tag === undefined), ref, 'a branch or a tag', 'give one of them');
  if (ref.branch !== undefined) {
    need(/^(?!refs\/)\w[\w./-]*$/.test(ref.branch), ref.branch, 'one branch by name, such as main', 'name the branch: with a wildcard whoever may push a branch holds the role');
  } else if (ref.tag !== undefined) {
    need(/^(?!refs\/)\w[\w./-]*\*?$/.test(ref.tag), ref.tag, 'a tag, or the beginning of tags and one * at the end', "name the tags, e.g. v*, and protect them: 'any tag' is any commit");
  }
}
