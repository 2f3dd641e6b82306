import type { KubeObject } from '../../control-plane/kube-objects';

/** Namespace of what a rehearsal adds to a cluster and Git does not hold. */
export const REHEARSAL_NAMESPACE = 'rehearsal';

/** It, closed to everything that is not restricted. */
export const rehearsalNamespace: KubeObject = {
  apiVersion: 'v1', kind: 'Namespace', metadata: { name: REHEARSAL_NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted', 'app.kubernetes.io/part-of': 'tideline' } },
};

/** A program that a rehearsal adds. */
export interface OwnWorkload {
  readonly name: string;
  readonly image: string;
  /** Numeric user and group. @default 65532 */
  readonly user?: number;
  /** Of the container. */
  readonly port: { readonly name: string; readonly number: number };
  /** Port of its Service. @default - the container's */
  readonly servicePort?: number;
  /** @default - the image's */
  readonly command?: readonly string[];
  /** @default - none */
  readonly env?: readonly object[];
  /** Of its pods. @default - none */
  readonly annotations?: Readonly<Record<string, string>>;
  /** How a probe asks. @default - whether the port is open */
  readonly ready?: object;
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly memoryLimit: string;
  /** By name; what is an `emptyDir` may be written. @default - none */
  readonly volumes?: Readonly<Record<string, { readonly path: string; readonly source: object }>>;
}

/** Its Service and its Deployment: one pod, because what it holds is the pod's own and ends with it. */
export function ownWorkload(o: OwnWorkload): KubeObject[] {
  const metadata = { name: o.name, namespace: REHEARSAL_NAMESPACE };
  const selector = { 'app.kubernetes.io/name': o.name };
  const { user = 65532, volumes = {} } = o;
  return [
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector, ports: [{ name: o.port.name, port: o.servicePort ?? o.port.number, targetPort: o.port.name }] } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...metadata, labels: selector },
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: selector },
        template: {
          metadata: { labels: selector, ...(o.annotations ? { annotations: o.annotations } : {}) },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: { runAsNonRoot: true, runAsUser: user, runAsGroup: user, fsGroup: user, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [{
              name: o.name,
              image: o.image,
              ...(o.command ? { command: o.command } : {}),
              env: o.env ?? [],
              ports: [{ name: o.port.name, containerPort: o.port.number }],
              readinessProbe: { ...(o.ready ?? { tcpSocket: { port: o.port.name } }), periodSeconds: 1 },
              resources: { requests: o.requests, limits: { memory: o.memoryLimit } },
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
              volumeMounts: Object.entries(volumes).map(([name, { path, source }]) => ({ name, mountPath: path, readOnly: !('emptyDir' in source) })),
            }],
            volumes: Object.entries(volumes).map(([name, { source }]) => ({ name, ...source })),
          },
        },
      },
    },
  ];
}
