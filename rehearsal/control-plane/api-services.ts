import type { KubeApi } from './kube-api';
import type { KubeObject, ObjectRef } from './kube-objects';

/** Objects of the rehearsal itself live here: what the platform under rehearsal never names. */
export const HARNESS_NAMESPACE = 'tideline-rehearsal';

/** An API group that a server on this machine serves. */
export interface ApiServiceSpec {
  /** `metrics.k8s.io` */
  readonly group: string;
  /** `v1beta1` */
  readonly version: string;
  /** Port of 127.0.0.1 on which the server listens with TLS. Let it listen before: the API server looks again only after a while. */
  readonly port: number;
}

/** Name of the Service that stands for a group's server. */
export function serviceNameOf(group: string): string {
  return group.replace(/\./g, '-');
}

/** Names that the certificate of a group's server must hold. */
export function servingNames(group: string): string[] {
  return ['localhost', '127.0.0.1', `${serviceNameOf(group)}.${HARNESS_NAMESPACE}.svc`];
}

/** The objects that make the API server pass requests for a group on. */
export function apiServiceObjects(spec: ApiServiceSpec, caCertPem: string): [namespace: KubeObject, service: KubeObject, apiService: KubeObject] {
  const name = serviceNameOf(spec.group);
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: HARNESS_NAMESPACE } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: HARNESS_NAMESPACE },
      spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port: spec.port, protocol: 'TCP' }] },
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `${spec.version}.${spec.group}` },
      spec: {
        group: spec.group,
        version: spec.version,
        groupPriorityMinimum: 100,
        versionPriority: 100,
        caBundle: Buffer.from(caCertPem).toString('base64'),
        service: { name, namespace: HARNESS_NAMESPACE, port: spec.port },
      },
    },
  ];
}

/** Registers a server and waits until the API server reaches it. */
export async function registerApiService(api: KubeApi, spec: ApiServiceSpec, caCertPem: string, signal?: AbortSignal): Promise<void> {
  const objects = apiServiceObjects(spec, caCertPem);
  await api.apply(objects, { signal });
  await api.waitFor({
    what: `the API server to reach ${spec.group} on port ${spec.port}`,
    ref: apiServiceRef(spec),
    signal,
    until: (object) => {
      const available = (object?.status?.conditions ?? []).find((condition: { type: string }) => condition.type === 'Available');
      return available?.status === 'True' || `condition Available is ${available?.status ?? 'absent'}: ${available?.message ?? ''}`;
    },
  });
}

/** Takes a registration back. Namespaces cannot be deleted while a registered group does not answer. */
export async function unregisterApiService(api: KubeApi, spec: Pick<ApiServiceSpec, 'group' | 'version'>): Promise<void> {
  await api.delete(apiServiceRef(spec));
  await api.delete({ apiVersion: 'v1', kind: 'Service', name: serviceNameOf(spec.group), namespace: HARNESS_NAMESPACE });
}

function apiServiceRef(spec: Pick<ApiServiceSpec, 'group' | 'version'>): ObjectRef {
  return { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', name: `${spec.version}.${spec.group}` };
}
