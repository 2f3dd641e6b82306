// What only the level with real containers can tell. Every field of the report that holds one of these is optional.

/** What loads and metrics said while real pods ran. Arrays have one element per minute of the trace. */
export interface Measured {
  /** Requests that were due. */
  readonly requests: number;
  /** Requests that were sent and not answered well: by status, time-out or connection. */
  readonly failed: number;
  /** Requests that the generator could not send because too many were under way. */
  readonly notSent: number;
  /** How late the generator itself sent at worst, seconds: if this is much, latencies are its own. */
  readonly latestSendSeconds: number;
  /** From a pod's creation to ready, seconds of the wall clock, median of the pods started; null if none was. */
  readonly startupSeconds: number | null;
  readonly series: {
    /** Requests per second that were due. */
    readonly requestsPerSecond: readonly number[];
    /** Requests that failed or were not sent. */
    readonly failed: readonly number[];
    /** Mean of the ready pods; null where nothing was measured. */
    readonly cpuMillicoresPerReplica: readonly (number | null)[];
    /** Mean of the ready pods; null where nothing was measured. */
    readonly memoryBytesPerReplica: readonly (number | null)[];
  };
}

/** An image that the cluster was given. */
export interface ImageResult {
  readonly reference: string;
  /** `built` in this run, `cache` built by an earlier one, `registry` pulled. */
  readonly provenance: 'built' | 'cache' | 'registry';
  /** Digest of its manifest; null where it is not known before it is pulled. */
  readonly digest: string | null;
  /** Bytes of its layers, uncompressed; null where it is not known. */
  readonly sizeBytes: number | null;
  /** Why it is no build of the release but something that answers in its place. @default - it is the release */
  readonly standIn?: string;
}

/** The cluster of real containers. */
export interface ClusterResult {
  readonly engine: string;
  readonly kubernetesVersion: string;
  readonly nodes: readonly string[];
  /** From the first step to every node being ready, seconds. */
  readonly readySeconds: number;
  /** Most bytes that all nodes used together. */
  readonly memoryPeakBytes: number;
}

/** What the real Argo CD did with what is in Git. Seconds are of the wall clock. */
export interface GitOpsResult {
  /** Commit of this project's repository that was synced first. */
  readonly revision: string;
  /** What the Git server of the cluster holds. */
  readonly repositories: readonly { readonly url: string; readonly revision: string; readonly commit: string; readonly files: number }[];
  readonly applications: readonly {
    readonly name: string;
    readonly wave: number;
    /** From the root Application's creation to synced and healthy for the first time; null if it never was. */
    readonly secondsToHealthy: number | null;
    /** In Argo CD's words: `Synced`, `OutOfSync`, `Unknown`. */
    readonly sync: string;
    /** In Argo CD's words: `Healthy`, `Degraded` and so on. */
    readonly health: string;
  }[];
  /** An object that was changed behind Git's back, and how long until it was as in Git again; null where nothing was tried. */
  readonly drift: { readonly object: string; readonly change: string; readonly seconds: number } | null;
  /** A commit, and how long until the cluster had it; null where nothing was tried. */
  readonly promotion: {
    readonly application: string; readonly object: string; readonly change: string; readonly from: string; readonly to: string; readonly seconds: number;
  } | null;
}

/** What could be neither pulled nor built, or what this machine cannot have, and why. */
export interface LeftOut {
  /** An Application, or an image. */
  readonly what: string;
  readonly why: string;
}

/** The figures of the plant's model, assumed or measured; null where nothing could be measured. */
export interface ModelFigures {
  /** CPU time that one request costs. */
  readonly cpuSecondsPerRequest: number | null;
  /** CPU of a replica without requests. */
  readonly idleCpuMillicores: number | null;
  /** From a pod's creation to ready. */
  readonly startupSeconds: number | null;
  /** What latency holds beside the work itself: network and proxies. */
  readonly latencyFloorSeconds: number | null;
  /** Memory of a replica without requests. */
  readonly idleMemoryMiB: number | null;
}

/** How far a model is from what was measured; null where no minute could be compared. */
export interface Distance {
  /** Mean of the absolute differences, in the unit of the series. */
  readonly meanAbsolute: number | null;
  /** That, as a share of the mean that was measured; null if that was 0. */
  readonly meanRelative: number | null;
}

/** One run of the plant's model beside the real pods. */
export interface ModelRun {
  /** The p95 latency, seconds. */
  readonly latencyP95: Distance;
  readonly cpuMillicoresPerReplica: Distance;
  /** Replicas that the simulated autoscaler asks for under the same load and the same published demand. */
  readonly replicas: Distance;
  /** One element per minute compared. */
  readonly series: {
    readonly latencyP95: readonly number[];
    readonly cpuMillicoresPerReplica: readonly number[];
    readonly replicas: readonly number[];
  };
}

/** The plant's model beside real pods: the same requests, the same ready replicas. */
export interface PlantVsKind {
  readonly policy: string;
  readonly minutes: number;
  /** What the model takes from the service's contract. */
  readonly assumed: ModelFigures;
  /** What the real pods showed. */
  readonly measured: ModelFigures;
  /** Minutes that the straight line of CPU over requests was fitted to. */
  readonly fittedMinutes: number;
  /** Share of the variance of CPU that the line explains; null if there was none. */
  readonly rSquared: number | null;
  /** With the figures of the contract. */
  readonly contract: ModelRun;
  /** With the figures measured; what could not be measured stays the contract's. */
  readonly calibrated: ModelRun;
}
