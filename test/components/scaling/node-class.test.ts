import { describe, expect, it } from 'vitest';
import { AutoModeNodeClass, AutoModeNodeClassProps, Ec2NodeClass, Ec2NodeClassProps } from '../../../components';
import { sampleOwnership } from '../../support/sample-service';
import { objectOf, synthChart } from '../../support/synth';

const SHARED: AutoModeNodeClassProps = { name: 'shore', role: 'shore-node', subnetTags: { 'karpenter.sh/discovery': 'shore' }, securityGroupTags: { 'aws:eks:cluster-name': 'shore' }, ...sampleOwnership };
const PROPS: Ec2NodeClassProps = { ...SHARED, image: { family: 'al2023', release: 'v20260714' } };
const OWNERSHIP_TAGS = { owner: 'crew', environment: 'dev', 'cost-centre': 'research' };

const ec2 = (given: Partial<Ec2NodeClassProps> = {}) => objectOf(synthChart((chart) => new Ec2NodeClass(chart, 'class', { ...PROPS, ...given })), 'EC2NodeClass');
const auto = (given: Partial<AutoModeNodeClassProps> = {}) => objectOf(synthChart((chart) => new AutoModeNodeClass(chart, 'class', { ...SHARED, ...given })), 'NodeClass');

describe("a node class of Karpenter's", () => {
  it('finds subnets and groups by tags, and names its image to the release', () => {
    expect(ec2()).toMatchObject({
      apiVersion: 'karpenter.k8s.aws/v1',
      spec: {
        role: 'shore-node', amiSelectorTerms: [{ alias: 'al2023@v20260714' }],
        subnetSelectorTerms: [{ tags: { 'karpenter.sh/discovery': 'shore' } }], securityGroupSelectorTerms: [{ tags: { 'aws:eks:cluster-name': 'shore' } }],
      },
    });
  });

  it('keeps pods from the credentials of the node, and the node from the internet', () => {
    expect(ec2().spec).toMatchObject({ metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 }, associatePublicIPAddress: false });
  });

  it('encrypts the volumes, 50 GiB of them unless asked otherwise', () => {
    const ebs = { volumeType: 'gp3', encrypted: true, deleteOnTermination: true };
    expect(ec2().spec.blockDeviceMappings).toEqual([{ deviceName: '/dev/xvda', rootVolume: true, ebs: { ...ebs, volumeSize: '50Gi' } }]);
    expect(ec2({ rootVolumeGiB: 80 }).spec.blockDeviceMappings[0].ebs.volumeSize).toBe('80Gi');
    const bottlerocket = ec2({ image: { family: 'bottlerocket', release: '1.30.0' } }).spec.blockDeviceMappings;
    expect(bottlerocket).toEqual([{ deviceName: '/dev/xvda', rootVolume: true, ebs: { ...ebs, volumeSize: '4Gi' } }, { deviceName: '/dev/xvdb', ebs: { ...ebs, volumeSize: '50Gi' } }]);
  });

  it('tags what Terraform never sees', () => {
    expect(ec2({ tags: { team: 'crew' } }).spec.tags).toEqual({ ...OWNERSHIP_TAGS, team: 'crew' });
  });

  it('can be changed in what it did not foresee', () => {
    expect(ec2({ transform: (spec) => ({ ...spec, detailedMonitoring: true }) }).spec.detailedMonitoring).toBe(true);
  });

  it.each<[string, Partial<Ec2NodeClassProps>, RegExp]>([
    ['whatever image is the latest', { image: { family: 'al2023', release: 'latest' } }, /image.release\] got: "latest"; .*every new image replaces every node/],
    ['the ARN of a role', { role: 'arn:aws:iam::111111111111:role/x' }, /role\].*give its name, not its ARN/],
    ['subnets of anybody', { subnetTags: {} }, /subnetTags\] got: \{\}; allowed: at least one tag/],
    ['groups of any cluster', { securityGroupTags: { 'aws:eks:cluster-name': '*' } }, /securityGroupTags\]/],
    ['a volume without room', { rootVolumeGiB: 10 }, /rootVolumeGiB\] got: 10; allowed: a whole number from 20/],
    ['a tag that is not ours to set', { tags: { 'kubernetes.io/cluster/other': 'owned' } }, /tags\] got: "kubernetes.io\/cluster\/other"/],
    ['a name that is none', { name: '' }, /name\] got: ""/],
  ])('refuses %s', (_, given, message) => {
    expect(() => ec2(given)).toThrow(message);
  });

  it('names every fault at once', () => {
    expect(() => ec2({ name: '', subnetTags: {}, image: { family: 'al2023', release: 'latest' } })).toThrow(/name\][^]*subnetTags\][^]*image.release\]/);
  });
});

describe("a node class of Auto Mode's", () => {
  it('says where nodes start, as whom, and how large their volume is, and leaves the rest to it', () => {
    expect(auto()).toMatchObject({ apiVersion: 'eks.amazonaws.com/v1', metadata: { name: 'shore' } });
    expect(auto().spec).toEqual({
      role: 'shore-node', subnetSelectorTerms: [{ tags: SHARED.subnetTags }], securityGroupSelectorTerms: [{ tags: SHARED.securityGroupTags }],
      ephemeralStorage: { size: '50Gi' }, tags: OWNERSHIP_TAGS,
    });
  });

  it('is not the one that Auto Mode makes itself, and has the faults of the other kind', () => {
    expect(() => auto({ name: 'default' })).toThrow(/name\] got: default; allowed: another name/);
    expect(() => auto({ rootVolumeGiB: 1.5 })).toThrow(/rootVolumeGiB/);
    expect(auto({ transform: (spec) => ({ ...spec, networkPolicy: 'DefaultDeny' }) }).spec.networkPolicy).toBe('DefaultDeny');
  });
});
