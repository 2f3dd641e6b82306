import { byEnvironment, LabelSelector, ManifestObject, podTemplateOf, PodSpec, selectorMatches, titleOf } from './objects';
import { podReferences, thereIn } from './pod-references';
import type { Finding, Rule } from './rule';

/** Accounts and roles that Kubernetes itself brings. */
const GIVEN = /^(ServiceAccount kube-system\/|(Cluster)?Role .*(system:|extension-apiserver-authentication-reader|^(view|edit|admin|cluster-admin)$))/;

/** Everything that an object names is there: selectors select, ports exist, what is mounted or run as exists, roles bound exist. */
export const references: Rule = {
  id: 'references',
  title: 'whatever an object refers to exists',
  prove: ({ objects }) => {
    const findings: Finding[] = [];
    let applied = 0;
    for (const members of byEnvironment(objects).values()) {
      const scope = new Scope(members);
      for (const each of members) {
        for (const reference of referencesOf(each, scope)) {
          applied += 1;
          if (!reference.found) findings.push({ on: each, where: titleOf(each), got: reference.got, allowed: reference.allowed, do: reference.do });
        }
      }
    }
    return { applied, findings };
  },
};

/** One thing an object names, and whether it is there. */
export interface Reference {
  readonly found: boolean;
  readonly got: string;
  readonly allowed: string;
  readonly do: string;
}

interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly kind: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly pod: PodSpec;
}

/** What can be referred to in one environment. */
export class Scope {
  readonly workloads: readonly Workload[];
  private readonly byKey: ReadonlyMap<string, ManifestObject>;

  constructor(members: readonly ManifestObject[]) {
    this.byKey = new Map(members.map((each) => [this.key(each.object.kind, each.object.metadata.namespace, each.object.metadata.name), each]));
    this.workloads = members.flatMap(({ object }) => {
      const template = podTemplateOf(object);
      return template ? [{ name: object.metadata.name, namespace: object.metadata.namespace ?? 'default', kind: object.kind, labels: template.metadata?.labels ?? {}, pod: template.spec }] : [];
    });
  }

  has(kind: string, namespace: string | undefined, name: string): boolean {
    return this.find(kind, namespace, name) !== undefined;
  }

  find(kind: string, namespace: string | undefined, name: string): ManifestObject | undefined {
    return this.byKey.get(this.key(kind, namespace, name));
  }

  selected(namespace: string | undefined, selector: LabelSelector | undefined): readonly Workload[] {
    return this.workloads.filter((workload) => workload.namespace === (namespace ?? 'default') && selectorMatches(selector, workload.labels));
  }

  private key(kind: string, namespace: string | undefined, name: string): string {
    return `${kind} ${namespace ?? ''}/${name}`;
  }
}

function referencesOf(each: ManifestObject, scope: Scope): Reference[] {
  const { object } = each;
  const { namespace } = object.metadata;
  switch (object.kind) {
    case 'Service': return object.spec?.selector ? serviceReferences(each, scope) : [];
    case 'PodDisruptionBudget': return [selects(`the budget selects ${JSON.stringify(object.spec?.selector)}`, scope.selected(namespace, object.spec?.selector))];
    case 'NetworkPolicy': {
      const selector: LabelSelector = object.spec?.podSelector ?? {};
      const everything = Object.keys(selector).length === 0; // the default deny of a namespace, which may be empty yet
      return everything ? [] : [selects(`the policy is about ${JSON.stringify(selector)}`, scope.selected(namespace, selector))];
    }
    case 'HorizontalPodAutoscaler': case 'ScaledObject': return scalerReferences(each, scope);
    case 'TriggerAuthentication': {
      const there = thereIn(object, scope);
      return ((object.spec?.secretTargetRef ?? []) as { parameter?: string; name?: string; key?: string }[]).flatMap((target) => there('Secret', target, `parameter ${target.parameter}`));
    }
    case 'RoleBinding': case 'ClusterRoleBinding': return bindingReferences(each, scope);
    case 'Ingress': return ingressReferences(each, scope);
    case 'NodePool': return nodeClassReferences(each, scope);
    case 'APIService': return object.spec?.service ? [called(object.spec.service, scope)] : [];
    case 'ValidatingWebhookConfiguration': case 'MutatingWebhookConfiguration': {
      const webhooks = (object.webhooks ?? []) as { clientConfig?: { service?: ServiceReference } }[];
      return webhooks.flatMap(({ clientConfig }) => (clientConfig?.service ? [called(clientConfig.service, scope)] : []));
    }
    default: return podReferences(each, scope);
  }
}

/** The class that nodes of a pool are made by. */
function nodeClassReferences({ object }: ManifestObject, scope: Scope): Reference[] {
  const { kind, name } = (object.spec?.template?.spec?.nodeClassRef ?? {}) as { kind?: string; name?: string };
  return [{
    found: kind !== undefined && name !== undefined && scope.has(kind, undefined, name),
    got: kind === undefined ? 'it names no node class' : `its nodes are made by ${kind} ${name}, which does not exist`, allowed: 'a node class of this environment', do: 'add it, or correct nodeClassRef',
  }];
}

interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly port?: number;
}

function called({ namespace, name, port = 443 }: ServiceReference, scope: Scope): Reference {
  const ports = servicePorts(scope, namespace, name);
  return {
    found: ports !== undefined && (ports.length === 0 || ports.some((each) => each.port === port)),
    got: ports === undefined ? `it calls Service ${namespace}/${name}, which does not exist` : `it calls port ${port} of Service ${namespace}/${name}, which it does not have`,
    allowed: ports?.map((each) => each.port).join(', ') || 'a Service of this environment', do: 'correct the service reference',
  };
}

/** Ports of a Service; undefined if there is no such Service. */
function servicePorts(scope: Scope, namespace: string | undefined, name: string): readonly { readonly name?: string; readonly port: number }[] | undefined {
  const service = scope.find('Service', namespace, name);
  return service && ((service.object.spec?.ports ?? []) as { name?: string; port: number }[]);
}

function scalerReferences({ object }: ManifestObject, scope: Scope): Reference[] {
  const { namespace } = object.metadata;
  const { kind = 'Deployment', name } = (object.spec?.scaleTargetRef ?? {}) as { kind?: string; name?: string };
  const triggers = (object.spec?.triggers ?? []) as { type?: string; metadata?: { scalerAddress?: string }; authenticationRef?: { kind?: string; name?: string } }[];
  return [
    {
      found: name !== undefined && scope.has(kind, namespace, name), got: `it scales ${kind} ${name ?? 'without a name'}, which does not exist in ${namespace}`,
      allowed: 'a workload of its namespace', do: 'correct scaleTargetRef',
    },
    ...triggers.filter(({ type }) => type === 'external' || type === 'external-push').flatMap(({ metadata }) => scalerAddress(metadata?.scalerAddress ?? '', scope)),
    ...triggers.flatMap(({ authenticationRef }): Reference[] => {
      if (authenticationRef?.name === undefined) return [];
      const { kind: authentication = 'TriggerAuthentication', name: named } = authenticationRef;
      const found = scope.has(authentication, authentication.startsWith('Cluster') ? undefined : namespace, named!);
      return [{ found, got: `a trigger authenticates with ${authentication} ${named}, which does not exist`, allowed: 'one of this environment', do: 'correct authenticationRef' }];
    }),
  ];
}

/** A Service by its name inside a cluster: `name.namespace`, `name.namespace.svc` or the whole of it. */
const SERVICE_HOST = /^([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\.cluster\.local)?)?$/;

/** Whom KEDA calls for an external trigger. KEDA resolves the name in its own namespace, and takes port 443 where none is named. */
function scalerAddress(address: string, scope: Scope): Reference[] {
  const [, host = '', port] = /^(?:dns:\/{3})?([^:/]+)(?::(\d+))?$/.exec(address) ?? [];
  const [, name, namespace] = SERVICE_HOST.exec(host) ?? [];
  if (name !== undefined && port !== undefined) return [called({ namespace: namespace!, name, port: Number(port) }, scope)];
  const elsewhere = host.includes('.') && port !== undefined; // outside the cluster, where nothing can be proven
  return elsewhere ? [] : [{ found: false, got: `a trigger calls ${address || 'no address'}`, allowed: 'name.namespace.svc:port', do: 'correct scalerAddress' }];
}

function ingressReferences({ object }: ManifestObject, scope: Scope): Reference[] {
  type Backend = { service?: { name: string; port?: { name?: string; number?: number } } };
  type Path = { backend?: Backend };
  const rules = (object.spec?.rules ?? []) as { http?: { paths?: Path[] } }[];
  const backends = [object.spec?.defaultBackend as Backend | undefined, ...rules.flatMap((rule) => (rule.http?.paths ?? []).map(({ backend }) => backend))];
  return backends.flatMap((backend): Reference[] => {
    if (!backend?.service) return [];
    const { name, port = {} } = backend.service;
    const ports = servicePorts(scope, object.metadata.namespace, name);
    return [{
      found: ports?.some((each) => each.port === port.number || (each.name !== undefined && each.name === port.name)) === true,
      got: `it routes to port ${port.name ?? port.number} of Service ${name}, which ${ports ? 'has no such port' : 'does not exist'}`, allowed: 'a port of a Service of its namespace', do: 'correct the backend',
    }];
  });
}

function selects(got: string, found: readonly unknown[]): Reference {
  return { found: found.length > 0, got: `${got}, which no pod carries`, allowed: 'labels of a pod template in its namespace', do: 'correct the selector' };
}

function serviceReferences({ object }: ManifestObject, scope: Scope): Reference[] {
  const pods = scope.selected(object.metadata.namespace, { matchLabels: object.spec.selector });
  const ports = pods.flatMap((workload) => (workload.pod.containers ?? []).flatMap((container) => (container.ports ?? []) as { name?: string; containerPort: number }[]));
  return [
    selects(`the Service selects ${JSON.stringify(object.spec.selector)}`, pods),
    ...(pods.length === 0 ? [] : ((object.spec.ports ?? []) as { port: number; targetPort?: number | string }[]).map(({ port, targetPort = port }) => ({
      found: ports.some((each) => each.name === targetPort || each.containerPort === targetPort),
      got: `port ${port} goes to ${targetPort}, which no selected container listens on`,
      allowed: ports.map((each) => each.name ?? each.containerPort).join(', ') || 'a container port',
      do: 'correct targetPort',
    }))),
  ];
}

function bindingReferences({ object }: ManifestObject, scope: Scope): Reference[] {
  const { namespace } = object.metadata;
  const role = object.roleRef ?? {};
  const roleNamespace = role.kind === 'Role' ? namespace : undefined;
  const title = (kind: string, where: string | undefined, name: string) => `${kind} ${where ? `${where}/` : ''}${name}`;
  const there = (kind: string, where: string | undefined, name: string): Reference => ({
    found: scope.has(kind, where, name) || GIVEN.test(title(kind, where, name)) || /^(view|edit|admin|cluster-admin)$/.test(name),
    got: `it names ${title(kind, where, name)}, which does not exist`, allowed: 'something of this environment, or of Kubernetes itself', do: 'correct the binding',
  });
  return [
    there(role.kind, roleNamespace, role.name),
    ...((object.subjects ?? []) as { kind: string; name: string; namespace?: string }[]).filter((subject) => subject.kind === 'ServiceAccount').map((subject) => there('ServiceAccount', subject.namespace ?? namespace, subject.name)),
  ];
}
