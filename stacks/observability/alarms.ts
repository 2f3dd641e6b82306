import {
  Alarm, cacheAlarms, clusterAlarms, databaseAlarms, heartbeatAlarms, interruptionQueueAlarms, natGatewayAlarms, quotaAlarms,
} from '../../components/cloud';
import type { Environment } from '../../config';
import type { Facts } from '../../config/facts';

/**
 * What an environment is told of: the alarms of what it has. Everything is watched by its decided name; NAT gateways have none that CloudWatch knows.
 *
 * @param natGateways ids of the NAT gateways by their zone
 */
export function environmentAlarms(environment: Environment, facts: Facts, natGateways: Readonly<Record<string, string>>): Alarm[] {
  const { postgres, redis } = environment.data;
  // Auto Mode keeps a queue of its own; Karpenter has one where it starts nodes.
  const warned = environment.nodeProvisioner === 'karpenter' && environment.nodePools.some(({ scaledBy }) => scaledBy === 'provisioner');
  return [
    ...Object.entries(natGateways).flatMap(([zone, id]) => natGatewayAlarms(zone, id)),
    ...clusterAlarms(facts.cluster.name),
    ...(postgres ? databaseAlarms(facts.database.identifier, postgres.storageGiB) : []),
    ...(redis ? cacheAlarms(facts.cache.id, 1 + redis.replicas) : []),
    ...(warned ? interruptionQueueAlarms(facts.interruptions.queue) : []),
    ...quotaAlarms(),
    ...(environment.observability.managedPrometheus ? heartbeatAlarms(facts.alerts.heartbeat) : []),
  ];
}
