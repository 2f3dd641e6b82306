import { FaultError } from '../../../base/faults';
import type { ImageMode, PreparedImage } from '../../images/contract';
import { ingredientsOf } from '../../images/ingredients';
import { prepareImages } from '../../images/prepare';
import { Registries } from '../../images/registry';
import { ImageStore } from '../../images/store';
import { NODE_PROGRAMS, Progress, readToolSettings } from '../../tools';
import { withLock } from '../../tools/lock';
import type { Engine } from './engine';
import { nodeImage } from './node-image/node-image';
import { systemImages } from './node-image/system-images';

/** The node image that the pinned kind was released with. */
const RELEASED = 'docker.io/kindest/node:v1.37.0';

/** What nodes are started of. */
export interface NodeChoice {
  readonly image: string;
  /** Tags of kubeadm's images in it. @default - kubeadm's own: it is kind's */
  readonly tags?: { readonly etcd: string; readonly coredns: string };
  /** Images in it that were made here, and itself. Empty if it is kind's. */
  readonly prepared: readonly PreparedImage[];
}

/** Options of {@link chooseNode}. */
export interface NodeChoiceOptions {
  readonly mode: ImageMode;
  readonly engine: Engine;
  /** For what is written while an image is made. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * kind's own image where a registry gives it and one may be asked, else one that is built.
 *
 * @throws FaultError if it can be had neither way
 */
export async function chooseNode({ mode, engine, scratch, signal, onProgress }: NodeChoiceOptions): Promise<NodeChoice> {
  if (mode !== 'build') {
    const answer = await new Registries({ signal }).ask(RELEASED);
    if (answer.found) return { image: RELEASED, prepared: [{ reference: RELEASED, provenance: 'registry', digest: answer.digest }] };
    if (mode === 'pull') {
      throw new FaultError('the nodes cannot be started', [{ where: RELEASED, got: answer.why, allowed: 'an image that its registry has', do: 'use --images build or auto' }]);
    }
  }
  const settings = readToolSettings();
  const system = systemImages();
  const { ready, missing } = await prepareImages(system.images, 'build', { signal, onProgress, settings });
  if (missing.length > 0) {
    throw new FaultError('the node image cannot be built', missing.map(({ reference, why }) => ({ where: reference, got: why, allowed: 'an image of every part of the control plane', do: 'see rehearsal/images/infrastructure.ts' })));
  }
  const store = new ImageStore(settings.cacheRoot);
  const from = ingredientsOf({ settings, programs: NODE_PROGRAMS, signal, onProgram: onProgress });
  const tell = (detail: string) => onProgress({ step: 'node image', done: 0, total: 1, elapsedSeconds: 0, detail });
  const node = await withLock(store.lockFile, { signal, onWait: (pid) => tell(`process ${pid} is building images`) }, () => nodeImage({
    images: ready, values: system.values, from, store, engine, scratch, signal, onProgress: tell,
  }));
  return { image: node.reference, tags: system.tags, prepared: [...ready, node] };
}
