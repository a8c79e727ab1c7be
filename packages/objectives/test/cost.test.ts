import { bind, type Device, type Ints, type Kernels, type Mat, type Objective, type Vec } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { expect, it } from 'vitest';

import {
  constrainedFactorization,
  generateConstraints,
  fixedRank,
  generateEntries,
  generateMatrix,
  generateGraph,
  generateMeasurements,
  generateOrthogonalCut,
  matrixCompletion,
  matrixFactorization,
  matrixSensing,
  maxCut,
  orthogonalCut,
  symmetricFactorization,
  symmetricSensing,
} from '../src/index.ts';
import { gaussian } from './support.ts';

/** A device that adds up the floating-point operations of its products. */
function counting(device: Device): { device: Device; flops: () => number } {
  let flops = 0;
  // The cpu has all kernels.
  const all = device.kernels as Required<Kernels>;
  const { gemm, gemv, sddmm, spmm, axpy, dot, residualAdjoint } = all;
  const kernels: Kernels = {
    ...all,
    gemm(ta, tb, alpha, a, b, beta, out) {
      flops += 2 * out.rows * out.cols * (ta === 'N' ? a.cols : a.rows);
      gemm(ta, tb, alpha, a, b, beta, out);
    },
    gemv(t, alpha, a, x, beta, out) {
      flops += 2 * a.length;
      gemv(t, alpha, a, x, beta, out);
    },
    sddmm(row: Ints, col: Ints, u: Mat, v: Mat, out: Vec) {
      flops += 2 * row.length * u.cols;
      sddmm(row, col, u, v, out);
    },
    sddmmPair(row, col, u, v, du, dv, out) {
      flops += 4 * row.length * u.cols;
      all.sddmmPair(row, col, u, v, du, dv, out);
    },
    spmm(row, col, values, b, out, transposed) {
      flops += 2 * row.length * b.cols;
      spmm(row, col, values, b, out, transposed);
    },
    residualAdjoint(scale, a, x, y, rho, out, ...second) {
      flops += 4 * a.length * (second.length === 0 ? 1 : 2);
      residualAdjoint(scale, a, x, y, rho, out, ...second);
    },
    axpy(alpha, x, out) {
      flops += 2 * x.length;
      axpy(alpha, x, out);
    },
    dot(x, y, out, at) {
      flops += 2 * x.length;
      dot(x, y, out, at);
    },
    residualProducts(target, u, v, scale, b, left, c, right, out, at) {
      flops += 2 * target.length * (u.cols + (b?.cols ?? 0) + (c?.cols ?? 0));
      all.residualProducts(target, u, v, scale, b, left, c, right, out, at);
    },
    observedResidual(pointers, index, data, roots, u, v, z, scale, b, left, squares, at) {
      flops += 2 * index.length * (u.cols + (b?.cols ?? 0));
      all.observedResidual(pointers, index, data, roots, u, v, z, scale, b, left, squares, at);
    },
    observedProduct(pointers, index, order, z, scale, b, out) {
      flops += 2 * index.length * b.cols;
      all.observedProduct(pointers, index, order, z, scale, b, out);
    },
    observedCurvature(pointers, index, data, roots, u, v, du, dv, z, scale, left) {
      flops += 10 * index.length * u.cols;
      all.observedCurvature(pointers, index, data, roots, u, v, du, dv, z, scale, left);
    },
    observedCurvatureProduct(pointers, index, order, z, scale, b, db, out) {
      flops += 4 * index.length * b.cols;
      all.observedCurvatureProduct(pointers, index, order, z, scale, b, db, out);
    },
  };
  const wrapped = Object.create(device, { kernels: { value: kernels } }) as Device;
  return { device: wrapped, flops: () => flops };
}

const rank = 4;
const [rows, cols] = [60, 50];
const dense = generateMatrix({ rows, cols, rank, noise: 0.1 }, 1).data;
const square = generateMatrix({ rows, cols: rows, rank, noise: 0.1, symmetric: true }, 1).data;
const entries = generateEntries({ rows, cols, rank, density: 0.4 }, 1).data;
const labels = <D extends { readonly values: Float64Array }>(data: D): D => ({ ...data, values: data.values.map((value) => Number(value > 0)) });
const measurements = generateMeasurements({ rows: 20, cols: 15, rank, measurements: 400 }, 1).data;
const graph = generateGraph({ size: 60, density: 0.2 }, 1).data;
const rotations = generateOrthogonalCut({ blocks: 30 }, 1).data;
const constraints = generateConstraints({ rows: 20, rank: 2, constraints: 60 }, 1).data;
const psd = generateMeasurements({ rows: 20, cols: 20, rank, measurements: 400, symmetric: true }, 1).data;

it.each<[string, Objective<never>, number]>([
  ['asymmetric factorization', matrixFactorization({ target: dense, rank, lambda: 0.1 }), 1.5],
  ['symmetric factorization', symmetricFactorization({ target: square, rank, lambda: 0.1 }), 1.5],
  ['completion', matrixCompletion({ entries, rank, lambda: 0.1 }), 2.5],
  ['weighted completion', matrixCompletion({ entries: { ...entries, weights: gaussian(entries.values.length, 'w').map(Math.abs) }, rank, lambda: 0.1 }), 2.5],
  ['sensing', matrixSensing({ measurements, rank, lambda: 0.1 }), 2.1],
  ['psd sensing', symmetricSensing({ measurements: psd, rank, lambda: 0.1 }), 2.1],
  ['factorization of fixed rank', fixedRank(matrixFactorization({ target: dense, rank })), 1.5],
  ['completion of fixed rank', fixedRank(matrixCompletion({ entries, rank })), 2.5],
  ['sensing of fixed rank', fixedRank(matrixSensing({ measurements, rank })), 2.1],
  ['psd sensing of fixed rank', fixedRank(symmetricSensing({ measurements: psd, rank })), 2.1],
  ['factorization, one-bit', matrixFactorization({ target: labels(dense), rank, lambda: 0.1, loss: 'logistic' }), 2.5],
  ['symmetric factorization, weighted', symmetricFactorization({ target: square, rank, weights: gaussian(square.values.length, 'w').map(Math.abs) }), 2.5],
  ['symmetric factorization, Huber', symmetricFactorization({ target: square, rank, loss: 'huber' }), 2.5],
  ['completion, one-bit, rows penalised', matrixCompletion({ entries: labels(entries), rank, lambda: 0.1, loss: 'logistic', incoherence: 1, alpha: 0.1 }), 2.5],
  ['sensing, weighted, Huber', matrixSensing({ measurements: { ...measurements, weights: gaussian(400, 'w').map(Math.abs) }, rank, loss: 'huber' }), 2.5],
  ['max-cut, penalty', maxCut({ graph, rank }), 2.1],
  ['max-cut, fletcher', maxCut({ graph, rank, merit: 'fletcher' }), 2.5],
  ['orthogonal-cut, fletcher', orthogonalCut({ cost: rotations, rank, merit: 'fletcher' }), 2.5],
  ['dense constraints, augmented Lagrangian', constrainedFactorization({ constraints, rank, merit: 'augmented' }), 2.1],
  ['dense constraints, fletcher', constrainedFactorization({ constraints, rank, merit: 'fletcher' }), 2.5],
])('%s: a Hessian-vector product costs about two gradients at most', (_name, objective, most) => {
  const opened = cpu().open();
  if (opened instanceof Promise) throw new Error('the cpu opens at once');
  const { device, flops } = counting(opened);
  const { problem } = bind(objective as Objective<'valueAndGradient' | 'hessianVectorProduct'>, device, ['valueAndGradient', 'hessianVectorProduct']);
  const memory = device.memory();
  const size = objective.layout.blocks.reduce((sum, { shape }) => sum + shape[0]! * shape[1]!, 0);
  const [x, v, out, value] = [memory.vector(size), memory.vector(size), memory.vector(size), memory.vector(1)];
  device.write(x, gaussian(size, 'x'));
  device.write(v, gaussian(size, 'v'));
  problem.valueAndGradient(x, value, out);
  const gradient = flops();
  problem.hessianVectorProduct(x, v, out);
  expect(gradient).toBeGreaterThan(0);
  expect((flops() - gradient) / gradient).toBeLessThan(most);
});
