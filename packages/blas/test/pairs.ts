/** What the tests of kernels share: the backends in all their forms, and the same numbers on them and on the cpu. */
import { type Backend, type Device, type Dtype, type Mat, normals, streamKey, type Transpose, type Vec } from '@lowland/core';
import { cpu, hostVector, withKernels } from '@lowland/linalg';
import fc from 'fast-check';
import { expect } from 'vitest';

import { blas } from '../src/blas.ts';
import { blasKernels } from '../src/kernels.ts';
import { ready } from '../src/options.ts';

/** Without linalg's kernels for small shapes: BLAS does all that it may be asked. */
const nativeOnly = (dtype: Dtype): Backend => ({
  ...blas({ dtype }),
  open: () => withKernels(cpu({ dtype }).open() as Device, blasKernels(ready(), dtype, { vector: 1, product: 1, gram: 1, solve: 1, order: 1 })),
});

export const backends: readonly (readonly [string, () => Backend])[] = (['f64', 'f32'] as const).flatMap((dtype) => [
  [dtype, () => blas({ dtype })] as const,
  [`${dtype}, native at every size`, () => nativeOnly(dtype)] as const,
  [`${dtype}, one thread`, () => blas({ dtype, threads: 1 })] as const,
  [`${dtype}, on the heap`, () => blas({ dtype, kernels: 'plain' })] as const,
  [`${dtype}, three threads`, () => blas({ dtype, threads: 3 })] as const,
]);

export const epsilon = { f64: 2 ** -52, f32: 2 ** -23 } as const;

/** Sizes at and beyond the blocks of the library, down to none. */
export const side = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 300 }));
export const transpose = fc.constantFrom<Transpose>('N', 'T', 'C');
export const scalar = fc.constantFrom(0, 1, -1, 0.5, -2.25);

/** A device of the backend, one of the cpu in f64 beside it, and matrices on both. */
export function pairs(backend: Backend) {
  const { dtype } = backend;
  const device = backend.open() as Device;
  const reference = cpu().open() as Device;
  const round = dtype === 'f32' ? Math.fround : (x: number) => x;

  /** The same numbers on both devices, at an odd offset in a longer vector, and the size of each: |x|, or |re| + |im| of a complex one. */
  function matrix(rows: number, cols: number, complex: boolean, seed: number): { ours: Mat; exact: Mat; size: Mat } {
    const width = complex ? 2 : 1;
    const data = new Float64Array(width * rows * cols + 3);
    normals(streamKey(seed, 'blas', data.length), data);
    const on = (place: Device, numbers: Float64Array, isComplex: boolean): Mat => {
      const x = place.memory().vector(numbers.length);
      place.write(x, numbers);
      return place.matrix(x, 3, rows, cols, isComplex);
    };
    const rounded = data.map(round);
    const sizes = Float64Array.from({ length: rows * cols + 3 }, (_, k) => {
      const at = 3 + width * (k - 3);
      return k < 3 ? 0 : Math.abs(rounded[at]!) + (complex ? Math.abs(rounded[at + 1]!) : 0);
    });
    return { ours: on(device, rounded, complex), exact: on(reference, rounded, complex), size: on(reference, sizes, false) };
  }

  /** Entries differ by at most the rounding of both sums: 2 (n + 4) ε (|α| Σ |a||b| + |β||c|), and their underflow. */
  function expectClose(ours: Vec, exact: Vec, size: Vec, terms: number): void {
    const [x, y, s] = [hostVector(ours), hostVector(exact), hostVector(size)];
    const width = x.length / s.length;
    for (let i = 0; i < x.length; i++) {
      const bound = 2 * (terms + 4) * (epsilon[dtype] * s[Math.floor(i / width)]! + 2 ** -149);
      if (!(Math.abs(x[i]! - y[i]!) <= bound)) expect.fail(`entry ${i} is ${x[i]!}, expected ${y[i]!} within ${bound}`);
    }
  }

  return { device, reference, round, matrix, expectClose };
}
