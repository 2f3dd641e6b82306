import type { KubeObject } from '../../control-plane/kube-objects';
import type { ImageDeclaration } from '../../images/contract';
import { TIMEKEEPER, TIMEKEEPER_SETTINGS } from './contract';

/** Its image, which is always built here. */
export const TIMEKEEPER_IMAGE: ImageDeclaration = { reference: TIMEKEEPER.image, source: { bundle: 'rehearsal/stand-ins/timekeeper/server.ts' }, ours: true };

/**
 * The timekeeper as objects, without the namespace they are in.
 *
 * @param token of who may give the trace and start the clock; a secret
 * @param prometheusUrl base address of the real Prometheus
 */
export function timekeeperObjects(token: string, prometheusUrl: string): KubeObject[] {
  const { name, namespace, port } = TIMEKEEPER;
  const metadata = { name, namespace };
  const selector = { 'app.kubernetes.io/name': name };
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { token } },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector, ports: [{ name: 'http', port, targetPort: 'http' }] } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...metadata, labels: selector },
      spec: {
        replicas: 1, // it holds the clock
        strategy: { type: 'Recreate' },
        selector: { matchLabels: selector },
        template: {
          metadata: { labels: selector },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [{
              name,
              image: TIMEKEEPER.image,
              env: [
                { name: TIMEKEEPER_SETTINGS.token, valueFrom: { secretKeyRef: { name, key: 'token' } } },
                { name: TIMEKEEPER_SETTINGS.prometheusUrl, value: prometheusUrl },
                { name: TIMEKEEPER_SETTINGS.host, value: '0.0.0.0' },
                { name: TIMEKEEPER_SETTINGS.port, value: String(port) },
              ],
              ports: [{ name: 'http', containerPort: port }],
              readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 },
              resources: { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '256Mi' } },
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
            }],
          },
        },
      },
    },
  ];
}
