import type { KubeObject } from '../../control-plane/kube-objects';
import type { ImageDeclaration } from '../../images/contract';
import { ownWorkload } from '../../levels/kind/own-workload';
import { TIMEKEEPER, TIMEKEEPER_SETTINGS } from './contract';

/** Its image, which is always built here. */
export const TIMEKEEPER_IMAGE: ImageDeclaration = { reference: TIMEKEEPER.image, source: { bundle: 'rehearsal/stand-ins/timekeeper/server.ts' }, ours: true };

/**
 * The timekeeper as objects, without the namespace they are in. It holds the clock.
 *
 * @param token of who may give the trace and start the clock; a secret
 * @param prometheusUrl base address of the real Prometheus
 */
export function timekeeperObjects(token: string, prometheusUrl: string): KubeObject[] {
  const { name, namespace, port, image } = TIMEKEEPER;
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData: { token } },
    ...ownWorkload({
      name,
      image,
      port: { name: 'http', number: port },
      env: [
        { name: TIMEKEEPER_SETTINGS.token, valueFrom: { secretKeyRef: { name, key: 'token' } } },
        { name: TIMEKEEPER_SETTINGS.prometheusUrl, value: prometheusUrl },
        { name: TIMEKEEPER_SETTINGS.host, value: '0.0.0.0' },
        { name: TIMEKEEPER_SETTINGS.port, value: String(port) },
      ],
      requests: { cpu: '20m', memory: '64Mi' },
      memoryLimit: '256Mi',
    }),
  ];
}
