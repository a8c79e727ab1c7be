/** Every kernel with what it must move and compute: for measuring, and for a test that no kernel was left out. */
import type { KernelName, Mat, Vec } from '@lowland/core';
import { type EnsembleMethod, ensembleMethods, type FactoredEnsemble, parameterCount, stateLength, variablesOf } from '@lowland/linalg/ensembles';

import type { GpuDevice } from '../src/device.ts';

export interface Case {
  readonly kernel: KernelName;
  readonly name: string;
  /** What must be moved at least: each number of an argument once. What caches serve is not counted. */
  readonly bytes: number;
  /** Additions and multiplications at least, in f32; what else takes time is named in LIMITS.md. */
  readonly operations: number;
  call(): void;
}

/**
 * Calls of the kernels that the device has, on matrices of `size` rows and columns, on lists of size^2 numbers, with `rank` columns in factors, and on up to 512 rows and columns where
 * columns depend on each other.
 */
export function casesOf(device: GpuDevice, size: number, rank: number): readonly Case[] {
  const { kernels } = device;
  const memory = device.memory();
  const count = size * size;
  const vector = (length: number, value = 0.5): Vec => {
    const x = memory.vector(length);
    kernels.fill(x, value);
    return x;
  };
  const matrix = (rows: number, cols: number): Mat => {
    const x = vector(rows * cols);
    // no two rows alike
    kernels.latticeNormal!({ seed: rows, purpose: 1, index: cols }, x);
    return device.matrix(x, 0, rows, cols);
  };
  const [x, y, z, slot] = [matrix(size, size), matrix(size, size), matrix(size, size), vector(1)];
  const [u, v, du, dv, left, right] = [matrix(size, rank), matrix(size, rank), matrix(size, rank), matrix(size, rank), matrix(size, rank), matrix(size, rank)];
  const [one, other, third] = [device.view(y, 0, size), device.view(z, 0, size), device.view(u, 0, size)];
  const pairs = vector(2 * count);

  const indices = (length: number, of: (e: number) => number) => memory.integers(Int32Array.from({ length }, (_, e) => of(e)));
  // A row's entries at strides through the columns, each column once; the same entries in the order of columns.
  const [row, column] = [indices(count, (e) => Math.floor(e / size)), indices(count, (e) => (e * 7919) % size)];
  const [pointers, order] = [indices(size + 1, (i) => i * size), indices(count, (e) => (e % size) * size + Math.floor(e / size))];

  const cut = Math.min(size, 512);
  const [small, factor, solved, side] = [matrix(cut, cut), matrix(cut, cut), matrix(cut, cut), matrix(cut, cut)];
  kernels.syrk!('T', 1, small, 0, solved);
  kernels.potrf!(solved, 1, factor);
  const gram = device.matrix(vector(rank * rank), 0, rank, rank);
  kernels.syrk!('T', 1, u, 0, gram);
  const [wide, q, r] = [matrix(size, 2 * rank), matrix(size, 2 * rank), matrix(2 * rank, 2 * rank)];
  const [core, vectors, others, values] = [matrix(2 * rank, 2 * rank), matrix(2 * rank, rank), matrix(2 * rank, rank), vector(rank)];

  // Quadratics at 256 points of a plane.
  const data = Math.floor(count / 6);
  const [quadratics, points, sums] = [device.matrix(x, 0, 6, data), vector(512), vector(256)];
  const drawn = { seed: 1, purpose: 2, index: 0 };

  const [runs, steps, edge, few] = [size, 50, 20, 3];
  const shape = { symmetric: false, rows: edge, cols: edge, rank: few };
  const ensembleOf = (method: EnsembleMethod, problem: Pick<FactoredEnsemble, 'symmetric' | 'rows' | 'cols' | 'rank'>): FactoredEnsemble => {
    const states = vector(runs * stateLength(method, variablesOf(problem)), 0.1);
    // No noise, and a step so small that no run ends.
    const [coefficients, parameters] = [vector(3, 0), vector(parameterCount(method), 0)];
    kernels.fill(device.view(coefficients, 0, 1), 1);
    kernels.fill(device.view(parameters, 0, 1), 1e-7);
    return { ...problem, method, count: runs, steps, firstStep: 0, seed: 1, noise: 'lattice', coefficients, parameters, limits: vector(2, -1), states };
  };
  const [target, measurements] = [vector(edge ** 2), 100];
  const [matrices, signals, seen] = [matrix(measurements, edge ** 2), matrix(measurements, edge), vector(measurements)];
  const factorizations = ensembleMethods.map((method) => ensembleOf(method, shape));
  const [sensing, phases] = [ensembleOf('gradient-descent', shape), ensembleOf('gradient-descent', { symmetric: true, rows: edge, cols: edge, rank: 1 })];
  const moved = ({ states }: FactoredEnsemble) => 8 * states.length;

  const all: readonly (readonly [KernelName, string, number, number, () => void])[] = [
    ['copy', '', 8 * count, 0, () => { kernels.copy(x, y); }],
    ['fill', '', 4 * count, 0, () => { kernels.fill(y, 0.5); }],
    ['axpy', '', 12 * count, 2 * count, () => { kernels.axpy(0.5, x, y); }],
    ['scal', '', 8 * count, count, () => { kernels.scal(0.999, y); }],
    ['mul', '', 12 * count, count, () => { kernels.mul(x, y, z); }],
    ['divideByRoot', '', 12 * count, 3 * count, () => { kernels.divideByRoot!(x, x, 1, z); }],
    ['loss', 'huber, one derivative', 16 * count, 4 * count, () => { kernels.loss!('huber', slot, x, y, undefined, z); }],
    ['loss', 'logistic, one derivative', 16 * count, 30 * count, () => { kernels.loss!('logistic', slot, x, y, undefined, z); }],
    ['dot', '', 8 * count, 2 * count, () => { kernels.dot(x, y, slot); }],
    ['nrm2', '', 4 * count, 2 * count, () => { kernels.nrm2!(x, slot); }],
    ['ger', '', 8 * count, 3 * count, () => { kernels.ger!(1e-9, one, third, z); }],
    ['gemm', 'square', 12 * count, 2 * count * size, () => { kernels.gemm('N', 'N', 1, x, y, 0, z); }],
    ['gemm', `M V, ${rank} columns`, 4 * count, 2 * count * rank, () => { kernels.gemm('N', 'N', 1, x, v, 0, left); }],
    ['gemm', `M^T U, ${rank} columns`, 4 * count, 2 * count * rank, () => { kernels.gemm('T', 'N', 1, x, u, 0, right); }],
    ['gemm', `U V^T, rank ${rank}`, 4 * count, 2 * count * rank, () => { kernels.gemm('N', 'T', 1, u, v, 0, z); }],
    ['gemm', `U^T U, rank ${rank}`, 4 * size * rank, 2 * size * rank * rank, () => { kernels.gemm('T', 'N', 1, u, u, 0, gram); }],
    ['gemv', '', 4 * count, 2 * count, () => { kernels.gemv('N', 1, x, one, 0, other); }],
    ['gemv', 'transposed', 4 * count, 2 * count, () => { kernels.gemv('T', 1, x, one, 0, other); }],
    ['syrk', 'square', 8 * count, count * size, () => { kernels.syrk!('T', 1, x, 0, z); }],
    ['posvRight', `rank ${rank}`, 8 * size * rank, 2 * size * rank * rank, () => { kernels.posvRight(gram, 1, u, left); }],
    ['potrf', `order ${cut}`, 8 * cut ** 2, cut ** 3 / 3, () => { kernels.potrf!(solved, 1, side); }],
    ['trsm', `order ${cut}`, 12 * cut ** 2, cut ** 3, () => { kernels.trsm!('L', 'N', factor, small, side); }],
    ['geqr', `${2 * rank} columns`, 8 * size * 2 * rank, 4 * size * (2 * rank) ** 2, () => { kernels.geqr!(wide, q, r); }],
    ['gesvd', `order ${2 * rank}`, 8 * (2 * rank) ** 2, 50 * (2 * rank) ** 3, () => { kernels.gesvd!(core, vectors, values, others); }],
    ['residualProducts', `rank ${rank}`, 4 * count, 6 * count * rank, () => { kernels.residualProducts!(x, u, v, 1, v, left, u, right, slot); }],
    ['sddmm', `rank ${rank}`, 12 * count, 2 * count * rank, () => { kernels.sddmm(row, column, u, v, z); }],
    ['sddmmPair', `rank ${rank}`, 12 * count, 4 * count * rank, () => { kernels.sddmmPair!(row, column, u, v, du, dv, z); }],
    ['spmm', `rank ${rank}`, 12 * count, 2 * count * rank, () => { kernels.spmm(row, column, x, v, left, false); }],
    ['observedResidual', `rank ${rank}`, 20 * count, 4 * count * rank, () => { kernels.observedResidual!(pointers, column, x, undefined, u, v, z, 1, v, left, slot); }],
    ['observedProduct', `rank ${rank}`, 12 * count, 2 * count * rank, () => { kernels.observedProduct!(pointers, column, order, x, 1, v, right); }],
    ['observedCurvature', `rank ${rank}`, 40 * count, 10 * count * rank, () => { kernels.observedCurvature!(pointers, column, x, undefined, u, v, du, dv, pairs, 1, left); }],
    ['observedCurvatureProduct', `rank ${rank}`, 16 * count, 4 * count * rank, () => { kernels.observedCurvatureProduct!(pointers, column, order, pairs, 1, v, dv, right); }],
    ['normalEquations', `rank ${rank}`, 8 * count, count * rank * (rank + 3), () => { kernels.normalEquations!(pointers, column, x, undefined, v, 1, left); }],
    ['planeLoss', 'least squares, 256 points', 28 * data, 256 * 14 * data, () => { kernels.planeLoss!('least-squares', slot, quadratics, device.view(y, 0, data), undefined, points, 1, sums); }],
    ['normal', 'drawn by the host', 4 * size, 0, () => { kernels.normal(drawn, one); }],
    ['latticeNormal', '', 4 * count, 250 * count, () => { kernels.latticeNormal!(drawn, z); }],
    ['latticeResidualAdjoint', '', 12 * size, 2 * 252 * count, () => { kernels.latticeResidualAdjoint!(1, drawn, one, undefined, other, third); }],
    ...factorizations.map((ensemble): (typeof all)[number] => [
      'ensemble/factorization', `${ensemble.method}, ${runs} runs`, moved(ensemble), runs * steps * 6 * edge ** 2 * few, () => { kernels['ensemble/factorization']!(ensemble, target); },
    ]),
    ['ensemble/sensing', `${runs} runs`, moved(sensing), runs * steps * 4 * measurements * edge ** 2, () => { kernels['ensemble/sensing']!(sensing, measurements, matrices, seen); }],
    ['ensemble/phase-retrieval', `${runs} runs`, moved(phases), runs * steps * 4 * measurements * edge, () => { kernels['ensemble/phase-retrieval']!(phases, measurements, false, -1, signals, seen); }],
  ];
  return all.filter(([kernel]) => kernels[kernel] !== undefined).map(([kernel, name, bytes, operations, call]) => ({ kernel, name: name === '' ? kernel : `${kernel}, ${name}`, bytes, operations, call }));
}
