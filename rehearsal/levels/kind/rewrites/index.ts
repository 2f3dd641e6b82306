import { contract as forecaster } from '../../../../forecaster/contract';
import type { MissingImage } from '../../../images/contract';
import type { Substitution } from '../../../report/schema';
import { TIMEKEEPER } from '../../../stand-ins/timekeeper/contract';
import { compress } from '../../manifests';
import { factors, Room, shrink } from './fit';
import { LeftOutApplication, leaveOut, NEEDS_AWS, withoutImages } from './left-out';
import { forecastInTraceTime, localStorage, metricsServer, oftenReconciled, openTo, withProducts } from './places';
import { compressPrometheus } from './prometheus';
import { rewriteTree, Tree } from './tree';

export { asked, bytesOf, factors, millicoresOf, type Room } from './fit';
export { NEEDS_AWS, type LeftOutApplication } from './left-out';
export { parseTree, printTree, type Tree } from './tree';

/** What the level has to know to change manifests. */
export interface KindFacts {
  /** Trace seconds per second. */
  readonly speed: number;
  readonly room: Room;
  /** Images that can be had neither way. @default - none */
  readonly missing?: readonly MissingImage[];
}

/** What a cluster is given, and how it differs from dist/. */
export interface KindTree {
  /** Files of dist/ as they are pushed and applied. */
  readonly tree: Tree;
  readonly substitutions: readonly Substitution[];
  readonly leftOut: readonly LeftOutApplication[];
  /** What requests were multiplied with; 1 where everything fitted. */
  readonly factors: { readonly cpu: number; readonly memory: number };
}

/**
 * Everything the level with real containers does to what dist/ holds, each change listed; nothing else differs.
 *
 * 1. Applications that need AWS, or an image that can be had neither way, are left out.
 * 2. Windows of autoscalers, of Prometheus and its rules, and the forecaster's interval are divided by the speed.
 * 3. Requests are shrunk until everything fits the machine at the most replicas; what scales on a share of them keeps meaning the same cores. Limits stay.
 * 4. Volumes come from the node; the forecaster asks the timekeeper for metrics, metrics-server asks as often as it can; the catalog fills its empty database.
 *
 * @param tree all of `dist/<environment>`, `bootstrap/` included
 * @throws FaultError where the machine has no room at all
 */
export function rewriteForKind(tree: Tree, { speed, room, missing = [] }: KindFacts): KindTree {
  const kept = leaveOut(tree, [...NEEDS_AWS, ...withoutImages(tree, missing)]);
  const by = factors(kept.tree, room);
  const rewritten = rewriteTree(kept.tree, [
    (object) => compress([object], speed),
    compressPrometheus(speed),
    shrink(kept.tree, by),
    localStorage,
    forecastInTraceTime({ speed, timekeeperUrl: TIMEKEEPER.url }),
    openTo(TIMEKEEPER.namespace, { forecaster: forecaster.name, prometheus: 'prometheus', port: TIMEKEEPER.port }),
    metricsServer(speed),
    oftenReconciled,
    withProducts,
  ]);
  return { ...rewritten, leftOut: kept.leftOut, factors: by };
}
