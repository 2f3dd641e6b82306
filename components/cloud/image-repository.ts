import { EcrLifecyclePolicy } from '@cdktf/provider-aws/lib/ecr-lifecycle-policy';
import { EcrRepository, EcrRepositoryConfig } from '@cdktf/provider-aws/lib/ecr-repository';
import { EcrRepositoryPolicy } from '@cdktf/provider-aws/lib/ecr-repository-policy';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';
import { policyDocument, PolicyStatement } from './policy';

/** Props of {@link ImageRepository}. */
export interface ImageRepositoryProps {
  /** Name, e.g. `team/service`. */
  readonly name: string;
  /** Account it is in, 12 digits; no image comes from or goes to another. */
  readonly account: string;
  /** ARN of the key of KMS that encrypts it. It cannot be changed later: another key is another repository. */
  readonly keyArn: string;
  /** ARNs of the roles that may push and delete images; every other of the account may pull only, if its own policy lets it. @default - whoever's own policy lets them */
  readonly publishers?: readonly string[];
  /** Images with a tag that are kept, the newest; the others are deleted within a day. @default 50 */
  readonly keepTagged?: number;
  /** Days after which an image that no tag names any more is deleted. @default 7 */
  readonly untaggedDays?: number;
  /** Whether destroying it deletes its images; otherwise a repository that holds one stays. @default false */
  readonly forceDelete?: boolean;
  /** Whether Terraform refuses to destroy it, whatever the plan says. @default false */
  readonly retain?: boolean;
  /** The way out: gets the finished configuration and returns the one to use. @default - as built here */
  readonly transform?: (config: EcrRepositoryConfig) => EcrRepositoryConfig;
}

const PUSH = ['ecr:PutImage', 'ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload', 'ecr:BatchDeleteImage'];

/** A repository of ECR whose tags never come to mean another image, that scans what is pushed, and forgets what nobody runs any more. */
export class ImageRepository extends Construct {
  readonly repository: EcrRepository;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: ImageRepositoryProps) {
    super(scope, id);
    refuse(`the repository ${show(props.name)} cannot be built`, repositoryFaults(props, this.node.path));
    const config: EcrRepositoryConfig = {
      name: props.name, imageTagMutability: 'IMMUTABLE', imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [{ encryptionType: 'KMS', kmsKey: props.keyArn }],
      forceDelete: props.forceDelete === true,
      ...(props.retain === true ? { lifecycle: { preventDestroy: true } } : {}),
    };
    this.repository = new EcrRepository(this, 'Resource', props.transform?.(config) ?? config);
    const repository = this.repository.name;
    new EcrLifecyclePolicy(this, 'Lifecycle', { repository, policy: JSON.stringify(lifecyclePolicy(props)) });
    new EcrRepositoryPolicy(this, 'Policy', { repository, policy: policyDocument(statements(props)) });
  }
}

/** In the account, policies of roles allow; this one only takes away. */
function statements({ account, publishers }: ImageRepositoryProps): PolicyStatement[] {
  const deny = { Effect: 'Deny', Principal: '*' } as const;
  return [
    { Sid: 'NobodyElse', ...deny, Action: 'ecr:*', Condition: { StringNotEquals: { 'aws:PrincipalAccount': account }, Bool: { 'aws:PrincipalIsAWSService': 'false' } } },
    ...(publishers ? [{ Sid: 'OnlyPublishersPush', ...deny, Action: PUSH, Condition: { ArnNotEquals: { 'aws:PrincipalArn': publishers } } }] : []),
  ];
}

function lifecyclePolicy({ keepTagged = 50, untaggedDays = 7 }: ImageRepositoryProps): object {
  const rule = (rulePriority: number, description: string, selection: object) => ({ rulePriority, description, selection, action: { type: 'expire' } });
  return {
    rules: [
      rule(1, 'images that no tag names', { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: untaggedDays }),
      rule(2, 'all tagged images but the newest', { tagStatus: 'tagged', tagPatternList: ['*'], countType: 'imageCountMoreThan', countNumber: keepTagged }),
    ],
  };
}

function repositoryFaults(props: ImageRepositoryProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  const { name, account, keyArn, publishers, keepTagged = 50, untaggedDays = 7, forceDelete, retain } = props;
  need(/^(?=.{2,256}$)[a-z0-9]+([._-][a-z0-9]+)*(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/.test(name), 'name', name, "parts of lower-case letters and digits, joined by '/', '-', '_' or '.'", 'choose such a name');
  need(/^\d{12}$/.test(account), 'account', account, '12 digits', 'write the account number as text');
  need(/^(arn:aws:kms:|\$\{)/.test(keyArn), 'keyArn', keyArn, 'the ARN of a key', 'give the ARN: ECR keeps it, and an alias may come to mean another key');
  need(publishers === undefined || publishers.length > 0, 'publishers', publishers, 'one role or more, or nothing', 'name who pushes, or leave it out');
  (publishers ?? []).forEach((role) => need(/^(arn:aws:iam::\d{12}:role\/|\$\{)/.test(role) && !role.includes('*'), 'publishers', role, 'the ARN of one role', 'name the role'));
  need(Number.isInteger(keepTagged) && keepTagged >= 1, 'keepTagged', keepTagged, 'a whole number, 1 or more', 'set it, or leave it out for 50');
  need(Number.isInteger(untaggedDays) && untaggedDays >= 1, 'untaggedDays', untaggedDays, 'a whole number of days, 1 or more', 'set it, or leave it out for 7');
  need(!(retain === true && forceDelete === true), 'forceDelete', true, 'false where retain is true', 'decide whether it may go');
  return faults;
}
