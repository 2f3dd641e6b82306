import { byEnvironment, groupOf, ManifestObject, podTemplateOf, selectorMatches, titleOf } from './objects';
import type { Finding, Rule } from './rule';

/** Groups that the API server serves by itself. A list, because `.k8s.io` ends the names of many that it does not (gateway.networking.k8s.io). */
const BUILT_IN = new Set([
  '', 'apps', 'autoscaling', 'batch', 'policy', 'admissionregistration.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io', 'authentication.k8s.io',
  'authorization.k8s.io', 'certificates.k8s.io', 'coordination.k8s.io', 'discovery.k8s.io', 'events.k8s.io', 'flowcontrol.apiserver.k8s.io', 'networking.k8s.io',
  'node.k8s.io', 'rbac.authorization.k8s.io', 'resource.k8s.io', 'scheduling.k8s.io', 'storage.k8s.io',
]);
/** Groups whose definitions are there before anything here is synced: the bootstrap brings them, or EKS Auto Mode has them built in. */
const BOOTSTRAPPED = ['argoproj.io', 'eks.amazonaws.com'];
/** What Auto Mode has built in besides its own group. */
const WITH_AUTO_MODE = 'karpenter.sh';
/** Namespaces that exist before anything here is synced. */
const GIVEN_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'default', 'argocd'];
const WAVE = 'argocd.argoproj.io/sync-wave';
const WEBHOOKS = /^(Validating|Mutating)WebhookConfiguration$/;

/**
 * Whatever an object needs is applied before it: a namespace, a definition, the Service and the pods that an APIService or webhook calls. Across Applications their
 * waves must say so. Within one Application, Argo CD's order of kinds puts namespaces and definitions first and APIServices and webhooks last, unless waves on the
 * objects themselves say otherwise. An object that a webhook intercepts must not race with that webhook.
 */
export const ordering: Rule = {
  id: 'ordering',
  title: 'everything comes after what it needs',
  prove: ({ objects }) => {
    const findings: Finding[] = [];
    let applied = 0;
    for (const members of byEnvironment(objects).values()) {
      const places = new Places(members);
      const edges = new Map<string, Map<string, string>>();
      for (const each of members) {
        const where = titleOf(each);
        for (const need of needsOf(each, members)) {
          applied += 1;
          const provider = places.find(need);
          if (provider === undefined) {
            findings.push({ on: each, where, got: `needs ${need.what}, which nothing here brings`, allowed: 'something that brings it in an earlier wave', do: `add ${need.what}, or take the object out` });
            continue;
          }
          if (provider.application !== each.application) {
            const from = edges.get(each.application) ?? new Map<string, string>();
            edges.set(each.application, from.set(provider.application, `${where} needs ${need.what}`));
          }
          const late = lateness(each, provider);
          if (late) {
            findings.push({
              on: each, where, got: `${late.own}, but ${need.what} comes in ${late.provider}`,
              allowed: 'a later wave than what it needs', do: 'derive waves with waves(); if they wait for each other, move one object into an application of its own',
            });
          }
        }
        const races = racesOf(each, members);
        applied += races.applied;
        findings.push(...races.findings);
      }
      findings.push(...cyclesOf(edges));
    }
    return { applied, findings };
  },
};

interface Place {
  readonly application: string;
  readonly wave: number;
  /** Wave of the object within its Application. */
  readonly inner: number;
}

interface Need {
  readonly what: string;
  /** Any of these brings it. */
  readonly keys: readonly string[];
}

function lateness(each: ManifestObject, provider: Place): { own: string; provider: string } | undefined {
  if (provider.application === each.application) {
    const inner = innerWave(each);
    return provider.inner <= inner ? undefined : { own: `wave ${inner} within ${each.application}`, provider: `wave ${provider.inner} of it` };
  }
  const earlier = each.wave !== undefined && provider.wave < each.wave;
  const wave = Number.isFinite(provider.wave) ? `wave ${provider.wave}` : 'no wave';
  return earlier ? undefined : { own: `wave ${each.wave ?? 'none'} (${each.application})`, provider: `${wave} (${provider.application})` };
}

function innerWave({ application, object }: ManifestObject): number {
  // The waves on the objects of delivery/ and of the root are the waves of whole Applications.
  return application === 'delivery' || application === 'root' ? 0 : Number(object.metadata.annotations?.[WAVE] ?? 0);
}

/** What an APIService or a webhook configuration calls. */
function calledServices({ object }: ManifestObject): { name?: string; namespace?: string }[] {
  if (object.kind === 'APIService') return object.spec?.service ? [object.spec.service] : [];
  if (!WEBHOOKS.test(object.kind)) return [];
  return (object.webhooks ?? []).flatMap((webhook: { clientConfig?: { service?: object } }) => webhook.clientConfig?.service ?? []);
}

function needsOf(each: ManifestObject, members: readonly ManifestObject[]): Need[] {
  const { object } = each;
  const needs: Need[] = [];
  const { namespace } = object.metadata;
  if (namespace !== undefined && !GIVEN_NAMESPACES.includes(namespace)) needs.push({ what: `the namespace ${namespace}`, keys: [`namespace/${namespace}`] });
  const group = groupOf(object);
  const builtIn = group === WITH_AUTO_MODE && members.some((other) => groupOf(other.object) === 'eks.amazonaws.com');
  if (!BUILT_IN.has(group) && !BOOTSTRAPPED.includes(group) && !builtIn) {
    needs.push({ what: `the definition of ${object.kind}.${group}`, keys: [`definition/${group}/${object.kind}`, `group/${group}`] });
  }
  for (const called of calledServices(each)) {
    needs.push({ what: `the Service ${called.namespace}/${called.name}`, keys: [`Service/${called.namespace}/${called.name}`] });
    const service = members.find(({ object: other }) => other.kind === 'Service' && other.metadata.name === called.name && other.metadata.namespace === called.namespace);
    // The Service answers only when its pods do.
    for (const { object: workload } of service?.object.spec?.selector ? members : []) {
      const template = podTemplateOf(workload);
      if (template && workload.metadata.namespace === called.namespace && selectorMatches({ matchLabels: service!.object.spec.selector }, template.metadata?.labels)) {
        needs.push({ what: `${workload.kind} ${called.namespace}/${workload.metadata.name}, which serves it`, keys: [`${workload.kind}/${called.namespace}/${workload.metadata.name}`] });
      }
    }
  }
  return needs;
}

/** Where what others need is brought. */
class Places {
  private readonly byKey = new Map<string, Place>();

  constructor(members: readonly ManifestObject[]) {
    for (const each of members) {
      const { application, wave, object } = each;
      const place = { application, wave: wave ?? Infinity, inner: innerWave(each) };
      const { name, namespace } = object.metadata;
      if (object.kind === 'Namespace') this.add(`namespace/${name}`, place);
      if (object.kind === 'Service' || podTemplateOf(object)) this.add(`${object.kind}/${namespace}/${name}`, place);
      if (object.kind === 'CustomResourceDefinition') this.add(`definition/${object.spec?.group}/${object.spec?.names?.kind}`, place);
      // An Application that syncs upstream's definitions brings the groups it names.
      const brings = object.kind === 'Application' ? object.metadata.annotations?.['tideline.dev/defines'] : undefined;
      for (const group of brings?.split(',') ?? []) {
        this.add(`group/${group.trim()}`, { application: name, wave: Number(object.metadata.annotations?.[WAVE] ?? 0), inner: 0 });
      }
    }
  }

  /** The place of the most exact key that is known. */
  find(need: Need): Place | undefined {
    return need.keys.map((key) => this.byKey.get(key)).find((place) => place !== undefined);
  }

  /** Where several bring the same, what needs it waits for the last. */
  private add(key: string, place: Place): void {
    const known = this.byKey.get(key);
    if (known === undefined || known.wave < place.wave) this.byKey.set(key, place);
  }
}

/** Objects of another Application that a failing-closed webhook intercepts in the very wave in which it is installed: whether it answers by then is luck. */
function racesOf(each: ManifestObject, members: readonly ManifestObject[]): { applied: number; findings: Finding[] } {
  if (!WEBHOOKS.test(each.object.kind)) return { applied: 0, findings: [] };
  type Webhook = { failurePolicy?: string; rules?: { operations?: string[]; apiGroups?: string[]; resources?: string[] }[]; namespaceSelector?: object; objectSelector?: object };
  const selective = (webhook: Webhook) => [webhook.namespaceSelector, webhook.objectSelector].some((selector) => Object.keys(selector ?? {}).length > 0);
  const closed = ((each.object.webhooks ?? []) as Webhook[]).filter((webhook) => webhook.failurePolicy !== 'Ignore' && !selective(webhook));
  const intercepted = members.filter(({ application, object }) => application !== each.application && closed.some((webhook) => (webhook.rules ?? []).some((rule) =>
    (rule.operations ?? []).some((operation) => ['CREATE', '*'].includes(operation))
    && (rule.apiGroups ?? []).some((group) => ['*', groupOf(object)].includes(group))
    && (rule.resources ?? []).some((resource) => ['*', '*/*', ...plurals(object.kind)].includes(resource)))));
  return {
    applied: intercepted.length,
    findings: intercepted.filter(({ wave }) => wave === each.wave).map((other) => ({
      on: other, where: titleOf(other), got: `wave ${other.wave ?? 'none'}, the wave in which ${each.object.kind} ${each.object.metadata.name} begins to intercept it`,
      allowed: 'an earlier wave, or a later one', do: 'put the webhook and what it intercepts into different waves',
    })),
  };
}

/** How a kind's resource may be called. */
function plurals(kind: string): string[] {
  const lower = kind.toLowerCase();
  return [`${lower}s`, `${lower}es`, lower.replace(/y$/, 'ies')];
}

/** Applications that wait for each other: no waves can put them in order. */
function cyclesOf(edges: ReadonlyMap<string, ReadonlyMap<string, string>>): Finding[] {
  const findings: Finding[] = [];
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) {
      const cycle = [...path.slice(path.indexOf(name)), name];
      const why = cycle.slice(0, -1).map((each, index) => edges.get(each)!.get(cycle[index + 1]!)).join('; ');
      findings.push({ where: cycle.join(' => '), got: why, allowed: 'an order in which each can come after what it needs', do: 'move one of these objects into an application of its own' });
      return;
    }
    if (done.has(name)) return;
    for (const next of [...(edges.get(name)?.keys() ?? [])].sort()) visit(next, [...path, name]);
    done.add(name);
  };
  for (const name of [...edges.keys()].sort()) visit(name, []);
  return findings;
}
