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
        "DefaultDeny",
        "EncryptedVolumes",
        "LABEL_PREFIX",
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
        "CONTROL_PLANE_LOGS",
        "Cidr",
        "EksAddons",
        "EksCluster",
        "LOG_RETENTION_DAYS",
        "MAX_ZONES",
        "ManagedNodePool",
        "PlatformNetwork",
        "SUBNET_TIERS",
        "ServiceRole",
        "TIER_TAG",
        "TagAspect",
        "architectureOf",
        "ownershipTags",
        "planSubnets",
        "providerWiringFaults",
      ]
    `);
  });
});
