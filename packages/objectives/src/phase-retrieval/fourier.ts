/**
 * The discrete Fourier transform of any length, over numbers as pairs (re, im). Powers of two by fft.js (radix 4); other lengths by a
 * convolution of such a length (Bluestein 1970).
 *
 * Bound by arithmetic: about 4 n log2 n flops, 6 us for n = 1024; other lengths some six times as much. Twiddle factors are sines and cosines of
 * the engine, so last bits may differ from one engine to another.
 */
import FFT from 'fft.js';

export interface Fourier {
  readonly size: number;
  /** out_k = sum over j of x_j exp(-2 pi i j k / n); `out` is not `x`. */
  forward(x: Float64Array, out: Float64Array): void;
  /** out_j = sum over k of x_k exp(2 pi i j k / n): the adjoint, n times the inverse. */
  adjoint(x: Float64Array, out: Float64Array): void;
}

/** What we use of fft.js, whose own types say `any`. */
interface Transform {
  transform(out: Float64Array, data: Float64Array): void;
}

export function fourier(size: number): Fourier {
  const forward = size === 1 ? copy : (size & (size - 1)) === 0 ? ofPowerOfTwo(size) : bluestein(size);
  const conjugated = new Float64Array(2 * size);
  return {
    size,
    forward,
    adjoint(x, out) {
      // the conjugate of the transform of the conjugate
      for (let k = 0; k < x.length; k += 2) {
        conjugated[k] = x[k]!;
        conjugated[k + 1] = -x[k + 1]!;
      }
      forward(conjugated, out);
      for (let k = 1; k < out.length; k += 2) out[k] = -out[k]!;
    },
  };
}

const copy: Fourier['forward'] = (x, out) => { out.set(x); };

function ofPowerOfTwo(size: number): Fourier['forward'] {
  const library = new FFT(size) as Transform;
  return (x, out) => { library.transform(out, x); };
}

/** j k = (j^2 + k^2 - (k - j)^2) / 2 makes of the transform a convolution with the chirp w_k = exp(-pi i k^2 / n). */
function bluestein(size: number): Fourier['forward'] {
  const length = 2 ** Math.ceil(Math.log2(2 * size - 1));
  const transform = ofPowerOfTwo(length);
  const chirp = new Float64Array(2 * size);
  for (let k = 0; k < size; k++) {
    // k^2 modulo 2 n, so that the angle is small and exact before it is rounded
    const angle = (Math.PI * ((k * k) % (2 * size))) / size;
    chirp[2 * k] = Math.cos(angle);
    chirp[2 * k + 1] = -Math.sin(angle);
  }
  const filter = new Float64Array(2 * length);
  const [padded, product, spectrum] = [new Float64Array(2 * length), new Float64Array(2 * length), new Float64Array(2 * length)];
  for (let k = 0; k < size; k++) {
    for (const at of k === 0 ? [0] : [k, length - k]) {
      padded[2 * at] = chirp[2 * k]!;
      padded[2 * at + 1] = -chirp[2 * k + 1]!;
    }
  }
  transform(padded, filter);
  return (x, out) => {
    padded.fill(0);
    multiplyInto(x, chirp, padded, size);
    transform(padded, spectrum);
    multiplyInto(spectrum, filter, product, length);
    // the inverse by a forward transform of the conjugate
    for (let k = 1; k < product.length; k += 2) product[k] = -product[k]!;
    transform(product, spectrum);
    for (let k = 0; k < size; k++) {
      const re = spectrum[2 * k]! / length;
      const im = -spectrum[2 * k + 1]! / length;
      out[2 * k] = re * chirp[2 * k]! - im * chirp[2 * k + 1]!;
      out[2 * k + 1] = re * chirp[2 * k + 1]! + im * chirp[2 * k]!;
    }
  };
}

/** out_k = x_k y_k for the first `count` numbers. */
function multiplyInto(x: Float64Array, y: Float64Array, out: Float64Array, count: number): void {
  for (let k = 0; k < 2 * count; k += 2) {
    out[k] = x[k]! * y[k]! - x[k + 1]! * y[k + 1]!;
    out[k + 1] = x[k]! * y[k + 1]! + x[k + 1]! * y[k]!;
  }
}
