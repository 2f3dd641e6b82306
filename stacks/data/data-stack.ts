import type { Construct } from 'constructs';
import type { Environment } from '../../config';
import { PlatformStack } from '../platform-stack';

/** What an environment keeps outside its cluster: bills, images, databases, their backups and secrets. */
export class DataStack extends PlatformStack {
  constructor(scope: Construct, environment: Environment) {
    super(scope, environment, 'data');
  }
}
