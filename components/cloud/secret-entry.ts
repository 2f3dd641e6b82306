import { SecretsmanagerSecret, SecretsmanagerSecretConfig } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';
import { exempt } from './exempt';

/** Props of {@link SecretEntry}. */
export interface SecretEntryProps {
  /** Name, e.g. `team/service`. */
  readonly name: string;
  /** What it is for, and which keys its value has: people fill it in by hand. */
  readonly description: string;
  /** ARN of the key of KMS that encrypts it. */
  readonly keyArn: string;
  /** Days a deleted secret can still be brought back, 7 to 30; 0 deletes at once, and frees the name. @default 30 */
  readonly recoveryDays?: number;
  /** The way out: gets the finished configuration and returns the one to use. @default - as built here */
  readonly transform?: (config: SecretsmanagerSecretConfig) => SecretsmanagerSecretConfig;
}

/**
 * A place for a secret in Secrets Manager. There is no way to give it a value here: what Terraform writes, its state keeps. A person does, once:
 * `aws secretsmanager put-secret-value --secret-id NAME --secret-string file://value.json`.
 */
export class SecretEntry extends Construct {
  readonly secret: SecretsmanagerSecret;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: SecretEntryProps) {
    super(scope, id);
    refuse(`the secret ${show(props.name)} cannot be built`, entryFaults(props, this.node.path));
    const config: SecretsmanagerSecretConfig = { name: props.name, description: props.description, kmsKeyId: props.keyArn, recoveryWindowInDays: props.recoveryDays ?? 30 };
    this.secret = new SecretsmanagerSecret(this, 'Resource', props.transform?.(config) ?? config);
    exempt(this.secret, { CKV2_AWS_57: 'a person gives the value; what rotates it would have to know every service that accepts it' });
  }

  /** Ends in letters that AWS chooses. */
  get arn(): string {
    return this.secret.arn;
  }
}

function entryFaults({ name, description, keyArn, recoveryDays = 30 }: SecretEntryProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  need(/^[\w/+=.@-]{1,256}$/.test(name), 'name', name, '1 to 256 letters, digits and /_+=.@-', 'choose such a name');
  need(!/-[A-Za-z0-9]{6}$/.test(name), 'name', name, "a name that does not end in '-' and six letters", 'choose another: AWS appends just that to tell secrets of one name apart');
  need(description.trim() !== '', 'description', description, 'a sentence', 'say what it is for: somebody has to fill it in');
  need(/^(arn:aws:kms:|\$\{)/.test(keyArn), 'keyArn', keyArn, 'the ARN of a key', 'give the ARN');
  need(recoveryDays === 0 || (Number.isInteger(recoveryDays) && recoveryDays >= 7 && recoveryDays <= 30), 'recoveryDays', recoveryDays, '7 to 30 whole days, or 0', 'set it, or leave it out for 30');
  return faults;
}
