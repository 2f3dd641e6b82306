import type { Construct } from 'constructs';
import type { Environment } from '../../config';
import { PlatformStack } from '../platform-stack';

/** Who may do what in AWS: workloads through Pod Identity, the publishing of images through GitHub. */
export class IdentityStack extends PlatformStack {
  constructor(scope: Construct, environment: Environment) {
    super(scope, environment, 'identity');
  }
}
