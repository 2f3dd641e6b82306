import { describe, expect, test } from 'vitest';
import * as components from '../../components';
import * as cloud from '../../components/cloud';

describe('the public names', () => {
  test('of @tideline/platform are these', () => {
    expect(Object.keys(components).sort()).toMatchInlineSnapshot(`
      [
        "ARGOCD_NAMESPACE",
        "Allow",
        "AppOfApps",
        "Application",
        "AutoModeNodeClass",
        "DefaultDeny",
        "Ec2NodeClass",
        "EncryptedVolumes",
        "LABEL_PREFIX",
        "NodePool",
        "PROVIDED_ELSEWHERE",
        "PlatformNamespace",
        "PredictiveScaler",
        "RESTRICTED_CONTAINER",
        "RESTRICTED_POD",
        "RecordingRules",
        "WebService",
        "dependencies",
        "imageOf",
        "labelsOf",
        "ownerLabels",
        "requestsPerReplica",
        "selectorOf",
        "waves",
      ]
    `);
  });

  test('of @tideline/platform/cloud are these', () => {
    expect(Object.keys(cloud).sort()).toMatchInlineSnapshot(`
      [
        "ADDON_NAMES",
        "ALERT_PUBLISHERS",
        "AlertTopic",
        "CONTROL_PLANE_LOGS",
        "Cidr",
        "CloudAlarms",
        "CostAnomalies",
        "CostBudget",
        "DISCOVERY_TAG",
        "EXEMPTIONS",
        "EksAddons",
        "EksCluster",
        "EncryptionKey",
        "HEARTBEAT_ALERT",
        "INTERFACE_ENDPOINT_SCOPES",
        "INTERRUPTION_EVENTS",
        "InterfaceEndpoints",
        "LOG_RETENTION_DAYS",
        "MAX_ZONES",
        "ManagedGrafana",
        "ManagedNodePool",
        "ManagedPrometheus",
        "PlatformNetwork",
        "SUBNET_TIERS",
        "SecureBucket",
        "ServiceRole",
        "SpotNodePools",
        "TIER_TAG",
        "TagAspect",
        "TierAcls",
        "alertPrincipals",
        "architectureOf",
        "cacheAlarms",
        "clusterAlarms",
        "databaseAlarms",
        "exempt",
        "heartbeatAlarms",
        "interruptionQueueAlarms",
        "natGatewayAlarms",
        "ownershipTags",
        "planSubnets",
        "providerWiringFaults",
        "publicObjects",
        "quotaAlarms",
      ]
    `);
  });
});
