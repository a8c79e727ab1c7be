import { type Backend, baseKernelNames, type Device, type Ints, type Kernels, type KernelName, type Layout, LowlandError, type Mat, type Memory, normals, type StreamKey, type Vec, blockLength } from '@lowland/core';

import type { HostMatrix, Numbers } from './arrays.ts';
import { gemm, gemv } from './gemm.ts';
import './kernels.ts';
import { createSmallWorkspace, normalEquations, posvRight } from './small-solves.ts';
import { sddmm, spmm } from './sparse-kernels.ts';
import { axpy, dot, multiplyEntries, scale } from '../vector.ts';

/**
 * The `cpu` backend: float64, synchronous, plain TypeScript kernels; the same inputs give the same bits on every engine.
 *
 * @example
 * const solution = await solve(objective, optimizer, { backend: cpu() });
 */
export function cpu(): Backend {
  return {
    id: 'cpu',
    dtype: 'f64',
    sync: true,
    kernels: new Set<KernelName>([...baseKernelNames, 'host', 'normalEquations']),
    limits: { bytes: 2 ** 34, bufferBytes: 2 ** 33 },
    determinism: 'bits',
    open: () => new CpuDevice(),
  };
}

/** A vector on the heap. Views share its memory. */
class CpuVec implements Vec {
  readonly '~vec' = true;
  readonly length: number;
  readonly data: Float64Array;
  layout: Layout | undefined = undefined;
  views: Readonly<Record<string, CpuMat>> | undefined = undefined;

  constructor(data: Float64Array) {
    this.data = data;
    this.length = data.length;
  }
}

class CpuMat extends CpuVec implements Mat, HostMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly complex: boolean;

  constructor(data: Float64Array, rows: number, cols: number, complex: boolean) {
    super(data);
    this.rows = rows;
    this.cols = cols;
    this.complex = complex;
  }
}

class CpuInts implements Ints {
  readonly '~ints' = true;
  readonly length: number;
  readonly data: Int32Array;

  constructor(data: Int32Array) {
    this.data = data;
    this.length = data.length;
  }
}

// What this device finds behind the opaque handles that it gave out.
type Backed<T> = T & { readonly data: Float64Array };
type Blocked = Backed<Vec> & Pick<CpuVec, 'layout' | 'views'>;
const numbers = (x: Vec): Float64Array => (x as Backed<Vec>).data;
const whole = (x: Ints): Int32Array => (x as Ints & { readonly data: Int32Array }).data;
const shaped = (x: Mat): Backed<Mat> => x as Backed<Mat>;

class CpuDevice implements Device {
  readonly dtype = 'f64';
  readonly sync = true;
  readonly kernels: Kernels = createKernels();

  memory(): Memory {
    return {
      vector: (length) => new CpuVec(allocate(length)),
      integers: (data) => new CpuInts(data.slice()),
      // The garbage collector frees what nobody holds.
      [Symbol.dispose]: () => undefined,
    };
  }

  view(x: Vec, offset: number, length: number): Vec {
    return new CpuVec(section(x, offset, length));
  }

  matrix(x: Vec, offset: number, rows: number, cols: number, complex = false): Mat {
    return new CpuMat(section(x, offset, rows * cols * (complex ? 2 : 1)), rows, cols, complex);
  }

  write(x: Vec, data: Float64Array): void {
    if (data.length !== x.length) {
      throw new LowlandError('LOWLAND_E_SHAPE', `A vector of ${x.length} numbers cannot take ${data.length}.`);
    }
    numbers(x).set(data);
  }

  read(x: Vec): Float64Array {
    return numbers(x).slice();
  }

  scalar(x: Vec, at = 0): number {
    return numbers(x)[at]!;
  }

  blocks(x: Vec, layout: Layout): Readonly<Record<string, Mat>> {
    const vector = x as Blocked;
    if (vector.views === undefined || vector.layout !== layout) {
      vector.layout = layout;
      vector.views = cut(vector, layout);
    }
    return vector.views;
  }

  host(x: Vec): Float64Array {
    return numbers(x);
  }

  [Symbol.dispose](): void {
    // Nothing to give back: memory belongs to the garbage collector.
  }
}

function allocate(length: number): Float64Array {
  try {
    return new Float64Array(length);
  } catch (cause) {
    throw new LowlandError('LOWLAND_E_MEMORY', `No memory for a vector of ${length} numbers (${8 * length} bytes). Use a smaller problem or rank.`, { cause });
  }
}

function section(x: Vec, offset: number, length: number): Float64Array {
  const data = numbers(x);
  if (!(offset >= 0 && length >= 0 && offset + length <= data.length)) {
    throw new LowlandError('LOWLAND_E_SHAPE', `A view of ${length} numbers from ${offset} does not fit a vector of ${data.length}.`);
  }
  return data.subarray(offset, offset + length);
}

function cut(vector: Vec, layout: Layout): Record<string, CpuMat> {
  const views: Record<string, CpuMat> = {};
  let offset = 0;
  for (const block of layout.blocks) {
    const length = blockLength(block);
    const rows = block.shape[0] ?? 1;
    const cols = block.shape.slice(1).reduce((product, size) => product * size, 1);
    views[block.name] = new CpuMat(section(vector, offset, length), rows, cols, block.complex === true);
    offset += length;
  }
  return views;
}

function createKernels(): Kernels {
  const work = createSmallWorkspace();
  return {
    host: true,
    copy: (x, out) => {
      numbers(out).set(numbers(x));
    },
    fill: (out, value) => {
      numbers(out).fill(value);
    },
    axpy: (alpha, x, out) => {
      axpy(alpha, numbers(x), numbers(out));
    },
    scal: (alpha, out) => {
      scale(alpha, numbers(out));
    },
    dot: (x, y, out, at = 0) => {
      numbers(out)[at] = dot(numbers(x), numbers(y));
    },
    gemm: (ta, tb, alpha, a, b, beta, out) => {
      gemm(ta, tb, alpha, shaped(a), shaped(b), beta, shaped(out));
    },
    gemv: (t, alpha, a, x, beta, out) => {
      gemv(t, alpha, shaped(a), numbers(x), beta, numbers(out));
    },
    posvRight: (a, shift, b, out) => {
      posvRight(work, shaped(a), shift, shaped(b), shaped(out));
    },
    sddmm: (row, col, u, v, out) => {
      sddmm(whole(row), whole(col), shaped(u), shaped(v), numbers(out));
    },
    spmm: (row, col, values, b, out, transposed) => {
      spmm(whole(row), whole(col), numbers(values), shaped(b), shaped(out), transposed);
    },
    mul: (x, y, out) => {
      multiplyEntries(numbers(x), numbers(y), numbers(out));
    },
    normal: (key: StreamKey, out) => {
      normals(key, numbers(out));
    },
    normalEquations: (pointers, index, values, weights, v, shift, out) => {
      normalEquations(work, whole(pointers), whole(index), numbers(values), weights === undefined ? undefined : numbers(weights), shaped(v), shift, shaped(out));
    },
  };
}

/** The extra kernels as plain functions of unwrapped arguments, for devices that lend them (the asynchronous test device does). */
export const hostKernels = {
  normalEquations: (pointers: Int32Array, index: Int32Array, values: Numbers, weights: Numbers | undefined, v: HostMatrix, shift: number, out: HostMatrix): void => {
    normalEquations(createSmallWorkspace(), pointers, index, values, weights, v, shift, out);
  },
};
