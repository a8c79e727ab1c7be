/** The cpu device on the heap of JavaScript, with the plain kernels. */
import { type Device, type Dtype, type Kernels, type Layout, LowlandError, type Mat, type Memory, type Vec } from '@lowland/core';

import type { HostMatrix, Numbers } from './arrays.ts';
import { blocksOf, handle, type Handle, type IntsHandle, numbers, range, requireFit, requireLength, section } from './handles.ts';
import { plainKernels } from './plain-kernels.ts';

/** A synchronous device over typed arrays of the heap, with the plain kernels in either precision; `withKernels` replaces some of them. */
export function plainDevice(dtype: Dtype): Device {
  return new PlainDevice(dtype);
}

/** The numbers behind a handle that a device of the cpu gave, with their shape: the live array, which allocations may replace by another. */
export function hostMatrix(x: Mat): HostMatrix {
  return handle(x);
}

/** The numbers behind a handle that a device of the cpu gave: the live array, which allocations may replace by another. */
export function hostVector(x: Vec): Numbers {
  return numbers(x);
}

/** Numbers on the heap. Views share them. */
class HeapHandle implements Handle {
  readonly '~vec' = true;
  readonly length: number;
  readonly rows: number;
  readonly cols: number;
  readonly complex: boolean;
  readonly data: Numbers;
  layout: Layout | undefined = undefined;
  views: Readonly<Record<string, Handle>> | undefined = undefined;

  constructor(data: Numbers, rows: number, cols: number, complex: boolean) {
    this.data = data;
    this.length = data.length;
    this.rows = rows;
    this.cols = cols;
    this.complex = complex;
  }

  part(offset: number, length: number, rows: number, cols: number, complex: boolean): Handle {
    return new HeapHandle(this.data.subarray(offset, offset + length), rows, cols, complex);
  }
}

class HeapInts implements IntsHandle {
  readonly '~ints' = true;
  readonly length: number;
  readonly data: Int32Array;
  readonly least: number;
  readonly largest: number;
  readonly ascending: boolean;

  constructor(data: Int32Array) {
    this.data = data;
    this.length = data.length;
    ({ least: this.least, largest: this.largest, ascending: this.ascending } = range(data));
  }
}

export class PlainDevice implements Device {
  readonly dtype: Dtype;
  readonly sync = true;
  readonly kernels: Kernels;
  readonly host?: (x: Vec) => Float64Array;

  constructor(dtype: Dtype) {
    this.dtype = dtype;
    this.kernels = plainKernels(dtype);
    if (dtype === 'f64') this.host = (x) => numbers(x) as Float64Array;
  }

  memory(): Memory {
    return {
      vector: (length) => new HeapHandle(allocate(this.dtype, length), length, 1, false),
      integers: (data) => new HeapInts(data.slice()),
      // The garbage collector frees what nobody holds.
      [Symbol.dispose]: () => undefined,
    };
  }

  view(x: Vec, offset: number, length: number): Vec {
    return section(x, offset, length);
  }

  matrix(x: Vec, offset: number, rows: number, cols: number, complex = false): Mat {
    return section(x, offset, rows * cols * (complex ? 2 : 1), rows, cols, complex);
  }

  write(x: Vec, data: Float64Array): void {
    requireFit(x, data);
    numbers(x).set(data);
  }

  read(x: Vec): Float64Array {
    return Float64Array.from(numbers(x));
  }

  scalar(x: Vec, at = 0): number {
    return numbers(x)[at]!;
  }

  blocks(x: Vec, layout: Layout): Readonly<Record<string, Mat>> {
    return blocksOf(x, layout);
  }

  [Symbol.dispose](): void {
    // Nothing to give back: memory belongs to the garbage collector.
  }
}

function allocate(dtype: Dtype, length: number): Numbers {
  requireLength(length);
  try {
    return dtype === 'f64' ? new Float64Array(length) : new Float32Array(length);
  } catch (cause) {
    throw new LowlandError('LOWLAND_E_MEMORY', `No memory for a vector of ${length} numbers. Use a smaller problem or rank.`, { cause });
  }
}
