import type { Family } from './family.ts';
import type { Round } from './rounding.ts';
import { sumOfSquares } from './sum.ts';

/**
 * Magnitudes of z_k = <a_k, x>, the sum of products in the order of entries, from 0; complex ones (a, b) (c, d) add round(a c) - round(b d), rounded, to the
 * real part and round(a d) + round(b c), rounded, to the imaginary part. s_k = |z_k|^2 is the square, or the sum of both squares.
 *
 *     intensities          rho_k = s_k - y_k,                              w_k = rho_k z_k,            slope as given
 *     a smoothing t >= 0   rho_k = q_k - y_k, q_k = sqrt(s_k + t^2),       w_k = (rho_k / q_k) z_k,    half the slope; w_k = 0 where q_k = 0
 *
 * Entry i of the gradient is the sum of conj(a_ki) w_k in the order of k, from 0, times the slope; of complex ones round(a c) + round(b d) and
 * round(a d) - round(b c) with a_ki = (a, b), w_k = (c, d).
 *
 * Bound by memory: 4 flops for each number of the vectors, which are read twice.
 */
export function phaseRetrieval(size: number, complex: boolean, smoothing: number, count: number, vectors: Float64Array, data: Float64Array, round: Round): Family {
  const residual = new Float64Array(count);
  const squared = round(smoothing * smoothing);
  let [vector, datum] = [0, 0];
  return {
    select(k) {
      vector = vectors.length === count * size ? 0 : k * count * size;
      datum = data.length === count ? 0 : k * count;
    },
    evaluate(x, slope, gradient) {
      gradient.fill(0);
      for (let k = 0, at = vector; k < count; k++, at += size) {
        let [re, im] = [0, 0];
        if (complex) {
          for (let i = 0; i < size; i += 2) {
            const [a, b, c, d] = [vectors[at + i]!, vectors[at + i + 1]!, x[i]!, x[i + 1]!];
            re = round(re + round(round(a * c) - round(b * d)));
            im = round(im + round(round(a * d) + round(b * c)));
          }
        } else for (let i = 0; i < size; i++) re = round(re + round(vectors[at + i]! * x[i]!));
        const square = complex ? round(round(re * re) + round(im * im)) : round(re * re);
        const magnitude = smoothing < 0 ? square : round(Math.sqrt(round(square + squared)));
        const rho = round(magnitude - data[datum + k]!);
        residual[k] = rho;
        const factor = smoothing < 0 ? rho : magnitude === 0 ? 0 : round(rho / magnitude);
        const [c, d] = [round(factor * re), round(factor * im)];
        if (complex) {
          for (let i = 0; i < size; i += 2) {
            const [a, b] = [vectors[at + i]!, vectors[at + i + 1]!];
            gradient[i] = round(gradient[i]! + round(round(a * c) + round(b * d)));
            gradient[i + 1] = round(gradient[i + 1]! + round(round(a * d) - round(b * c)));
          }
        } else for (let i = 0; i < size; i++) gradient[i] = round(gradient[i]! + round(vectors[at + i]! * c));
      }
      const scale = smoothing < 0 ? slope : slope / 2;
      for (let i = 0; i < size; i++) gradient[i] = round(scale * gradient[i]!);
      return sumOfSquares(residual, 0, count, round);
    },
  };
}
