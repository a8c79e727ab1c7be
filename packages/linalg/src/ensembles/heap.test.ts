import { normals, streamKey } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { type Heap, packed, plainHeap, turned } from './heap.ts';
import { f32, f64 } from './rounding.ts';
import { sumOfSquares } from './sum.ts';
import { createHeap } from './wasm-heap.ts';

/** A block of normals, the same on every heap. */
function filled(heap: Heap, rows: number, cols: number, index: number) {
  const block = heap.place(rows, cols);
  const drawn = new Float64Array(rows * cols);
  normals(streamKey(1, 'heap', index), drawn);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) heap.numbers[block.at + i * block.row + j] = drawn[i * cols + j]!;
  return block;
}

describe.each(['f64', 'f32'] as const)('heap in %s', (dtype) => {
  const shapes = [[1, 1, 1], [2, 3, 1], [7, 9, 3], [8, 16, 8], [33, 17, 5], [1, 200, 40], [64, 64, 8]] as const;

  it.each(shapes)('computes the same bits in WebAssembly and without: %i x %i of %i terms', (rows, cols, inner) => {
    const results = [plainHeap(dtype), createHeap(dtype)].map((heap) => {
      const [s, m, begin] = [filled(heap, inner, rows, 0), filled(heap, inner, cols, 1), filled(heap, rows, cols, 2)];
      const [fresh, more, flat] = [heap.place(rows, cols), heap.place(rows, cols), heap.place(1, rows * cols)];
      const other = filled(heap, cols, rows, 3);
      heap.product(inner, turned(s), m, fresh);
      heap.product(inner, turned(s), m, more, begin);
      heap.copy(rows, cols, -0.3, more, turned(other), true);
      heap.copy(cols, rows, 1.7, other, packed(flat.at, rows), false);
      const { numbers } = heap;
      const rowsOf = ({ at, row }: { at: number; row: number }, high: number, wide: number) => Array.from({ length: high }, (_, i) => [...numbers.subarray(at + i * row, at + i * row + wide)]);
      return [rowsOf(fresh, rows, cols), rowsOf(more, rows, cols), rowsOf(other, cols, rows), heap.squares(flat.at, rows * cols)];
    });
    expect(results[1]).toEqual(results[0]);
  });

  it('sums products in their order, each operation rounded', () => {
    const round = dtype === 'f32' ? Math.fround : (x: number) => x;
    const heap = createHeap(dtype);
    const [s, m, begin, out] = [filled(heap, 2, 5, 0), filled(heap, 5, 3, 1), filled(heap, 2, 3, 2), heap.place(2, 3)];
    heap.product(5, s, m, out, begin);
    const at = ({ at: from, row }: { at: number; row: number }, i: number, j: number) => heap.numbers[from + i * row + j]!;
    for (let i = 0; i < 2; i++) {
      for (let j = 0; j < 3; j++) {
        let sum = at(begin, i, j);
        for (let k = 0; k < 5; k++) sum = round(sum + round(at(s, i, k) * at(m, k, j)));
        expect(at(out, i, j)).toBe(sum);
      }
    }
  });

  it.each([1, 5, 63, 64, 65, 200])('sums %i squares by 64 strides and a tree', (length) => {
    const round = dtype === 'f32' ? f32 : f64;
    const heap = createHeap(dtype);
    const block = filled(heap, 1, length, 4);
    const partial = Array.from({ length: 64 }, (_, t) => {
      let sum = 0;
      for (let k = t; k < length; k += 64) sum = round(sum + round(heap.numbers[block.at + k]! ** 2));
      return sum;
    });
    const tree = (sums: number[]): number => (sums.length === 1 ? sums[0]! : tree(sums.slice(0, sums.length / 2).map((x, t) => round(x + sums[t + sums.length / 2]!))));
    expect(heap.squares(block.at, length)).toBe(tree(partial));
    expect(sumOfSquares(heap.numbers, block.at, length, round)).toBe(tree(partial));
  });
});
