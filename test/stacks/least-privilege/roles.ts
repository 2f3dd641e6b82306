import { environment as environmentOf } from '../../../config';
import type { EnvironmentStacks } from '../../../stacks/build-stacks';
import type { Block, SynthesizedStack } from '../../support/synth-stack';
import { stackOf } from '../support';

/** A policy as it stands in the JSON. */
export interface PolicyText {
  readonly name: string;
  readonly policy: { readonly Statement: readonly StatementText[] };
}
export interface StatementText {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A role of an environment, with all that is known of what it may do. */
export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly stack: string;
  readonly trust: PolicyText['policy'];
  /** Inline policies, and managed ones of ours. */
  readonly policies: readonly PolicyText[];
  /** Managed policies of AWS, whose text is AWS's to change: named, and not simulated. */
  readonly ofAws: readonly string[];
  /** Undefined for a role without a boundary. */
  readonly boundary?: PolicyText;
}

/** Every role of an environment's stacks by name. */
export function rolesOf(environment: string): ReadonlyMap<string, Role> {
  const { account, region } = environmentOf(environment);
  const stacks = (['foundation', 'network', 'cluster', 'data', 'identity', 'observability'] as const)
    .map((stack: keyof EnvironmentStacks) => [stack, stackOf(environment, stack)] as const);
  const managed = new Map<string, PolicyText>(stacks.flatMap(([, json]) => Object.entries(json.resource?.aws_iam_policy ?? {}).map(([, block]) => [
    `arn:aws:iam::${account}:policy/${block.name}`, { name: block.name as string, policy: JSON.parse(filled(json, block.policy, account, region)) as PolicyText['policy'] },
  ] as const)));
  return new Map(stacks.flatMap(([stack, json]) => Object.entries(json.resource?.aws_iam_role ?? {}).map(([id, block]): [string, Role] => {
    const own = (type: string) => Object.values(json.resource?.[type] ?? {}).filter((each) => each.role === `\${aws_iam_role.${id}.name}`);
    const attached = own('aws_iam_role_policy_attachment').map((each) => filled(json, each.policy_arn, account, region));
    const boundary = block.permissions_boundary === undefined ? undefined : managed.get(block.permissions_boundary);
    if (block.permissions_boundary !== undefined && boundary === undefined) throw new Error(`${block.name} is bounded by ${block.permissions_boundary}, which nobody makes`);
    return [block.name, {
      name: block.name, arn: `arn:aws:iam::${account}:role/${block.name}`, stack, trust: JSON.parse(filled(json, block.assume_role_policy, account, region)),
      policies: [
        ...own('aws_iam_role_policy').map((each) => ({ name: each.name as string, policy: JSON.parse(filled(json, each.policy, account, region)) })),
        ...attached.flatMap((arn) => managed.get(arn) ?? []),
      ],
      ofAws: attached.filter((arn) => arn.startsWith('arn:aws:iam::aws:')).map((arn) => arn.slice(arn.lastIndexOf('/') + 1)),
      ...(boundary ? { boundary } : {}),
    }];
  })));
}

/** A text with references to resources of its stack replaced by the ARNs these will have. */
function filled(json: SynthesizedStack, text: string, account: string, region: string): string {
  return text.replace(/\$\{(aws_\w+)\.([\w-]+)\.arn\}/g, (_, type: string, id: string) => arnOf(type, id, json.resource[type]![id]!, account, region));
}

function arnOf(type: string, id: string, block: Block, account: string, region: string): string {
  const at = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
  switch (type) {
    case 'aws_iam_role': return `arn:aws:iam::${account}:role/${block.name}`;
    case 'aws_iam_policy': return `arn:aws:iam::${account}:policy/${block.name}`;
    case 'aws_iam_openid_connect_provider': return `arn:aws:iam::${account}:oidc-provider/${String(block.url).replace('https://', '')}`;
    case 'aws_eks_cluster': return at('eks', `cluster/${block.name}`);
    case 'aws_sqs_queue': return at('sqs', block.name);
    case 'aws_sns_topic': return at('sns', block.name);
    case 'aws_kms_key': return at('kms', `key/${id}`);
    case 'aws_cloudwatch_log_group': return at('logs', `log-group:${block.name}`);
    case 'aws_prometheus_workspace': return at('aps', `workspace/${id}`);
    default: throw new Error(`the ARN of ${type}.${id} is not known here`);
  }
}
