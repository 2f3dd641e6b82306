/* eslint-disable no-bitwise -- the order of a fast Fourier transform is one of bits */
/** A complex sequence. */
export interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Discrete Fourier transform of any length; the inverse is not divided by the length. */
export function transform(input: Complex, inverse = false): Complex {
  const n = input.re.length;
  if ((n & (n - 1)) === 0) {
    const output = { re: input.re.slice(), im: input.im.slice() };
    radix2(output, inverse);
    return output;
  }
  return bluestein(input, inverse);
}

/** In place; the length is a power of two. */
function radix2({ re, im }: Complex, inverse: boolean): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i += 1) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j]!, re[i]!];
      [im[i], im[j]] = [im[j]!, im[i]!];
    }
  }
  for (let size = 2; size <= n; size <<= 1) {
    const half = size >> 1;
    const angle = ((inverse ? 2 : -2) * Math.PI) / size;
    for (let k = 0; k < half; k += 1) {
      const wr = Math.cos(angle * k);
      const wi = Math.sin(angle * k);
      for (let start = k; start < n; start += size) {
        const other = start + half;
        const xr = re[other]! * wr - im[other]! * wi;
        const xi = re[other]! * wi + im[other]! * wr;
        re[other] = re[start]! - xr;
        im[other] = im[start]! - xi;
        re[start] = re[start]! + xr;
        im[start] = im[start]! + xi;
      }
    }
  }
}

/** Any length as a convolution of a length that is a power of two. */
function bluestein(input: Complex, inverse: boolean): Complex {
  const n = input.re.length;
  let size = 1;
  while (size < 2 * n) size <<= 1;
  const sign = inverse ? 1 : -1;
  const cos = new Float64Array(n);
  const sin = new Float64Array(n);
  for (let k = 0; k < n; k += 1) {
    // k squared modulo 2n keeps the angle exact.
    const angle = (sign * Math.PI * ((k * k) % (2 * n))) / n;
    cos[k] = Math.cos(angle);
    sin[k] = Math.sin(angle);
  }
  const a = { re: new Float64Array(size), im: new Float64Array(size) };
  const b = { re: new Float64Array(size), im: new Float64Array(size) };
  for (let k = 0; k < n; k += 1) {
    a.re[k] = input.re[k]! * cos[k]! - input.im[k]! * sin[k]!;
    a.im[k] = input.re[k]! * sin[k]! + input.im[k]! * cos[k]!;
    b.re[k] = cos[k]!;
    b.im[k] = -sin[k]!;
    if (k > 0) {
      b.re[size - k] = cos[k]!;
      b.im[size - k] = -sin[k]!;
    }
  }
  radix2(a, false);
  radix2(b, false);
  for (let k = 0; k < size; k += 1) {
    const re = a.re[k]! * b.re[k]! - a.im[k]! * b.im[k]!;
    a.im[k] = a.re[k]! * b.im[k]! + a.im[k]! * b.re[k]!;
    a.re[k] = re;
  }
  radix2(a, true);
  const output = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let k = 0; k < n; k += 1) {
    output.re[k] = (a.re[k]! * cos[k]! - a.im[k]! * sin[k]!) / size;
    output.im[k] = (a.re[k]! * sin[k]! + a.im[k]! * cos[k]!) / size;
  }
  return output;
}

/** The transform of a real sequence. */
export function spectrum(values: ArrayLike<number>): Complex {
  return transform({ re: Float64Array.from(values), im: new Float64Array(values.length) });
}

/** Magnitudes, one per frequency. */
export function magnitudes({ re, im }: Complex): Float64Array {
  return re.map((value, index) => Math.hypot(value, im[index]!));
}
