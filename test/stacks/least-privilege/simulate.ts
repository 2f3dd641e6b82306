import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { PolicyText, Role } from './roles';

/** What AWS's evaluation answers. */
export type Answer = 'allowed' | 'denied';

/** Everything is allowed but for what a policy of the role leaves out or forbids. */
const ORGANIZATION = [{ orgIdentifier: 'root', policies: [{ name: 'FullAccess', policy: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } }] }];

/**
 * The simulator leaves out context that its data does not list for an action, and of GitHub's claims it lists the newer ones only. `aud` and `sub` are renamed on both sides to those of a
 * provider that it knows: what is compared stays the same.
 */
function known<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll('token.actions.githubusercontent.com:aud', 'accounts.google.com:aud').replaceAll('token.actions.githubusercontent.com:sub', 'accounts.google.com:sub')) as T;
}

/** Whether a role may do something to a resource. */
export async function mayDo(role: Pick<Role, 'arn' | 'policies' | 'boundary'>, action: string, resource: string, context: Readonly<Record<string, string | string[]>> = {}): Promise<Answer> {
  // Nobody may use a key that its own policy does not let in: take one that leaves all to IAM, or a denial would say nothing of the role.
  const key = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: role.arn.replace(/:role\/.*/, ':root') }, Action: 'kms:*', Resource: '*' }] };
  return answer({
    principal: role.arn, action, resource, context, policies: role.policies, ...(role.boundary ? { boundary: role.boundary } : {}), ...(action.startsWith('kms:') ? { resourcePolicy: key } : {}),
  });
}

/** Whether somebody may assume a role, as its own policy has it. */
export async function mayAssume(role: Pick<Role, 'arn' | 'trust'>, principal: string, action: string, context: Readonly<Record<string, string | string[]>>): Promise<Answer> {
  return answer({ principal, action, resource: role.arn, context: known(context), policies: [], resourcePolicy: known(role.trust) });
}

interface Question {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | string[]>>;
  readonly policies: readonly PolicyText[];
  readonly boundary?: PolicyText;
  readonly resourcePolicy?: object;
}

async function answer({ principal, action, resource, context, policies, boundary, resourcePolicy }: Question): Promise<Answer> {
  const accountId = /^arn:aws:[\w-]+:[\w-]*:(\d{12}):/.exec(resource)?.[1] ?? /:(\d{12}):/.exec(principal)?.[1] ?? '111111111111';
  const simulated = await runSimulation({
    request: { principal, action, resource: { resource, accountId }, contextVariables: { ...context } },
    identityPolicies: policies.map(({ name, policy }) => ({ name, policy: { Version: '2012-10-17', ...policy } })),
    serviceControlPolicies: ORGANIZATION,
    resourceControlPolicies: [],
    ...(boundary ? { permissionBoundaryPolicies: [{ name: boundary.name, policy: boundary.policy }] } : {}),
    ...(resourcePolicy ? { resourcePolicy } : {}),
  }, {});
  if (simulated.resultType !== 'single') throw new Error(`${action} on ${resource} was not simulated: ${JSON.stringify(simulated).slice(0, 600)}`);
  const ignored = simulated.result.ignoredContextKeys ?? [];
  if (ignored.length > 0) throw new Error(`${action} on ${resource}: the simulator leaves out ${ignored.join(', ')}, so a denial would prove nothing`);
  return simulated.overallResult === 'Allowed' ? 'allowed' : 'denied';
}
