import { App } from 'cdktf';
import { DataAwsEksCluster } from '@cdktf/provider-aws/lib/data-aws-eks-cluster';
import { EksCluster as EksClusterResource } from '@cdktf/provider-aws/lib/eks-cluster';
import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { describe, expect, it } from 'vitest';
import { providerWiringFaults } from '../../components/cloud';
import { environment as environmentOf } from '../../config';
import { PlatformStack } from '../../stacks/platform-stack';
import { verifyAll } from '../../verify';
import { Block, synthStack, SynthesizedStack } from '../support/synth-stack';
import { EVERY_STACK, stackOf, textOf } from './support';

/** Type and name of every resource that could carry tags, by what the provider's own class says of it; not by asking the aspect. */
function taggable(stack: SynthesizedStack): [string, string][] {
  return Object.entries(stack.resource).filter(([type]) => type.startsWith('aws_')).flatMap(([type, named]) => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the path follows from the type
    const provider = require(`@cdktf/provider-aws/lib/${type.slice('aws_'.length).replaceAll('_', '-')}`) as Record<string, { readonly tfResourceType?: string; readonly prototype?: object }>;
    const resource = Object.values(provider).find((each) => each.tfResourceType === type)!;
    return 'tagsInput' in resource.prototype! ? Object.keys(named).map((name): [string, string] => [type, name]) : [];
  });
}

describe.each(EVERY_STACK)('$id', ({ environment, stack }) => {
  const json = stackOf(environment.name, stack);

  it('keeps its state under its own key, locked and encrypted, in the environment\'s account', () => {
    expect(json.terraform.backend.s3).toEqual({
      bucket: `tideline-${environment.name}-state-${environment.account}`, key: `${environment.name}/${stack}.tfstate`, region: environment.region,
      use_lockfile: true, encrypt: true, allowed_account_ids: [environment.account],
    });
    expect(json.terraform.required_version).toBe('>= 1.11');
  });

  it('works in the environment\'s region and account only', () => {
    // Bills are exported from us-east-1 only, wherever their bucket is; `provider` says so of that one resource.
    const billing = stack === 'data' && environment.data.billingExport && environment.region !== 'us-east-1';
    expect(json.provider.aws).toEqual([
      { region: environment.region, allowed_account_ids: [environment.account] }, ...(billing ? [{ alias: 'billing', region: 'us-east-1', allowed_account_ids: [environment.account] }] : []),
    ]);
    const away = (named: Readonly<Record<string, Block>>) => Object.values(named).some((each) => each.provider !== undefined || each.region !== undefined);
    expect(Object.keys(json.resource).filter((type) => type.startsWith('aws_') && away(json.resource[type]!))).toEqual(billing ? ['aws_bcmdataexports_export'] : []);
  });

  it('configures no provider from a resource of the same apply', () => {
    expect(Object.keys(json.provider).length).toBeGreaterThan(0);
    expect(providerWiringFaults(stack, json)).toEqual([]);
  });

  it('tags every resource with owner, environment and cost centre', () => {
    const found = taggable(json);
    expect(found.length > 0).toBe(stack !== 'bootstrap'); // which makes nothing in AWS
    for (const [type, name] of found) {
      expect(json.resource[type]![name]!.tags, `${type}.${name}`).toMatchObject({ owner: environment.owner, environment: environment.name, 'cost-centre': environment.costCentre });
    }
  });

  it('holds no secret, and hands on none', () => {
    const stacks = [{ name: json.terraform.backend.s3.key as string, file: 'cdk.tf.json', json: json as unknown as Record<string, unknown> }];
    const checks = verifyAll({ objects: [], stacks }).filter(({ id }) => ['secrets', 'secret-taint', 'provider-wiring'].includes(id));
    expect(checks.map(({ status, findings }) => [status, findings])).toEqual(checks.map(() => ['pass', []]));
    expect(checks).toHaveLength(3);
  });

  it('names no other stack\'s state', () => {
    expect(json.data?.terraform_remote_state).toBeUndefined();
    expect(JSON.stringify(json)).not.toContain('terraform_remote_state');
  });

  it('has no outputs: what another stack needs, it finds by name', () => {
    expect(json).not.toHaveProperty('output');
  });

  it('is the same to the byte when synthesized again', () => {
    expect(textOf(environment.name, stack)).toBe(textOf(environment.name, stack));
  });

  it('keeps the logical ids it had', async () => {
    // A changed id destroys and creates anew. If that is meant, say so in the change and run vitest with -u.
    const ids = [...Object.entries(json.data ?? {}).map(([type, named]) => [`data.${type}`, named] as const), ...Object.entries(json.resource)]
      .flatMap(([type, named]) => Object.keys(named).map((name) => `${type}.${name}`)).sort();
    await expect(`${JSON.stringify(ids, null, 2)}\n`).toMatchFileSnapshot(`./logical-ids/${environment.name}-${stack}.json`);
  });
});

describe('a stack whose provider leans on its own cluster', () => {
  class Tangled extends PlatformStack {
    constructor(app: App, through: 'resource' | 'data') {
      super(app, environmentOf('dev'), 'cluster');
      const made = new EksClusterResource(this, 'made', { name: 'made', roleArn: 'arn:aws:iam::111111111111:role/x', vpcConfig: { subnetIds: ['subnet-1'] } });
      const found = new DataAwsEksCluster(this, 'found', { name: made.name });
      new HelmProvider(this, 'helm', { kubernetes: { host: through === 'resource' ? made.endpoint : found.endpoint } });
    }
  }

  it.each(['resource', 'data'] as const)('does not synthesize (through its %s)', (through) => {
    expect(() => synthStack((app) => new Tangled(app, through)))
      .toThrow(/\[dev-cluster provider helm\] got: configured from .*aws_eks_cluster\.made, which the same apply creates; allowed: .*do: move what the provider manages/);
  });
});
