import { createForecaster } from '../../../forecaster/engine';
import type { ForecasterCodec } from '../../../forecaster/service/forecaster-codec';

/** Keeps the newest value only: enough to see what is kept of which series, without what the engine keeps. */
export const newestValueCodec: ForecasterCodec = {
  pack: (forecaster) => {
    const { origin, point } = forecaster.forecast({ horizonSeconds: 60 });
    return Buffer.from(JSON.stringify([origin, point[0]]));
  },
  unpack: (options, bytes) => {
    const [time, value] = JSON.parse(Buffer.from(bytes).toString()) as [number, number];
    const forecaster = createForecaster(options);
    forecaster.observe(time, value);
    return forecaster;
  },
};
