import { layoutLength, type CapabilityMap, type Device, type Layout, type Mat, type Memory, type Vec } from '@lowland/core';

import { once } from '../factored/once.ts';
import type { DeviceMap } from '../factored/linear-map.ts';
import type { FactoredProblem } from '../factored/problem.ts';
import { newMatrix, newVector } from '../factored/term.ts';
import type { BoundFixedRank } from './geometry.ts';
import { blocksIn, type Blocks } from './layout.ts';
import { bindMeasured } from './measured.ts';

export type FirstOrder = Pick<CapabilityMap, 'value' | 'gradient' | 'valueAndGradient'>;

export interface FixedRankOracles {
  /** The residual is stored, and read by each product. */
  composed(): FirstOrder;
  /** One pass over the data for each; only where the map has it and the loss is least squares. */
  fused(): FirstOrder;
  hessianVectorProduct(): CapabilityMap['hessianVectorProduct'];
  /** With the residual as in `fused`; of an isometry alone, whose D needs no measurements. */
  fusedHessianVectorProduct(): CapabilityMap['hessianVectorProduct'];
  residual(): CapabilityMap['residual'];
}

/**
 * phi at X = U S V^T with G = grad phi(X) = weight a*(psi'(a(X))) + C, from products with G alone:
 *
 *     grad      = (U^T G V, (I - U U^T) G V, (I - V V^T) G^T U)
 *     Hess[xi]  = (U^T D V, (I - U U^T) (D V + G V_p S^-T), (I - V V^T) (D^T U + G^T U_p S^-1)),   D = D grad phi(X)[xi]
 *
 * (Vandereycken 2013, arXiv 1209.3834, section 2.3). A Hessian-vector product is two passes over the measurements and two loads of the map;
 * it divides by S, and so loses digits by its condition number. Of an isometry D = weight xi, and there is one load, or one pass over the data
 * with no residual stored. For U S U^T likewise, with products from the left alone, and W = sqrt(2) U_p.
 */
export function bindFixedRankOracles(problem: FactoredProblem, layout: Layout, geometry: () => BoundFixedRank, map: DeviceMap, data: () => Vec, device: Device, memory: Memory): FixedRankOracles {
  const { symmetric, weight, rank } = problem;
  const { rows, cols, length } = problem.map;
  const { axpy, copy, dot, gemm, scal } = device.kernels;
  const blocks = blocksIn(device, layout);
  const tall = (): Mat => newMatrix(device, memory, rows, rank);
  const long = (): Mat => newMatrix(device, memory, cols, rank);
  const measured = once(() => bindMeasured(problem, data(), device, memory));
  const scaledU = tall();
  const [left, right] = [tall(), symmetric ? undefined : long()];
  const linear = problem.linear && { c: device.matrix(newVector(device, memory, problem.linear), 0, rows, cols), product: tall() };
  const sums = memory.vector(2);
  const unused = memory.vector(1);

  /** U S, so that X = (U S) V^T. */
  const scale = ({ u, s }: Blocks): Mat => {
    gemm('N', 'N', 1, u, s, 0, scaledU);
    return scaledU;
  };
  /** left += C V, right += C^T U */
  const addLinear = ({ u, v }: Pick<Blocks, 'u' | 'v'>): void => {
    if (linear === undefined) return;
    gemm('N', 'N', 1, linear.c, v, 1, left);
    if (right !== undefined) gemm('T', 'N', 1, linear.c, u, 1, right);
  };
  /** value[0] = sum of the weighted sums: one slot is written, whatever the length of `value`. */
  const finishValue = (at: Blocks, weights: Vec, value: Vec): void => {
    if (linear !== undefined) {
      gemm('N', 'N', 1, linear.c, at.v, 0, linear.product);
      dot(linear.product, scaledU, sums, 1);
    }
    dot(weights, sums, value, 0);
  };

  /** toLeft = Z v, toRight = Z^T u of what is loaded. */
  const products = (v: Mat, u: Mat, toLeft: Mat, toRight: Mat | undefined): void => {
    map.times(false, v, 0, toLeft);
    if (toRight !== undefined) map.times(true, u, 0, toRight);
  };
  const measure = (at: Blocks): void => {
    map.image(scale(at), at.v, measured().z);
    measured().update();
  };
  const composed = (): FirstOrder => {
    const weights = newVector(device, memory, Float64Array.of(measured().weight, 1));
    const slopes = (x: Vec, at: Blocks, out: Vec): void => {
      map.load(weight, measured().slope());
      products(at.v, at.u, left, right);
      addLinear(at);
      geometry().tangent(x, left, right, out);
    };
    return {
      value(x, out) {
        const at = blocks(x);
        measure(at);
        measured().sum(sums, 0);
        finishValue(at, weights, out);
      },
      gradient(x, out) {
        const at = blocks(x);
        measure(at);
        slopes(x, at, out);
      },
      valueAndGradient(x, value, out) {
        const at = blocks(x);
        measure(at);
        measured().sum(sums, 0);
        finishValue(at, weights, value);
        slopes(x, at, out);
      },
    };
  };
  const pass = once(() => map.fused!(data()));
  const fused = (): FirstOrder => {
    const weights = newVector(device, memory, Float64Array.of(weight / 2, 1));
    const onePass = (at: Blocks, squares: Vec): void => {
      pass().residualProducts(scale(at), at.v, weight, at.v, left, right && at.u, right, squares, 0);
      addLinear(at);
    };
    return {
      value(x, out) {
        const at = blocks(x);
        pass().residualProducts(scale(at), at.v, weight, undefined, undefined, undefined, undefined, sums, 0);
        finishValue(at, weights, out);
      },
      gradient(x, out) {
        onePass(blocks(x), unused);
        geometry().tangent(x, left, right, out);
      },
      valueAndGradient(x, value, out) {
        const at = blocks(x);
        onePass(at, sums);
        finishValue(at, weights, value);
        geometry().tangent(x, left, right, out);
      },
    };
  };

  const differential = once(() => memory.vector(length));
  const tangentVector = once(() => memory.vector(layoutLength(layout)));
  const moved = once(tall);
  /** out = a(xi) with xi = (U M + U_p) V^T + U V_p^T, or the symmetric part of (U M + sqrt(2) W) U^T. */
  const differentiate = (at: Blocks, along: Blocks, out: Vec): void => {
    gemm('N', 'N', symmetric ? 0.5 : 1, at.u, along.s, 0, moved());
    axpy(symmetric ? Math.SQRT1_2 : 1, along.u, moved());
    map.differential(at.u, at.v, moved(), symmetric ? moved() : along.v, out);
  };

  /** left = G v, right = G^T u but for the linear term, the residual stored or in passing. */
  const storedSlopes = (at: Blocks, v: Mat, u: Mat): void => {
    measure(at);
    map.load(weight, measured().slope());
    products(v, u, left, right);
  };
  const passingSlopes = (at: Blocks, v: Mat, u: Mat): void => {
    pass().residualProducts(scale(at), at.v, weight, v, left, right && u, right, unused, 0);
  };
  const hessianVectorProduct = (slopes: typeof storedSlopes): CapabilityMap['hessianVectorProduct'] => {
    const identity = device.matrix(newVector(device, memory, Float64Array.from({ length: rank * rank }, (_, k) => Number(k % (rank + 1) === 0))), 0, rank, rank);
    const [inner, inverse] = [newMatrix(device, memory, rank, rank), newMatrix(device, memory, rank, rank)];
    const isometric = problem.map.isometry && problem.loss === undefined;
    const { trsm } = device.kernels;
    return (x, v, out) => {
      geometry().project(x, v, tangentVector());
      const [at, along, to] = [blocks(x), blocks(tangentVector()), blocks(out)];
      // G V_p and G^T U_p, divided by S when they are added
      slopes(at, along.v, along.u);
      addLinear(along);
      if (isometric) {
        gemm('N', 'N', weight, at.u, along.s, 0, to.u);
        axpy(symmetric ? weight * Math.SQRT1_2 : weight, along.u, to.u);
        if (right !== undefined) {
          gemm('N', 'T', weight, at.v, along.s, 0, to.v);
          axpy(weight, along.v, to.v);
        }
      } else {
        differentiate(at, along, differential());
        map.load(weight, measured().curvature(differential()));
        products(at.v, at.u, to.u, right && to.v);
      }
      gemm('T', 'N', 1, at.u, to.u, 0, inner);
      copy(inner, to.s);
      // S is diagonal, or at least lower triangular. Its inverse by r x r substitution, then products, are faster than substitution in every row.
      trsm!('R', 'N', at.s, identity, inverse);
      gemm('N', symmetric ? 'N' : 'T', symmetric ? Math.SQRT1_2 : 1, left, inverse, 1, to.u);
      if (right !== undefined) gemm('N', 'N', 1, right, inverse, 1, to.v);
      geometry().normal(x, out);
    };
  };

  const residual = (): CapabilityMap['residual'] => {
    const root = Math.sqrt(weight);
    return {
      length,
      evaluate(x, out) {
        const at = blocks(x);
        map.image(scale(at), at.v, out);
        axpy(-1, data(), out);
        scal(root, out);
      },
      jvp(x, v, out) {
        geometry().project(x, v, tangentVector());
        differentiate(blocks(x), blocks(tangentVector()), out);
        scal(root, out);
      },
      vjp(x, w, out) {
        const at = blocks(x);
        if (symmetric) {
          // of any w the symmetric part of a*(w)
          map.load(root / 2, w);
          map.times(false, at.u, 0, left);
          map.times(true, at.u, 1, left);
        } else {
          map.load(root, w);
          products(at.v, at.u, left, right);
        }
        geometry().tangent(x, left, right, out);
      },
    };
  };
  return { composed: once(composed), fused: once(fused), hessianVectorProduct: once(() => hessianVectorProduct(storedSlopes)), fusedHessianVectorProduct: once(() => hessianVectorProduct(passingSlopes)), residual: once(residual) };
}
