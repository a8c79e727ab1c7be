/**
 * The kernels of the vector variant: shapes are checked, ways through the products chosen, addresses handed to the compiled functions.
 * A call costs some nanoseconds and allocates nothing.
 */
import type { Dtype, Ints, Kernels, Mat, Transpose, Vec } from '@lowland/core';

import { refuse } from '../cpu/observed.ts';
import { finishCholesky, type KernelFunctions, plainKernels } from '../cpu/plain-kernels.ts';
import { blockedCholesky, blockedSolve } from '../cpu/triangular.ts';
import { normFromSquares } from '../vector.ts';
import type { Arena, Kind } from './arena.ts';
import { addressOf, type ArenaHandle, type ArenaInts } from './device.ts';
import type { Library } from './library.ts';
import { products } from './product.ts';
import { triangularBlocks } from './triangular-blocks.ts';
import { phaseKernels } from './phase-kernels.ts';
import { rankOneProducts } from './rank-one-kernels.ts';
import { sensingKernels } from './sensing-kernels.ts';
import { normalEquationsKernels } from './normal-equations-kernels.ts';
import { observedKernels } from './observed-kernels.ts';
import { residualKernels } from './residual-kernels.ts';
import { solveBytes } from './triangular-module.ts';

const address = (x: Vec | Ints, kind: Kind): number => addressOf(x as ArenaHandle | ArenaInts, kind);
const handle = (x: Vec, kind: Kind): ArenaHandle => {
  address(x, kind);
  return x as ArenaHandle;
};
const ints = (x: Ints): ArenaInts => x as ArenaInts;

function requireEqual(kernel: string, a: number, b: number): void {
  if (a !== b) refuse(kernel, `sizes do not fit, ${a} and ${b}`);
}
function requireInside(kernel: string, index: ArenaInts, size: number): void {
  if (index.length > 0 && (index.least < 0 || index.largest >= size)) {
    refuse(kernel, `indices from ${index.least} to ${index.largest} are not from 0 to ${size - 1}`);
  }
}

/** What mirroring an entry takes, in flops of a product. */
const mirrorFlops = 16;
/** What a gathered number takes. */
const gatherFlops = 4;
/** What reading a number of a large matrix takes, in flops of a product. */
const readFlops = 6;
/** Columns of a part of a transposed product with a vector, at least: long runs. */
const runColumns = 256;

export function wasmKernels(arena: Arena, library: Library, dtype: Dtype): Kernels {
  const size = dtype === 'f64' ? 8 : 4;
  const round: (x: number) => number = dtype === 'f64' ? (x) => x : Math.fround;
  const plain: KernelFunctions & Kernels = plainKernels(dtype);
  const kind = arena.kinds[dtype];

  const product = products(arena, library, size);

  const gemm = (ta: Transpose, tb: Transpose, alpha: number, a: Mat, b: Mat, beta: number, out: Mat): void => {
    const inner = ta === 'N' ? a.cols : a.rows;
    requireEqual('gemm', ta === 'N' ? a.rows : a.cols, out.rows);
    requireEqual('gemm', tb === 'N' ? b.cols : b.rows, out.cols);
    requireEqual('gemm', inner, tb === 'N' ? b.rows : b.cols);
    if (out.complex || a.complex || b.complex) {
      plain.gemm(ta, tb, alpha, a, b, beta, out);
      return;
    }
    const [rowA, rowB] = [size * a.cols, size * b.cols];
    product(
      out.rows, out.cols, inner, alpha,
      address(a, kind), ta === 'N' ? rowA : size, ta === 'N' ? size : rowA,
      address(b, kind), tb === 'N' ? rowB : size, tb === 'N' ? size : rowB,
      beta, address(out, kind), size * out.cols, false,
    );
  };

  const sampled = (kernel: 'sddmm' | 'sddmmPair', row: Ints, col: Ints, u: Mat, v: Mat, du: Mat, dv: Mat, out: Vec): void => {
    requireEqual(kernel, row.length, out.length);
    requireEqual(kernel, col.length, out.length);
    requireEqual(kernel, u.cols, v.cols);
    requireEqual(kernel, u.length, du.length);
    requireEqual(kernel, v.length, dv.length);
    requireInside(kernel, ints(row), u.rows);
    requireInside(kernel, ints(col), v.rows);
    const flops = gatherFlops * u.cols * out.length * (kernel === 'sddmm' ? 1 : 2);
    const run = library.parts(library.sparse(u.cols), flops)[kernel];
    const [fromRow, fromCol, to] = [address(row, kind), address(col, kind), address(out, kind)];
    const entries = library.partOf(out.length, flops);
    for (let k = 0; k < out.length; k += entries) {
      run(Math.min(entries, out.length - k), fromRow + 4 * k, fromCol + 4 * k, address(u, kind), address(v, kind), address(du, kind), address(dv, kind), u.cols, to + size * k);
    }
    library.join();
  };

  const blocks = triangularBlocks(arena, library, size, product);

  return {
    ...plain,
    ...residualKernels(arena, library, dtype),
    ...observedKernels(arena, library, dtype),
    ...normalEquationsKernels(arena, library, dtype),
    ...sensingKernels(arena, library, dtype),
    rankOneProducts: rankOneProducts(arena, library, dtype),
    ...phaseKernels(arena, library, dtype),
    copy: (x, out) => {
      requireEqual('copy', x.length, out.length);
      library.vector.copy(x.length, address(x, kind), address(out, kind));
    },
    fill: (out, value) => {
      library.vector.fill(out.length, value, address(out, kind));
    },
    axpy: (alpha, x, out) => {
      requireEqual('axpy', x.length, out.length);
      library.vector.axpy(x.length, alpha, address(x, kind), address(out, kind));
    },
    scal: (alpha, out) => {
      library.vector.scal(out.length, alpha, address(out, kind));
    },
    mul: (x, y, out) => {
      requireEqual('mul', x.length, out.length);
      requireEqual('mul', y.length, out.length);
      library.vector.mul(x.length, address(x, kind), address(y, kind), address(out, kind));
    },
    dot: (x, y, out, at = 0) => {
      requireEqual('dot', x.length, y.length);
      write(out, at, library.vector.dot(x.length, address(x, kind), address(y, kind)));
    },
    nrm2: (x, out, at = 0) => {
      write(out, at, normFromSquares(handle(x, kind).data, library.vector.dot(x.length, address(x, kind), address(x, kind))));
    },
    ger: (alpha, x, y, out) => {
      requireEqual('ger', x.length, out.rows);
      requireEqual('ger', y.length, out.cols);
      library.vector.ger(x.length, y.length, alpha, address(x, kind), address(y, kind), address(out, kind), size * y.length);
    },
    gemm,
    gemv: (t, alpha, a, x, beta, out) => {
      const width = a.complex ? 2 : 1;
      requireEqual('gemv', width * (t === 'N' ? a.cols : a.rows), x.length);
      requireEqual('gemv', width * (t === 'N' ? a.rows : a.cols), out.length);
      if (a.complex) {
        plain.gemv(t, alpha, a, x, beta, out);
        return;
      }
      const { fill, scal } = library.vector;
      const flops = readFlops * a.length;
      const { gemv, gemvTransposed } = library.parts(library.vector, flops);
      const [matrix, from, to, row] = [address(a, kind), address(x, kind), address(out, kind), size * a.cols];
      if (t === 'N') {
        const rows = library.partOf(a.rows, flops);
        for (let i = 0; i < a.rows; i += rows) gemv(Math.min(rows, a.rows - i), a.cols, alpha, matrix + row * i, row, from, beta, to + size * i);
      } else {
        if (beta === 0) fill(out.length, 0, to);
        else if (beta !== 1) scal(out.length, beta, to);
        const cols = library.partOf(a.cols, flops, runColumns);
        for (let j = 0; j < a.cols; j += cols) gemvTransposed(a.rows, Math.min(cols, a.cols - j), alpha, matrix + size * j, row, from, to + size * j);
      }
      library.join();
    },
    syrk: (t, alpha, a, beta, out) => {
      const n = out.rows;
      requireEqual('syrk', t === 'T' ? a.cols : a.rows, n);
      requireEqual('syrk', n, out.cols);
      const row = size * a.cols;
      if (t === 'T') product(n, n, a.rows, alpha, address(a, kind), size, row, address(a, kind), row, size, beta, address(out, kind), size * n, true);
      else product(n, n, a.cols, alpha, address(a, kind), row, size, address(a, kind), size, row, beta, address(out, kind), size * n, true);
      const { mirror } = library.parts(library.gemm, mirrorFlops * n * n);
      const rows = library.partOf(n, mirrorFlops * n * n);
      for (let i = 0; i < n; i += rows) mirror(Math.min(rows, n - i), n - i, address(out, kind) + size * (n + 1) * i, size * n);
      library.join();
    },
    trsm: (side, t, l, b, out) => {
      requireEqual('trsm', l.rows, l.cols);
      requireEqual('trsm', l.rows, side === 'L' ? out.rows : out.cols);
      requireEqual('trsm', b.rows, out.rows);
      requireEqual('trsm', b.cols, out.cols);
      library.vector.copy(b.length, address(b, kind), address(out, kind));
      blockedSolve(blocks, side, t, l.rows, handle(l, kind), out.rows, out.cols, handle(out, kind));
    },
    potrf: (a, shift, out) => {
      requireEqual('potrf', a.rows, a.cols);
      requireEqual('potrf', a.rows, out.rows);
      requireEqual('potrf', a.cols, out.cols);
      library.vector.copy(a.length, address(a, kind), address(out, kind));
      finishCholesky(out.rows, shift, () => handle(out, kind).data, () => blockedCholesky(blocks, out.rows, handle(out, kind)));
    },
    posvRight: (a, shift, b, out) => {
      const n = a.rows;
      requireEqual('posvRight', n, a.cols);
      requireEqual('posvRight', n, out.cols);
      requireEqual('posvRight', n, b.cols);
      requireEqual('posvRight', b.rows, out.rows);
      const { widen, factor, solve } = library.triangular;
      const work = arena.work(8 * n * n + solveBytes(n));
      widen(n, address(a, kind), size * n, shift, work);
      if (factor(n, work) === 0) {
        library.vector.fill(out.length, NaN, address(out, kind));
        return;
      }
      const row = size * n;
      solve(n, work, 3, b.rows, address(b, kind), size, row, address(out, kind), size, row, work + 8 * n * n);
    },
    sddmm: (row, col, u, v, out) => { sampled('sddmm', row, col, u, v, u, v, out); },
    sddmmPair: (row, col, u, v, du, dv, out) => { sampled('sddmmPair', row, col, u, v, du, dv, out); },
    spmm: (row, col, values, b, out, transposed) => {
      const [to, from] = transposed ? [ints(col), ints(row)] : [ints(row), ints(col)];
      requireEqual('spmm', to.length, values.length);
      requireEqual('spmm', from.length, values.length);
      requireEqual('spmm', b.cols, out.cols);
      requireInside('spmm', to, out.rows);
      requireInside('spmm', from, b.rows);
      const { zero, spmm } = library.sparse(b.cols);
      zero(size * out.length, address(out, kind));
      spmm(values.length, addressOf(to, kind), addressOf(from, kind), address(values, kind), address(b, kind), b.cols, address(out, kind));
    },
  };

  function write(out: Vec, at: number, value: number): void {
    if (!(at >= 0 && at < out.length)) refuse('dot', `slot ${at} is not in a vector of ${out.length}`);
    if (dtype === 'f64') arena.f64[address(out, kind) / 8 + at] = value;
    else arena.f32[address(out, kind) / 4 + at] = round(value);
  }
}
