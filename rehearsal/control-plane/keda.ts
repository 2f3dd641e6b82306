import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { writeFileAtomic } from '../../base/atomic-file';
import type { KubeApi } from './kube-api';
import type { KubeObject } from './kube-objects';
import { servingNames } from './api-services';
import type { Pki } from './pki';

/** The API that KEDA's adapter serves to the autoscaler. */
export const EXTERNAL_METRICS = { group: 'external.metrics.k8s.io', version: 'v1beta1' } as const;

/** How KEDA is started. */
export interface KedaOptions {
  /** Namespaces whose ScaledObjects it serves. @default - all */
  readonly watchNamespaces?: readonly string[];
  /**
   * Lets KEDA act with the rights of this ServiceAccount, so that a missing rule in the applied RBAC shows as it would on a real cluster.
   * @default - the administrator's rights
   */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
  /** Where its leases and cluster-wide secrets are. @default keda */
  readonly namespace?: string;
}

/** Ports of the two programs. */
export interface KedaPorts {
  readonly operatorMetrics: number;
  readonly operatorProbe: number;
  /** The operator serves metric values here, to the adapter only. */
  readonly grpc: number;
  readonly adapter: number;
  readonly adapterMetrics: number;
}

/** Files that both programs are given. */
export interface KedaFiles {
  readonly kubeConfig: string;
  readonly certDir: string;
}

/** The certificate with which the two speak to each other, and the adapter to the API server. */
export async function writeKedaCertificates(pki: Pki, folder: string): Promise<string> {
  const certDir = join(folder, 'keda');
  const names = [...servingNames(EXTERNAL_METRICS.group), 'keda-operator', 'keda-operator.keda.svc', 'keda-metrics-apiserver.keda.svc'];
  const { certPem, keyPem } = await pki.authority.issue({ commonName: 'keda', names });
  for (const [name, content] of [['ca.crt', pki.authority.certPem], ['tls.crt', certPem], ['tls.key', keyPem]] as const) writeFileAtomic(join(certDir, name), content, 0o600);
  return certDir;
}

export function operatorArgs(ports: KedaPorts, files: KedaFiles): string[] {
  return [
    `--kubeconfig=${files.kubeConfig}`,
    '--enable-cert-rotation=false',
    `--cert-dir=${files.certDir}`,
    `--metrics-bind-address=127.0.0.1:${ports.operatorMetrics}`,
    `--health-probe-bind-address=127.0.0.1:${ports.operatorProbe}`,
    `--metrics-service-bind-address=127.0.0.1:${ports.grpc}`,
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    '--zap-encoder=console',
    '--zap-log-level=info',
  ];
}

export function adapterArgs(ports: KedaPorts, files: KedaFiles, pki: Pki): string[] {
  return [
    `--kubeconfig=${files.kubeConfig}`,
    `--lister-kubeconfig=${files.kubeConfig}`,
    `--authentication-kubeconfig=${files.kubeConfig}`,
    `--authorization-kubeconfig=${files.kubeConfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.adapter}`,
    `--cert-dir=${files.certDir}`,
    `--tls-cert-file=${join(files.certDir, 'tls.crt')}`,
    `--tls-private-key-file=${join(files.certDir, 'tls.key')}`,
    `--client-ca-file=${pki.caFile}`,
    `--requestheader-client-ca-file=${pki.frontProxyCaFile}`,
    `--metrics-service-address=localhost:${ports.grpc}`,
    `--port=${ports.adapterMetrics}`,
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    '--zap-log-level=error',
  ];
}

/** Settings that KEDA reads from its environment. */
export function kedaEnvironment(options: KedaOptions): Record<string, string> {
  const namespace = options.namespace ?? 'keda';
  return { WATCH_NAMESPACE: options.watchNamespaces?.join(',') ?? '', POD_NAMESPACE: namespace, KEDA_CLUSTER_OBJECT_NAMESPACE: namespace };
}

/** CustomResourceDefinitions as upstream ships them, one in a file. */
export function definitionsIn(files: readonly string[]): KubeObject[] {
  return files.map((file) => parse(readFileSync(file, 'utf8')) as KubeObject);
}

/** A token with the rights of a ServiceAccount, for as long as the run may last. */
export async function tokenOf(api: KubeApi, account: { readonly namespace: string; readonly name: string }): Promise<string> {
  const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`;
  const { status } = await api.request<{ status: { token: string } }>('POST', path, {
    apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 86_400 },
  });
  return status.token;
}
