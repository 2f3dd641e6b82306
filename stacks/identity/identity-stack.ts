import type { Construct } from 'constructs';
import { GithubOidc, WorkloadIdentity } from '../../components/cloud';
import type { Environment } from '../../config';
import { PlatformStack } from '../platform-stack';
import { WORKLOAD_GRANTS } from './grants';

/** What an image is pushed with, layer by layer. */
const PUSH = ['BatchCheckLayerAvailability', 'BatchGetImage', 'CompleteLayerUpload', 'DescribeImages', 'GetDownloadUrlForLayer', 'InitiateLayerUpload', 'PutImage', 'UploadLayerPart'];

/** Who may do what in AWS: workloads through Pod Identity, the publishing of images through GitHub. */
export class IdentityStack extends PlatformStack {
  constructor(scope: Construct, environment: Environment) {
    super(scope, environment, 'identity');
    const { account, region, name, github } = environment;
    for (const { namespace, serviceAccount, applies, grant } of WORKLOAD_GRANTS) {
      if (!applies(environment)) continue;
      const identity = new WorkloadIdentity(this, `${namespace}-${serviceAccount}`, {
        name: `tideline-${name}-${namespace}-${serviceAccount}`, clusterName: this.facts.cluster.name, clusterArn: this.facts.cluster.arn, account, namespace, serviceAccount,
      });
      grant(identity, environment, this.facts);
    }
    new GithubOidc(this, 'github', { providerArn: this.facts.githubProviderArn }).addRole('publish', {
      name: `tideline-${name}-publish`, description: `Publishes images of ${name}`, repository: github.repository, ...(github.ids ? { ids: github.ids } : {}), subjects: [github.deploysFrom],
      policies: {
        push: [
          { Sid: 'LogOn', Effect: 'Allow', Action: ['ecr:GetAuthorizationToken'], Resource: ['*'] }, // knows no resources
          { Sid: 'Push', Effect: 'Allow', Action: PUSH.map((action) => `ecr:${action}`), Resource: [`arn:aws:ecr:${region}:${account}:repository/${this.facts.registry.prefix}/*`] },
        ],
      },
    });
  }
}
