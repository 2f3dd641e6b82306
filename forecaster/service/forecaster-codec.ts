import { type Forecaster, type ForecasterOptions, restoreForecaster } from '../engine';

/** Turns forecasters into bytes and back. */
export interface ForecasterCodec {
  readonly pack: (forecaster: Forecaster) => Uint8Array;
  /** @throws anything for bytes of another version, or damaged ones */
  readonly unpack: (options: ForecasterOptions, bytes: Uint8Array) => Forecaster;
}

/** The engine's own way. */
export const engineCodec: ForecasterCodec = { pack: (forecaster) => forecaster.snapshot(), unpack: restoreForecaster };
