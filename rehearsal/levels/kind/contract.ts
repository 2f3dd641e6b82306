import type { KubeApi } from '../../control-plane';
import type { PreparedImage } from '../../images/contract';

/** A way to a Service or pod of the cluster from this machine. */
export interface Forward {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  close(): Promise<void>;
}

/** A kind cluster of ours that runs. */
export interface KindCluster {
  readonly name: string;
  /** Nodes, the control plane first. */
  readonly nodes: readonly string[];
  readonly kubeconfigPath: string;
  readonly kubernetesVersion: string;
  readonly api: KubeApi;
  /** Rejects with a FaultError when a node's container or the engine ends; never resolves. */
  readonly failed: Promise<never>;
  /** Gives images to every node. */
  loadImages(images: readonly PreparedImage[], signal?: AbortSignal): Promise<void>;
  /** kubectl against this cluster; rejects with a FaultError that holds its last words. */
  kubectl(args: readonly string[], options?: { readonly input?: string; readonly signal?: AbortSignal; readonly timeoutSeconds?: number }): Promise<string>;
  /** @param target `svc/name` or `pod/name` */
  forward(namespace: string, target: string, port: number): Promise<Forward>;
  /** Bytes that all nodes use now. */
  memoryBytes(): Promise<number>;
  /** Ends what runs here for it, forwards too; the cluster stays. */
  release(): Promise<void>;
  /** Removes the cluster and everything of ours in the engine, and gives the machine its settings back. @returns what is left, in words; empty if nothing is */
  delete(): Promise<readonly string[]>;
}
