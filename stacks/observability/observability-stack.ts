import type { Construct } from 'constructs';
import type { Environment } from '../../config';
import { PlatformStack } from '../platform-stack';

/** Who is told when something costs more, breaks, or stops: alerts, budgets, anomalies, and what AWS keeps of metrics. */
export class ObservabilityStack extends PlatformStack {
  constructor(scope: Construct, environment: Environment) {
    super(scope, environment, 'observability');
  }
}
