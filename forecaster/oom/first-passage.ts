import { normalCumulative } from '../incidents/normal-cumulative';

/**
 * Probability that a random walk with drift reaches a height within a time: the inverse Gaussian law.
 *
 * Schrödinger (1915), Zur Theorie der Fall- und Steigversuche; Folks and Chhikara (1978), The inverse Gaussian distribution and its statistical
 * application, JRSS B 40(3).
 *
 * @param height above the start; 0 or less is there already
 * @param drift per unit of time, of either sign
 * @param volatility standard deviation per square root of the unit of time; 0 is a straight line
 * @returns 0 to 1, never NaN for finite arguments; grows with time
 */
export function firstPassage(height: number, drift: number, volatility: number, time: number): number {
  if (height <= 0) return 1;
  if (!(time > 0)) return 0;
  if (!(volatility > 0)) return drift * time >= height ? 1 : 0;
  const deviation = volatility * Math.sqrt(time);
  const ahead = (drift * time - height) / deviation;
  const reflected = scaledTail((drift * time + height) / deviation);
  const probability = normalCumulative(ahead) + (reflected.scaled ? Math.exp(-(ahead * ahead) / 2) : Math.exp(2 * drift * height / (volatility * volatility))) * reflected.value;
  return Math.min(1, Math.max(0, probability));
}

/** Upper tail at z; far out it comes without its factor exp(-z²/2), which would underflow where its partner overflows. */
function scaledTail(z: number): { readonly value: number; readonly scaled: boolean } {
  if (z < 0) return { value: normalCumulative(-z), scaled: false };
  const value = z > 5 ? (1 - 1 / (z * z) + 3 / z ** 4) / (z * Math.sqrt(2 * Math.PI)) : normalCumulative(-z) * Math.exp((z * z) / 2);
  return { value, scaled: true };
}
