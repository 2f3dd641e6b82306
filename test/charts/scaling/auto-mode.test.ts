import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { synthesize } from '../../../charts/synthesize';
import { Environment, environments } from '../../../config';
import { loadObjects, verifyAll } from '../../../verify';

const [dev] = environments() as [Environment];
const AUTO: Environment = { ...dev, nodeProvisioner: 'auto-mode' };
const ALONE: Environment = { ...AUTO, nodePools: dev.nodePools.filter(({ scaledBy }) => scaledBy === 'provisioner') };
const POLICIES = 'dev/node-pools/configmap-amazon-vpc-cni.yaml';
const VOLUMES = 'dev/namespaces/storageclass-encrypted.yaml';

describe('an environment on Auto Mode', () => {
  it('has its NetworkPolicies enforced: by the add-on beside node groups, and by word where there is none', () => {
    expect(parse(synthesize([ALONE]).get(POLICIES)!)).toMatchObject({ metadata: { namespace: 'kube-system' }, data: { 'enable-network-policy-controller': 'true' } });
    for (const environment of [dev, AUTO]) expect([...synthesize([environment]).keys()]).not.toContain(POLICIES);
  });

  it('has its volumes made by what attaches them to its nodes', () => {
    const volumes = (environment: Environment) => parse(synthesize([environment]).get(VOLUMES)!) as { allowedTopologies?: unknown };
    expect(volumes(dev)).toMatchObject({ provisioner: 'ebs.csi.aws.com', parameters: { encrypted: 'true' } });
    expect(volumes(dev).allowedTopologies).toBeUndefined();
    expect(volumes(ALONE)).toMatchObject({
      provisioner: 'ebs.csi.eks.amazonaws.com', parameters: { encrypted: 'true' }, allowedTopologies: [{ matchLabelExpressions: [{ key: 'eks.amazonaws.com/compute-type', values: ['auto'] }] }],
    });
  });

  it('passes every proof', () => {
    expect(verifyAll(loadObjects(synthesize([ALONE]))).filter(({ status }) => status === 'fail')).toEqual([]);
  });
});
