import type { Compression } from './compression';
import { FRONT_PROXY_CLIENT, Pki } from './pki';

/** Requests a second that a controller may send: the default of 20 would be the bottleneck at compressed time. */
const QPS = 1_000;
const BURST = 2_000;

/** Where etcd listens. */
export interface EtcdPorts {
  readonly client: number;
  readonly peer: number;
}

export function etcdArgs(ports: EtcdPorts, dataDir: string, pki: Pki): string[] {
  const client = `https://127.0.0.1:${ports.client}`;
  const peer = `http://127.0.0.1:${ports.peer}`;
  return [
    '--name=rehearsal',
    `--data-dir=${dataDir}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=rehearsal=${peer}`,
    `--cert-file=${pki.etcd.cert}`,
    `--key-file=${pki.etcd.key}`,
    `--trusted-ca-file=${pki.caFile}`,
    '--client-cert-auth=true',
    '--log-level=warn',
    '--unsafe-no-fsync=true', // the data is thrown away after the run
  ];
}

export function apiServerArgs(port: number, etcdPort: number, pki: Pki): string[] {
  return [
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none', // the endpoint of `kubernetes.default` may not be a loopback address
    `--secure-port=${port}`,
    `--etcd-servers=https://127.0.0.1:${etcdPort}`,
    `--etcd-cafile=${pki.caFile}`,
    `--etcd-certfile=${pki.etcd.cert}`,
    `--etcd-keyfile=${pki.etcd.key}`,
    `--tls-cert-file=${pki.apiServer.cert}`,
    `--tls-private-key-file=${pki.apiServer.key}`,
    `--client-ca-file=${pki.caFile}`,
    '--authorization-mode=RBAC',
    '--anonymous-auth=false',
    '--allow-privileged=true',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${pki.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${pki.serviceAccountPrivateKey}`,
    `--requestheader-client-ca-file=${pki.frontProxyCaFile}`,
    `--requestheader-allowed-names=${FRONT_PROXY_CLIENT}`,
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-username-headers=X-Remote-User',
    `--proxy-client-cert-file=${pki.frontProxyClient.cert}`,
    `--proxy-client-key-file=${pki.frontProxyClient.key}`,
    '--max-requests-inflight=2000',
    '--max-mutating-requests-inflight=1000',
    '--profiling=false',
  ];
}

/** Flags that every client program of the Kubernetes tree takes. */
function secured(port: number, kubeConfig: string): string[] {
  return [
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--authentication-kubeconfig=${kubeConfig}`,
    `--authorization-kubeconfig=${kubeConfig}`,
    '--leader-elect=false',
    '--profiling=false',
  ];
}

export function controllerManagerArgs(port: number, kubeConfig: string, certDir: string, pki: Pki, compression: Compression): string[] {
  return [
    ...secured(port, kubeConfig),
    `--kubeconfig=${kubeConfig}`,
    `--cert-dir=${certDir}`, // its self-signed serving certificate
    `--kube-api-qps=${QPS}`,
    `--kube-api-burst=${BURST}`,
    '--use-service-account-credentials=true', // each controller with its own rights, as in a real cluster
    `--service-account-private-key-file=${pki.serviceAccountPrivateKey}`,
    `--root-ca-file=${pki.caFile}`,
    '--concurrent-horizontal-pod-autoscaler-syncs=10',
    '--concurrent-deployment-syncs=10',
    '--concurrent-replicaset-syncs=10',
    '--concurrent-endpoint-syncs=10',
    '--concurrent-service-endpoint-syncs=10',
    '--concurrent-gc-syncs=20',
    '--concurrent-namespace-syncs=10',
    `--horizontal-pod-autoscaler-sync-period=${compression.hpaSyncPeriodMs}ms`,
    `--horizontal-pod-autoscaler-downscale-stabilization=${compression.hpaDownscaleStabilizationMs}ms`,
    `--horizontal-pod-autoscaler-cpu-initialization-period=${compression.hpaCpuInitializationPeriodMs}ms`,
    `--horizontal-pod-autoscaler-initial-readiness-delay=${compression.hpaInitialReadinessDelayMs}ms`,
    `--horizontal-pod-autoscaler-tolerance=${compression.hpaTolerance}`,
  ];
}

/** @param config path of {@link schedulerConfig} */
export function schedulerArgs(port: number, kubeConfig: string, certDir: string, config: string): string[] {
  return [...secured(port, kubeConfig).filter((flag) => !/^--(leader-elect|profiling)/.test(flag)), `--cert-dir=${certDir}`, `--config=${config}`];
}

/** The scheduler's settings; its flags for these are ignored where such a file is given. */
export function schedulerConfig(kubeConfig: string): string {
  return `${JSON.stringify({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    clientConnection: { kubeconfig: kubeConfig, qps: QPS, burst: BURST },
    leaderElection: { leaderElect: false },
    enableProfiling: false,
    podInitialBackoffSeconds: 1,
    podMaxBackoffSeconds: 1, // a pod that waits for room is tried again at once: backoff is not compressed
  }, undefined, 2)}\n`;
}

/** @param config path of the stages */
export function kwokArgs(kubeConfig: string, config: string): string[] {
  return [
    `--kubeconfig=${kubeConfig}`,
    `--config=${config}`,
    '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
    '--node-ip=127.0.0.1',
    '--cidr=10.200.0.0/16',
    '--node-lease-duration-seconds=40',
  ];
}
