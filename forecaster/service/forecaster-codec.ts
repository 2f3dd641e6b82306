import * as engine from '../engine';
import type { Forecaster, ForecasterOptions } from '../engine';

/** Turns forecasters into bytes and back. */
export interface ForecasterCodec {
  /** undefined = this one cannot be kept. */
  readonly pack: (forecaster: Forecaster) => Uint8Array | undefined;
  /** @throws anything for bytes of another version, or damaged ones */
  readonly unpack: (options: ForecasterOptions, bytes: Uint8Array) => Forecaster;
}

/** What an engine offers that can keep its forecasters. */
interface KeepingEngine {
  readonly restoreForecaster?: (options: ForecasterOptions, bytes: Uint8Array) => Forecaster;
}

/** The engine's own way. */
export const engineCodec: ForecasterCodec = {
  pack: (forecaster) => (forecaster as Forecaster & { snapshot?(): Uint8Array }).snapshot?.(),
  unpack: (options, bytes) => {
    const { restoreForecaster } = engine as KeepingEngine;
    if (!restoreForecaster) throw new TypeError('the engine does not keep forecasters');
    return restoreForecaster(options, bytes);
  },
};
