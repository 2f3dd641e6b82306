import { FaultError } from '../../../base/faults';
import { SHARED_BY_ALL } from '../../series/state-codec';
import { BoostedTrees } from '../trees';
import { FEATURES, HORIZON } from './features';
import shipped from './weights.json';

/** The model as it is shipped: `forecaster/training/train.py` writes it. */
export interface GlobalModelFile {
  readonly version: number;
  /** Names of the features, in order. */
  readonly features: readonly string[];
  /** One boosted ensemble per level, each over the same features. */
  readonly heads: readonly { readonly level: number; readonly trees: number }[];
  /** Trees one after the other, base64, little endian: where the nodes and leaves of each begin (32 bits), and of every node its feature
   * (8), threshold (float), children (16; counted within the tree, -1 is its first leaf) and the side of unknown values (8); leaves (float). */
  readonly table: Readonly<Record<'nodeStart' | 'leafStart' | 'feature' | 'threshold' | 'left' | 'right' | 'missingLeft' | 'leaf', string>>;
}

/** Features that the trees correct: their mean is the point that a head's sum is added to. */
const BASE = ['local', 'regression'].map((name) => FEATURES.indexOf(name)) as [number, number];

/**
 * Boosted quantile trees, trained once on many series and the same for all of them: they say how far, for a series that looks like this,
 * the local forecast is usually off at each level.
 *
 * Global models: Montero-Manso and Hyndman (2021), Principles and algorithms for forecasting groups of time series: locality and globality,
 * International Journal of Forecasting 37(4). Training: LightGBM with the pinball loss; see docs/forecasting.md, Model card.
 */
export class GlobalModel {
  readonly alias = 'global-boosted-trees';
  readonly [SHARED_BY_ALL] = true;
  readonly levels: readonly number[];
  private readonly trees: BoostedTrees;
  /** First tree of every head, and the end. */
  private readonly bounds: readonly number[];
  private readonly sums = new Float64Array(HORIZON);

  /** @throws FaultError when the file was trained for other features */
  constructor(file: GlobalModelFile) {
    if (file.features.length !== FEATURES.length || file.features.some((name, i) => name !== FEATURES[i])) {
      throw new FaultError('the global model does not fit', [{
        where: 'forecaster/models/global/weights.json', got: `${file.features.length} features of another version`, allowed: `the ${FEATURES.length} features of features.ts`, do: 'train it again: npx projen train:forecaster',
      }]);
    }
    this.levels = file.heads.map(({ level }) => level);
    this.bounds = file.heads.reduce((bounds, { trees }) => [...bounds, bounds.at(-1)! + trees], [0]);
    this.trees = unpack(file.table);
  }

  /**
   * Quantiles of the value relative to the base of the features, in their unit.
   *
   * @param rows of a FeatureExtractor
   * @param out [level][step], levels in the order of {@link levels}
   */
  predict(rows: Float64Array, out: readonly Float64Array[]): void {
    this.levels.forEach((_, head) => {
      this.trees.sumRows(rows, FEATURES.length, this.sums, this.bounds[head]!, this.bounds[head + 1]!);
      const to = out[head]!;
      for (let h = 0; h < HORIZON; h++) to[h] = this.sums[h]! + baseOf(rows, h);
    });
  }
}

let loaded: GlobalModel | undefined;

/** The shipped model, unpacked once for all series. */
export function globalModel(): GlobalModel {
  loaded ??= new GlobalModel(shipped as unknown as GlobalModelFile);
  return loaded;
}

/** What the trees correct at a step, in units of the features. */
export function baseOf(rows: Float64Array, h: number): number {
  const local = rows[h * FEATURES.length + BASE[0]]!;
  const regression = rows[h * FEATURES.length + BASE[1]]!;
  return Number.isNaN(regression) ? local : (local + regression) / 2;
}

/** Children are counted within their tree in the file, which keeps it small, and within all trees in memory. */
function unpack(table: GlobalModelFile['table']): BoostedTrees {
  const nodeStart = new Int32Array(bytes(table.nodeStart));
  const leafStart = new Int32Array(bytes(table.leafStart));
  const left = Int32Array.from(new Int16Array(bytes(table.left)));
  const right = Int32Array.from(new Int16Array(bytes(table.right)));
  const roots = new Int32Array(nodeStart.length - 1);
  for (let tree = 0; tree < roots.length; tree++) {
    const [from, to, leaves] = [nodeStart[tree]!, nodeStart[tree + 1]!, leafStart[tree]!];
    roots[tree] = from === to ? -1 - leaves : from;
    for (const children of [left, right]) for (let node = from; node < to; node++) children[node]! += children[node]! < 0 ? -leaves : from;
  }
  const feature = new Uint8Array(bytes(table.feature));
  const missingLeft = new Uint8Array(bytes(table.missingLeft));
  return new BoostedTrees({ roots, feature, threshold: new Float32Array(bytes(table.threshold)), left, right, missingLeft, leaf: new Float32Array(bytes(table.leaf)) });
}

/** A copy, so that the bytes lie as the array that views them needs. */
function bytes(text: string): ArrayBuffer {
  const decoded = Buffer.from(text, 'base64');
  return decoded.buffer.slice(decoded.byteOffset, decoded.byteOffset + decoded.byteLength) as ArrayBuffer;
}
