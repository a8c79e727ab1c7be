/** The kernels of a GPU device: arguments checked, then dispatched. Nothing here waits. */
import { type Kernels, LowlandError, type Mat, normals, type Transpose, type Vec } from '@lowland/core';
import { type LossKind, lossKinds } from '@lowland/linalg';

import { choleskyKernels } from './cholesky.ts';
import { drawnKernels } from './drawn.ts';
import { ensembleKernels } from './ensembles.ts';
import { type GpuVec, indices, matrix, requireApart, requireEqual, vector } from './handles.ts';
import { multiply } from './multiply.ts';
import { observedKernels } from './observed.ts';
import { orthogonalKernels } from './orthogonal.ts';
import type { Lane } from './runtime/lane.ts';
import { planeLossKernel } from './plane-loss.ts';
import type { Scratch } from './scratch.ts';
import { residualProducts } from './residual-products.ts';
import { dot, sum } from './shaders/dot.ts';
import * as elementwise from './shaders/elementwise.ts';
import { loss, lossNumber } from './shaders/loss.ts';
import { norm, normParts } from './shaders/norm.ts';
import { sumWidth } from './shaders/sums.ts';
import { outer } from './shaders/symmetric.ts';

/** The kernels beyond the base set. */
export const extraKernelNames = ['latticeNormal', 'latticeResidualAdjoint', 'ensemble/factorization', 'ensemble/sensing', 'ensemble/phase-retrieval', 'nrm2', 'ger', 'syrk', 'potrf', 'trsm', 'geqr', 'gesvd', 'normalEquations', 'loss', 'divideByRoot', 'sddmmPair', 'residualProducts', 'observedResidual', 'observedProduct', 'observedCurvature', 'observedCurvatureProduct', 'planeLoss'] as const;

/** NaN and Infinity as words: shaders have no such constants. */
const [nan, infinity] = [0x7fc00000, 0x7f800000] as const;

/** Workgroups of so many threads for n numbers. */
const groupsOf = (n: number, threads = 256): number => Math.ceil(n / threads);

/** Numbers that one workgroup of a sum takes; of these at most so many. */
const [share, mostShares] = [8192, 1024] as const;
const sharesOf = (n: number): number => Math.min(Math.max(Math.ceil(n / share), 1), mostShares);

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);
/** The bits of a number in f32. */
const bitsOf = (value: number): number => {
  float[0] = value;
  return word[0]!;
};

/** @param owner the device whose handles are taken */
export function gpuKernels(lane: Lane, scratch: Scratch, owner: object): Kernels {
  const vec = (x: Vec, what: string) => vector(owner, x, what);
  const mat = (x: Mat, what: string) => matrix(owner, x, what);

  const kernels: Required<Pick<Kernels, (typeof extraKernelNames)[number]>> & Kernels = {
    ...observedKernels(lane, scratch, owner),
    ...drawnKernels(lane, scratch, owner),
    ...ensembleKernels(lane, scratch, owner),
    ...choleskyKernels(lane, scratch, owner),
    ...orthogonalKernels(lane, scratch, owner, (x, out, at) => { kernels.nrm2(x, out, at); }),
    planeLoss: planeLossKernel(lane, scratch, owner),

    copy(from, to) {
      const [x, out] = [vec(from, 'copy'), vec(to, 'copy')];
      requireEqual('copy: lengths', x.length, out.length);
      if (isWhole(x, out)) return;
      requireApart('copy', out, x);
      if (out.length > 0) lane.spread(elementwise.copy, { x: x.root.store, out: out.root.store }, { n: out.length, xAt: x.offset, outAt: out.offset }, groupsOf(out.length), out.length);
    },

    fill(to, value) {
      const out = vec(to, 'fill');
      if (out.length > 0) lane.spread(elementwise.fill, { out: out.root.store }, { n: out.length, outAt: out.offset, bits: bitsOf(value) }, groupsOf(out.length), out.length);
    },

    axpy(alpha, from, to) {
      const [x, out] = [vec(from, 'axpy'), vec(to, 'axpy')];
      requireEqual('axpy: lengths', x.length, out.length);
      if (isWhole(x, out)) {
        kernels.scal(1 + alpha, to);
        return;
      }
      requireApart('axpy', out, x);
      if (out.length > 0) lane.spread(elementwise.axpy, { x: x.root.store, out: out.root.store }, { n: out.length, xAt: x.offset, outAt: out.offset, alpha }, groupsOf(out.length), out.length);
    },

    scal(alpha, to) {
      const out = vec(to, 'scal');
      if (out.length > 0) lane.spread(elementwise.scal, { out: out.root.store }, { n: out.length, outAt: out.offset, alpha }, groupsOf(out.length), out.length);
    },

    mul(left, right, to) {
      const [x, y, out] = [vec(left, 'mul'), vec(right, 'mul'), vec(to, 'mul')];
      requireEqual('mul: lengths', x.length, y.length, out.length);
      requireApart('mul', out, x, y);
      if (out.length === 0) return;
      const stores = { x: x.root.store, y: y.root.store, out: out.root.store };
      lane.spread(elementwise.mul, stores, { n: out.length, xAt: x.offset, yAt: y.offset, outAt: out.offset }, groupsOf(out.length), out.length);
    },

    divideByRoot(left, right, shift, to) {
      const [x, y, out] = [vec(left, 'divideByRoot'), vec(right, 'divideByRoot'), vec(to, 'divideByRoot')];
      requireEqual('divideByRoot: lengths', x.length, y.length, out.length);
      requireApart('divideByRoot', out, x, y);
      if (out.length === 0) return;
      const stores = { x: x.root.store, y: y.root.store, out: out.root.store };
      lane.spread(elementwise.divideByRoot, stores, { n: out.length, xAt: x.offset, yAt: y.offset, outAt: out.offset, shift }, groupsOf(out.length), out.length);
    },

    dot(left, right, to, at = 0) {
      const [x, y, out] = [vec(left, 'dot'), vec(right, 'dot'), vec(to, 'dot')];
      requireEqual('dot: lengths', x.length, y.length);
      requireSlot('dot', at, out);
      requireApart('dot', out, x, y);
      const shares = sharesOf(x.length);
      const [stores, places] = [{ x: x.root.store, y: y.root.store }, { n: x.length, xAt: x.offset, yAt: y.offset, share: Math.ceil(x.length / shares) }];
      if (shares === 1) {
        lane.spread(dot[lane.sums], { ...stores, out: out.root.store }, { ...places, outAt: out.offset + at }, 1, x.length);
        return;
      }
      const parts = scratch.take(4 * shares * sumWidth[lane.sums]);
      lane.spread(dot[lane.sums], { ...stores, out: parts }, { ...places, outAt: 0 }, shares, x.length);
      lane.run(sum[lane.sums], { x: parts, out: out.root.store }, { n: shares, outAt: out.offset + at }, 1);
    },

    nrm2(from, to, at = 0) {
      const [x, out] = [vec(from, 'nrm2'), vec(to, 'nrm2')];
      requireSlot('nrm2', at, out);
      requireApart('nrm2', out, x);
      const count = sharesOf(x.length);
      const [scales, parts] = [scratch.take(4 * count, 'left'), scratch.take(4 * count * sumWidth[lane.sums])];
      lane.spread(normParts[lane.sums], { x: x.root.store, scales, parts }, { n: x.length, xAt: x.offset, share: Math.ceil(x.length / count) }, count, 2 * x.length);
      lane.run(norm[lane.sums], { scales, parts, out: out.root.store }, { count, outAt: out.offset + at }, 1);
    },

    ger(alpha, left, right, to) {
      const [x, y, out] = [vec(left, 'ger'), vec(right, 'ger'), mat(to, 'ger')];
      requireEqual('ger: rows', x.length, out.rows);
      requireEqual('ger: columns', y.length, out.cols);
      if (out.complex) throw new LowlandError('LOWLAND_E_COMPLEX', 'ger is real; a complex matrix was given.');
      requireApart('ger', out, x, y);
      const n = out.length;
      const places = { n, cols: out.cols, xAt: x.offset, yAt: y.offset, outAt: out.offset, alpha };
      if (n > 0) lane.spread(outer, { x: x.root.store, y: y.root.store, out: out.root.store }, places, groupsOf(n), n);
    },

    gemm(ta, tb, alpha, left, right, beta, to) {
      const [a, b, out] = [mat(left, 'gemm'), mat(right, 'gemm'), mat(to, 'gemm')];
      const [m, k] = sizes(a, ta);
      const [inner, n] = sizes(b, tb);
      requireEqual('gemm: inner sizes', k, inner);
      requireEqual('gemm: rows', m, out.rows);
      requireEqual('gemm: columns', n, out.cols);
      requireEqual('gemm: complex flags', Number(a.complex), Number(b.complex), Number(out.complex));
      requireApart('gemm', out, a, b);
      multiply(lane, scratch, m, n, k, alpha, a, ta, b, tb, beta, out);
    },

    gemv(t, alpha, left, from, beta, to) {
      const [a, x, out] = [mat(left, 'gemv'), vec(from, 'gemv'), vec(to, 'gemv')];
      const [m, k] = sizes(a, t);
      const width = a.complex ? 2 : 1;
      requireEqual('gemv: columns and x', k * width, x.length);
      requireEqual('gemv: rows and out', m * width, out.length);
      requireApart('gemv', out, a, x);
      multiply(lane, scratch, m, 1, k, alpha, a, t, x, 'N', beta, out);
    },

    sddmm(rows, cols, left, right, to) {
      const [u, v, out] = [mat(left, 'sddmm'), mat(right, 'sddmm'), vec(to, 'sddmm')];
      const [row, col] = [indices(owner, rows, u.rows, 'sddmm'), indices(owner, cols, v.rows, 'sddmm')];
      requireEqual('sddmm: lengths', row.length, col.length, out.length);
      requireEqual('sddmm: columns', u.cols, v.cols);
      requireApart('sddmm', out, u, v);
      if (out.length === 0) return;
      const stores = { row: row.root.store, col: col.root.store, u: u.root.store, v: v.root.store, out: out.root.store };
      lane.spread(elementwise.sddmm, stores, { n: out.length, r: u.cols, uAt: u.offset, vAt: v.offset, outAt: out.offset }, groupsOf(out.length), out.length * (1 + u.cols));
    },

    sddmmPair(rows, cols, left, right, leftChange, rightChange, to) {
      const [u, v, du, dv, out] = [mat(left, 'sddmmPair'), mat(right, 'sddmmPair'), mat(leftChange, 'sddmmPair'), mat(rightChange, 'sddmmPair'), vec(to, 'sddmmPair')];
      const [row, col] = [indices(owner, rows, u.rows, 'sddmmPair'), indices(owner, cols, v.rows, 'sddmmPair')];
      requireEqual('sddmmPair: lengths', row.length, col.length, out.length);
      requireEqual('sddmmPair: columns', u.cols, v.cols, du.cols, dv.cols);
      requireEqual('sddmmPair: rows of u and du', u.rows, du.rows);
      requireEqual('sddmmPair: rows of v and dv', v.rows, dv.rows);
      requireApart('sddmmPair', out, u, v, du, dv);
      if (out.length === 0) return;
      const stores = { row: row.root.store, col: col.root.store, u: u.root.store, v: v.root.store, du: du.root.store, dv: dv.root.store, out: out.root.store };
      const places = { uAt: u.offset, vAt: v.offset, duAt: du.offset, dvAt: dv.offset, outAt: out.offset };
      lane.spread(elementwise.sddmmPair, stores, { n: out.length, r: u.cols, ...places }, groupsOf(out.length), out.length * (1 + 2 * u.cols));
    },

    spmm(rows, cols, entries, right, to, transposed) {
      const [values, b, out] = [vec(entries, 'spmm'), mat(right, 'spmm'), mat(to, 'spmm')];
      const row = indices(owner, rows, transposed ? b.rows : out.rows, 'spmm');
      const col = indices(owner, cols, transposed ? out.rows : b.rows, 'spmm');
      requireEqual('spmm: lengths', row.length, col.length, values.length);
      requireEqual('spmm: columns', b.cols, out.cols);
      requireApart('spmm', out, values, b);
      if (out.length === 0) return;
      const [into, from] = transposed ? [col, row] : [row, col];
      const stores = { ...into.compressed(out.rows), index: from.root.store, values: values.root.store, b: b.root.store, out: out.root.store };
      lane.spread(elementwise.spmm, stores, { n: out.length, r: b.cols, valuesAt: values.offset, bAt: b.offset, outAt: out.offset }, groupsOf(out.length), out.length + row.length * b.cols);
    },

    residualProducts(data, left, right, scale, b, leftOut, c, rightOut, out, at = 0) {
      const [target, u, v] = [mat(data, 'residualProducts'), mat(left, 'residualProducts'), mat(right, 'residualProducts')];
      const side = (x: Mat | undefined) => x && mat(x, 'residualProducts');
      residualProducts(lane, scratch, target, u, v, scale, { b: side(b), left: side(leftOut), c: side(c), right: side(rightOut) }, vec(out, 'residualProducts'), at);
    },

    normal(key, to) {
      const out = vec(to, 'normal');
      const drawn = new Float32Array(out.length);
      normals(key, drawn);
      lane.write(out.root.store, 4 * out.offset, drawn);
    },

    loss(kind, parameters, from, data, value, first, second) {
      requireLoss(kind);
      const [x, y, held] = [vec(from, 'loss'), vec(data, 'loss'), vec(parameters, 'loss')];
      const outs = [value, first, second].map((out) => (out === undefined ? undefined : vec(out, 'loss')));
      requireEqual('loss: lengths', x.length, y.length, ...outs.flatMap((out) => out?.length ?? []));
      outs.forEach((out, i) => {
        if (out !== undefined) requireApart('loss', out, x, y, held, ...outs.filter((_, j) => j !== i));
      });
      if (x.length === 0 || outs.every((out) => out === undefined)) return;
      const [valueOut, firstOut, secondOut] = outs;
      const stores = { value: valueOut?.root.store ?? scratch.unused(0), first: firstOut?.root.store ?? scratch.unused(1), second: secondOut?.root.store ?? scratch.unused(2) };
      const places = { xAt: x.offset, yAt: y.offset, parameterAt: held.offset, valueAt: valueOut?.offset ?? 0, firstAt: firstOut?.offset ?? 0, secondAt: secondOut?.offset ?? 0 };
      const wanted = outs.reduce((bits, out, i) => bits + (out === undefined ? 0 : 2 ** i), 0);
      lane.spread(
        loss,
        { x: x.root.store, y: y.root.store, parameters: held.root.store, ...stores },
        { n: x.length, kind: lossNumber(kind), wanted, parameterCount: held.length, ...places, infinity, nan },
        groupsOf(x.length),
        x.length,
      );
    },
  };
  return kernels;
}

/** Rows and columns of op(a). */
const sizes = (a: GpuVec, t: Transpose): readonly [number, number] => (t === 'N' ? [a.rows, a.cols] : [a.cols, a.rows]);

const isWhole = (x: GpuVec, out: GpuVec): boolean => x.root === out.root && x.offset === out.offset;

function requireSlot(kernel: string, at: number, out: GpuVec): void {
  if (Number.isInteger(at) && at >= 0 && at < out.length) return;
  throw new LowlandError('LOWLAND_E_SHAPE', `${kernel}: slot ${at} is not in a vector of ${out.length}.`);
}

function requireLoss(kind: LossKind): void {
  if (lossKinds.includes(kind)) return;
  throw new LowlandError('LOWLAND_E_OPTIONS', `There is no scalar loss "${kind as string}"; there are ${lossKinds.join(', ')}.`);
}
