import type { Family, Point } from './family.ts';
import type { Heap } from './heap.ts';
import { Measured } from './measured.ts';
import type { Round } from './rounding.ts';

/**
 * Magnitudes of z_k = <a_k, x>. A complex vector is two real rows: with a_k^* = (a, b), … those of the real part (a, -b, …) and of the imaginary part
 * (b, a, …). Every z is the sum of products in the order of the numbers of x, from 0. s_k = |z_k|^2 is the square, or the sum of both squares.
 *
 *     intensities          rho_k = s_k - y_k,                              w_k = rho_k z_k,            slope as given
 *     a smoothing t >= 0   rho_k = q_k - y_k, q_k = sqrt(s_k + t^2),       w_k = (rho_k / q_k) z_k,    half the slope; w_k = 0 where q_k = 0
 *
 * Number i of the gradient is the sum of number i of each row times its w, in the order of the rows, the real part's first, from 0, times the slope.
 *
 * Bound by arithmetic where the a_k are shared: 4 flops for each number of the rows and each run, read once for all lanes. Else by memory.
 */
export function phaseRetrieval(size: number, complex: boolean, smoothing: number, count: number, vectors: Float64Array, data: Float64Array, heap: Heap, round: Round): Family {
  const width = complex ? 2 : 1;
  const measured = new Measured(heap, width * count, size, complex ? separated(vectors, size) : vectors, data, count);
  const residual = heap.place(count);
  // negative where there is none
  const added = smoothing < 0 ? -1 : round(smoothing * smoothing);
  return {
    select(lane, k) {
      measured.select(lane, k);
    },
    slopeFactor: smoothing < 0 ? 1 : 0.5,
    evaluate({ right, rightSlope }: Point) {
      const { numbers, lanes } = heap;
      numbers.copyWithin(measured.signal, right.at, right.at + size * lanes);
      measured.through(undefined, (first, end) => {
        const [from, to] = [first / width, end / width];
        heap.weigh(to - from, complex, added, measured.image + first * lanes, measured.negativeData + from * lanes, residual + from * lanes);
      });
      numbers.copyWithin(rightSlope.at, measured.back, measured.back + size * lanes);
      return heap.squares(residual, count);
    },
  };
}

/** The two real rows of each complex one, whose `size` numbers are pairs. */
function separated(vectors: Float64Array, size: number): Float64Array {
  const out = new Float64Array(2 * vectors.length);
  for (let from = 0, re = 0; from < vectors.length; from += size, re += 2 * size) {
    for (let i = 0, im = re + size; i < size; i += 2) {
      out[re + i] = out[im + i + 1] = vectors[from + i]!;
      out[re + i + 1] = -vectors[from + i + 1]!;
      out[im + i] = vectors[from + i + 1]!;
    }
  }
  return out;
}
