import { FaultError } from '../../base/faults';
import type { ProgramName } from './catalogue';

/** Where a program came from: compiled just now, compiled by an earlier run, or installed on this machine. */
export type Provenance = 'built' | 'cache' | 'path' | 'kubebuilder-assets';

/** A program that is ready to be started. */
export interface Program {
  readonly name: ProgramName;
  /** Absolute. */
  readonly path: string;
  /** Without a leading `v`. */
  readonly version: string;
  readonly provenance: Provenance;
}

/** Absolute paths of upstream's own files at the pinned versions. */
export interface Assets {
  readonly kwokStages: {
    readonly nodeInitialize: string;
    readonly nodeHeartbeat: string;
    readonly podReady: string;
    readonly podComplete: string;
    readonly podDelete: string;
  };
  /** KEDA's CustomResourceDefinitions, one file each. */
  readonly kedaCrds: readonly string[];
  /** Argo CD's: Application, ApplicationSet, AppProject. */
  readonly argoCdCrds: readonly string[];
  /** Folder of Argo CD's own manifests, laid out as upstream's `manifests/`: `base`, `cluster-rbac`, `crds`, `ha`, `install.yaml`, ... */
  readonly argoCdManifests: string;
  /** Objects of metrics-server's own installation, one file each kind. */
  readonly metricsServerManifests: readonly string[];
  /** Karpenter's: NodePool, NodeClaim, NodeOverlay, EC2NodeClass, CapacityBuffer. */
  readonly karpenterCrds: readonly string[];
}

/** The programs and files that a rehearsal runs on. */
export class Toolbox {
  constructor(
    readonly programs: ReadonlyMap<ProgramName, Program>,
    readonly assets: Assets,
    /** How long it took to get them all, in seconds. */
    readonly seconds: number,
  ) {}

  /** Absolute path of a program. @throws FaultError when the toolbox was asked for without it. */
  path(name: ProgramName): string {
    return this.program(name).path;
  }

  /** A program, with its version. @throws FaultError when the toolbox was asked for without it. */
  program(name: ProgramName): Program {
    const program = this.programs.get(name);
    if (program) return program;
    throw new FaultError('a program is missing', [
      { where: name, got: `a toolbox with ${[...this.programs.keys()].join(', ') || 'nothing'}`, allowed: 'a toolbox that holds it', do: 'name it in ensureTools({ programs })' },
    ]);
  }
}

/** How far something slow has come. */
export interface Progress {
  /** What is being done: the name of a group, `files`, `waiting`. */
  readonly step: string;
  /** Work done, in the same unit as `total`. */
  readonly done: number;
  readonly total: number;
  /** Seconds since the step began. */
  readonly elapsedSeconds: number;
  /** Seconds to its end at the pace so far. @default - not known yet */
  readonly etaSeconds?: number;
  /** What is in hand: a package, a module. @default - nothing to name */
  readonly detail?: string;
}
