import type { Fault } from '../base/faults';
import { byEnvironment, groupOf, ManifestObject, titleOf } from './objects';
import type { Rule } from './rule';

/** Groups that the API server serves by itself. */
const BUILT_IN = /^$|^(apps|batch|policy|autoscaling)$|\.k8s\.io$/;
/** Groups whose definitions the bootstrap brings before anything here is synced. */
const BOOTSTRAPPED = ['argoproj.io'];
/** Namespaces that exist before anything here is synced. */
const GIVEN_NAMESPACES = ['kube-system', 'kube-public', 'default', 'argocd'];

/**
 * Whatever an object needs is applied in the same wave's Application or an earlier wave: a namespace, a definition, a Service that an APIService or
 * webhook calls. Within one Application, Argo CD's order of kinds puts namespaces and definitions first and APIServices last.
 */
export const ordering: Rule = {
  id: 'ordering',
  title: 'everything comes after what it needs',
  prove: ({ objects }) => {
    const findings: Fault[] = [];
    let applied = 0;
    for (const members of byEnvironment(objects).values()) {
      const places = new Places(members);
      for (const each of members) {
        for (const need of needsOf(each)) {
          applied += 1;
          const provider = places.find(need);
          const where = titleOf(each);
          if (provider === undefined) {
            findings.push({ where, got: `needs ${need.what}, which nothing here brings`, allowed: 'something that brings it in an earlier wave', do: `add ${need.what}, or take the object out` });
          } else if (provider.application !== each.application && !(provider.wave < (each.wave ?? Infinity))) {
            findings.push({
              where, got: `wave ${each.wave ?? 'none'} (${each.application}), but ${need.what} comes in wave ${provider.wave} (${provider.application})`,
              allowed: 'a later wave than what it needs', do: 'derive waves with waves(); if they wait for each other, move one object into an application of its own',
            });
          }
        }
      }
    }
    return { applied, findings };
  },
};

interface Need {
  readonly what: string;
  readonly key: string;
}

function needsOf({ object }: ManifestObject): Need[] {
  const needs: Need[] = [];
  const { namespace } = object.metadata;
  if (namespace !== undefined && !GIVEN_NAMESPACES.includes(namespace)) needs.push({ what: `the namespace ${namespace}`, key: `namespace/${namespace}` });
  const group = groupOf(object);
  if (!BUILT_IN.test(group) && !BOOTSTRAPPED.includes(group)) needs.push({ what: `the definitions of ${group}`, key: `group/${group}` });
  const called: { name?: string; namespace?: string }[] = object.kind === 'APIService' && object.spec?.service ? [object.spec.service]
    : /^(Validating|Mutating)WebhookConfiguration$/.test(object.kind) ? (object.webhooks ?? []).flatMap((webhook: { clientConfig?: { service?: object } }) => webhook.clientConfig?.service ?? []) : [];
  for (const service of called) needs.push({ what: `the Service ${service.namespace}/${service.name}`, key: `service/${service.namespace}/${service.name}` });
  return needs;
}

/** Where what others need is brought. */
class Places {
  private readonly byKey = new Map<string, { readonly application: string; readonly wave: number }>();

  constructor(members: readonly ManifestObject[]) {
    for (const { application, wave, object } of members) {
      const place = { application, wave: wave ?? Infinity };
      const { name, namespace } = object.metadata;
      if (object.kind === 'Namespace') this.byKey.set(`namespace/${name}`, place);
      if (object.kind === 'Service') this.byKey.set(`service/${namespace}/${name}`, place);
      if (object.kind === 'CustomResourceDefinition') this.byKey.set(`group/${object.spec?.group}`, place);
      // An Application that syncs upstream's definitions brings the groups it names.
      const brings = object.kind === 'Application' ? object.metadata.annotations?.['tideline.dev/defines'] : undefined;
      for (const group of brings?.split(',') ?? []) {
        this.byKey.set(`group/${group}`, { application: name, wave: Number(object.metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0) });
      }
    }
  }

  find(need: Need): { readonly application: string; readonly wave: number } | undefined {
    return this.byKey.get(need.key);
  }
}
