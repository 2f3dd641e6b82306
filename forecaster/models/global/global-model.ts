import { FaultError } from '../../../base/faults';
import { SHARED_BY_ALL } from '../../series/state-codec';
import { FEATURES, HORIZON } from './features';
import { sumTrees, type TreeTable } from './trees';
import shipped from './weights.json';

/** The model as it is shipped: `forecaster/training/train.py` writes it. */
export interface GlobalModelFile {
  readonly version: number;
  /** Names of the features, in order. */
  readonly features: readonly string[];
  /** One boosted ensemble per level, each over the same features. */
  readonly heads: readonly { readonly level: number; readonly trees: number }[];
  /** Arrays of {@link TreeTable}, base64, little endian. */
  readonly table: Readonly<Record<keyof TreeTable, string>>;
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
  private readonly table: TreeTable;
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
    this.table = {
      nodeStart: new Int32Array(bytes(file.table.nodeStart)),
      leafStart: new Int32Array(bytes(file.table.leafStart)),
      feature: new Uint8Array(bytes(file.table.feature)),
      threshold: new Float32Array(bytes(file.table.threshold)),
      left: new Int16Array(bytes(file.table.left)),
      right: new Int16Array(bytes(file.table.right)),
      missingLeft: new Uint8Array(bytes(file.table.missingLeft)),
      leaf: new Float32Array(bytes(file.table.leaf)),
    };
  }

  /**
   * Quantiles of the value relative to the base of the features, in their unit.
   *
   * @param rows of a FeatureExtractor
   * @param out [level][step], levels in the order of {@link levels}
   */
  predict(rows: Float64Array, out: readonly Float64Array[]): void {
    this.levels.forEach((_, head) => {
      sumTrees(this.table, this.bounds[head]!, this.bounds[head + 1]!, rows, FEATURES.length, HORIZON, this.sums);
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

/** A copy, so that the bytes lie as the array that views them needs. */
function bytes(text: string): ArrayBuffer {
  const decoded = Buffer.from(text, 'base64');
  return decoded.buffer.slice(decoded.byteOffset, decoded.byteOffset + decoded.byteLength) as ArrayBuffer;
}
