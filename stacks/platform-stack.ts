import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { S3Backend, S3BackendConfig, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { formatFault } from '../base/faults';
import { BoundaryAspect, ownershipTags, providerWiringFaults, StackJson, TagAspect } from '../components/cloud';
import type { Environment } from '../config';
import { boundaryName, Facts, factsOf, stackId, StackName, stateKey, TERRAFORM_VERSION } from '../config/facts';

/**
 * One blast radius of one environment: a state of its own, the environment's account and no other, ownership tags on everything, and a proof at synth that
 * no provider leans on a resource of the same apply.
 */
export abstract class PlatformStack extends TerraformStack {
  private proven: StackJson | undefined;
  protected readonly facts: Facts;
  /** Owner, environment and cost centre. */
  protected readonly ownershipTags: Readonly<Record<string, string>>;

  constructor(scope: Construct, protected readonly environment: Environment, name: StackName) {
    super(scope, stackId(environment.name, name));
    this.facts = factsOf(environment);
    this.ownershipTags = ownershipTags({ owner: environment.owner, environment: environment.name, costCentre: environment.costCentre });

    const backend: S3BackendConfig & { readonly useLockfile: boolean } = {
      ...this.facts.state, key: stateKey(environment.name, name), encrypt: true, allowedAccountIds: [environment.account],
      useLockfile: true, // newer than cdktf's types: S3 itself keeps the lock
    };
    new S3Backend(this, backend);
    this.addOverride('terraform.required_version', TERRAFORM_VERSION);
    // With credentials of another account the apply stops before it looks at anything.
    new AwsProvider(this, 'aws', { region: environment.region, allowedAccountIds: [environment.account] });
    TagAspect.apply(this, this.ownershipTags);
    // The foundation holds the boundary itself, and the roles that have to make others.
    if (name !== 'foundation') BoundaryAspect.apply(this, `arn:aws:iam::${environment.account}:policy/${boundaryName(environment.name)}`);
    this.node.addValidation({ validate: () => providerWiringFaults(this.node.id, this.proven = this.toTerraform() as StackJson).map(formatFault) });
  }

  /** What was proven is what is written; to resolve every token once more would give the same. */
  override toTerraform(): StackJson {
    const json = this.proven ?? super.toTerraform() as StackJson;
    this.proven = undefined;
    return json;
  }
}
