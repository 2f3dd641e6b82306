import type { Construct } from 'constructs';
import type { Environment } from '../config';
import { PlatformStack } from './platform-stack';

/** What must exist before a pipeline can apply anything: the bucket of all states, GitHub's identity provider, the roles that deploy and plan. */
export class FoundationStack extends PlatformStack {
  constructor(scope: Construct, environment: Environment) {
    super(scope, environment, 'foundation');
  }
}
