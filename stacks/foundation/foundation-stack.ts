import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import type { Construct } from 'constructs';
import { exempt, GithubOidc, policyDocument, policyFaults, SecureBucket } from '../../components/cloud';
import { refuse } from '../../base/faults';
import { environments, type Environment } from '../../config';
import { boundaryName } from '../../config/facts';
import { PlatformStack } from '../platform-stack';
import { deliveryPermissions } from './permissions';

/**
 * What must exist before a pipeline can apply anything: the bucket of all states, GitHub's identity provider, the roles that deploy and plan, and the bound of every role they make. A person applies
 * it once; what comes after is applied by the deploy role, which can change none of this.
 */
export class FoundationStack extends PlatformStack {
  constructor(scope: Construct, environment: Environment) {
    super(scope, environment, 'foundation');
    const { name, github } = environment;
    const prefix = `tideline-${name}`;
    new SecureBucket(this, 'states', { name: this.facts.state.bucket, retain: true, retention: { keepReplacedDays: 365 } });

    const permissions = deliveryPermissions(environment);
    const boundary = boundaryName(name);
    refuse(`the roles of ${name} cannot be bounded`, policyFaults(permissions.boundary, 'managed', `${this.node.id}/${boundary}`));
    const bound = new IamPolicy(this, 'boundary', { name: boundary, description: `What no role of ${name} can do, whatever it is given`, policy: policyDocument(permissions.boundary) });
    exempt(bound, {
      CKV_AWS_62: 'a boundary gives nothing: it is what other policies are cut down to', CKV_AWS_63: 'a boundary gives nothing: it is what other policies are cut down to',
      CKV2_AWS_40: 'a boundary gives nothing: it is what other policies are cut down to',
    });

    // An account has GitHub's provider once; with two environments in it, the first makes it.
    const first = environments().find(({ account }) => account === environment.account);
    const oidc = new GithubOidc(this, 'github', first && first.name !== name ? { providerArn: this.facts.githubProviderArn } : {});
    oidc.addRole('deploy', {
      name: `${prefix}-deploy`, description: `Applies the stacks of ${name}`, repository: github.repository, ...(github.ids ? { ids: github.ids } : {}),
      subjects: [{ environment: name, from: github.deploysFrom }], policies: permissions.deploy, maxSessionMinutes: 120, // a first apply takes most of an hour, and so does a destroy
    });
    oidc.addRole('plan', {
      name: `${prefix}-plan`, description: `Plans changes of ${name}, and makes none`, repository: github.repository, ...(github.ids ? { ids: github.ids } : {}),
      subjects: [{ pullRequest: true }], policies: permissions.plan,
    });
  }
}
