import type { Mat, Vec } from '@lowland/core';
import { axpy, dot, frobeniusNorm, matrix, multiply, norm } from '@lowland/linalg';

import { denseOperator, sumRounding } from '../factored/host-operators.ts';
import { once } from '../factored/once.ts';
import { newMatrix } from '../factored/term.ts';
import { fusedProducts, type ResidualPass } from './fused-products.ts';
import { drawNumbers, type DrawingRule, eachDrawn, ensembleKey } from './gaussian.ts';
import { sampledMatrices } from './sampled-matrices.ts';
import type { SensingMap } from './sensing-map.ts';

/** A fused pass draws a few rows at a time; the composed one as many numbers as this. */
const drawnNumbers = 2 ** 16;
/** sqrt(2 ln(1 / 1e-10)): what Gaussian matrices exceed with a probability of 1e-10. */
const deviation = 6.79;
/** |a| <= mean (sqrt count + sqrt(rows cols)) + beyond, with that probability. */
const spread = {
  gaussian: { mean: 1, beyond: deviation },
  lattice: { mean: Math.sqrt(Math.PI / 2), beyond: 2 * deviation },
} as const satisfies Record<DrawingRule, unknown>;
const kernelsOf = {
  gaussian: { draw: 'normal', pass: 'seededResidualAdjoint' },
  lattice: { draw: 'latticeNormal', pass: 'latticeResidualAdjoint' },
} as const satisfies Record<DrawingRule, unknown>;

/**
 * An ensemble that is too large to hold: the A_k are drawn anew, some at a time, whenever they are used.
 *
 * Bound by arithmetic: 8 ns a number where the cpu draws, so a gradient of 5000 measurements of 200 x 200 takes two seconds; held
 * ones are read thirty times as fast. Composed, a gradient draws everything twice, a Hessian-vector product four times. GPUs draw by the
 * lattice rule in one pass; Gaussian numbers come to them from the host, composed.
 *
 * But for one seed of 10^10, |a|^2 <= (sqrt count + sqrt(rows cols) + 6.79)^2 of Gaussian ones (Davidson, Szarek 2001, Theorem II.13), and
 * of those by the lattice rule (sqrt(pi/2) (sqrt count + sqrt(rows cols)) + 13.6)^2: they are sums of signs, whose norm is in the mean at most
 * that of normals over E |g| = sqrt(2/pi), and it is convex and 1-Lipschitz in the signs (Boucheron, Lugosi, Massart 2013, Theorem 6.10).
 */
export function seededMap(rule: DrawingRule, seed: number, rows: number, cols: number, count: number, symmetric: boolean): SensingMap {
  const size = rows * cols;
  const kernels = kernelsOf[rule];
  const block = Math.max(1, Math.min(count, Math.floor(drawnNumbers / size)));
  const symmetrise = (z: Float64Array): Float64Array => z.map((value, k) => (value + z[(k % rows) * rows + Math.floor(k / rows)]!) / 2);
  /** |A_k|_F, and the sum of their squares, where problems in X X^T count symmetric parts. */
  const sizes = once(() => {
    const norms = new Float64Array(count);
    let squares = 0;
    eachDrawn(rule, seed, count, size, (a, k) => {
      const whole = norm(a);
      norms[k] = whole;
      squares += symmetric ? norm(symmetrise(a)) ** 2 : whole ** 2;
    });
    return { norms, squares };
  });
  /** out = sum of w_k A_k */
  const sum = (w: Float64Array, out: Float64Array): void => {
    eachDrawn(rule, seed, count, size, (a, k) => { axpy(w[k]!, a, out); });
  };
  return {
    rows,
    cols,
    length: count,
    isometry: false,
    get frobeniusSquared() {
      return sizes().squares;
    },
    depth: size + 2,
    kernels: [kernels.draw, 'fill', 'gemm', 'gemv'],
    fusedKernels: { residual: ['gemm', kernels.pass], curvature: ['gemm', kernels.pass] },
    normSquared: () => (spread[rule].mean * (Math.sqrt(count) + Math.sqrt(size)) + spread[rule].beyond) ** 2,
    image(u, v, out) {
      const x = multiply(u, v, { transposeB: true }).data;
      eachDrawn(rule, seed, count, size, (a, k) => { out[k] = dot(a, x); });
    },
    magnitudes(u, v, out) {
      const { norms } = sizes();
      const product = frobeniusNorm(u) * frobeniusNorm(v);
      for (let k = 0; k < count; k++) out[k] = norms[k]! * product;
    },
    adjoint(w, plus) {
      const z = new Float64Array(size);
      sum(w, z);
      const data = symmetric ? symmetrise(z) : z;
      if (plus !== undefined) axpy(1, plus, data);
      return denseOperator(matrix(rows, cols, data), sumRounding(count + 1, w, sizes().norms));
    },
    bind(device, memory) {
      const { fill, gemm, gemv } = device.kernels;
      const draw = device.kernels[kernels.draw]!;
      const product = newMatrix(device, memory, rows, cols);
      const adjoint = newMatrix(device, memory, rows, cols);
      const key = ensembleKey(seed, 0);
      const drawn = once(() => {
        const numbers = memory.vector(block * size);
        return { numbers, rows: Array.from({ length: block }, (_, k) => device.view(numbers, k * size, size)) };
      });
      /** `visit` for all A_k, in blocks of rows. */
      const blocks = (visit: (a: Mat, from: number, length: number) => void): void => {
        for (let from = 0; from < count; from += block) {
          const length = Math.min(block, count - from);
          for (let k = 0; k < length; k++) draw({ ...key, index: from + k }, drawn().rows[k]!);
          visit(device.matrix(drawn().numbers, 0, length, size), from, length);
        }
      };
      const measure = (out: Vec): void => {
        blocks((a, from, length) => { gemv('N', 1, a, product, 0, device.view(out, from, length)); });
      };
      const pass: ResidualPass = {
        image: (x, data, rho) => { device.kernels[kernels.pass]!(1, key, x, data, rho); },
        adjoint: (x, data, rho, out, ...second) => { device.kernels[kernels.pass]!(1, key, x, data, rho, out, ...second); },
      };
      return {
        image(u, v, out) {
          gemm('N', 'T', 1, u, v, 0, product);
          measure(out);
        },
        differential(u, v, du, dv, out) {
          gemm('N', 'T', 1, du, v, 0, product);
          gemm('N', 'T', 1, u, dv, 1, product);
          measure(out);
        },
        load(alpha, w) {
          fill(adjoint, 0);
          blocks((a, from, length) => { gemv('T', alpha, a, device.view(w, from, length), 1, adjoint); });
        },
        times(transposed, b, beta, out) {
          const share = symmetric ? 0.5 : 1;
          gemm(transposed ? 'T' : 'N', 'N', share, adjoint, b, beta, out);
          if (symmetric) gemm(transposed ? 'N' : 'T', 'N', share, adjoint, b, 1, out);
        },
        fused: (data) => fusedProducts(device, memory, data, product, adjoint, pass, symmetric),
      };
    },
    sampled(device, memory) {
      const drawn = new Float64Array(size);
      return sampledMatrices(device, memory, rows, cols, drawn, (k) => {
        drawNumbers[rule](ensembleKey(seed, k), drawn);
        return 0;
      });
    },
    // Drawn rows, X and Z with their differentials, and the sums of a part.
    bytes: (width) => width * ((Math.max(2, block) + 6) * size + 2 * count),
    stack(other, unknown) {
      const stacked = matrix(count, (unknown === 'left' ? rows : cols) * other.cols);
      eachDrawn(rule, seed, count, size, (a, k) => {
        stacked.data.set(multiply(matrix(rows, cols, a), other, { transposeA: unknown === 'right' }).data, k * stacked.cols);
      });
      return stacked;
    },
  };
}
