import { normals, streamKey } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { type Heap, packed, plainHeap, sumOfSquares, turned } from './heap.ts';
import { f32, f64 } from './rounding.ts';
import { createHeap, vectorLanes } from './wasm-heap.ts';

/** The place of items of normals, the same on every heap. */
function filled(heap: Heap, items: number, index: number): number {
  const at = heap.place(items);
  const drawn = new Float64Array(items * heap.lanes);
  normals(streamKey(1, 'heap', index), drawn);
  heap.numbers.set(drawn, at);
  return at;
}
const itemsAt = ({ numbers, lanes }: Heap, at: number, items: number): number[] => [...numbers.subarray(at, at + items * lanes)];

describe.each(['f64', 'f32'] as const)('heap in %s', (dtype) => {
  const round = dtype === 'f32' ? f32 : f64;
  const shapes = [[1, 1, 1, 1], [2, 3, 1, 4], [7, 9, 3, 2], [8, 16, 8, 1], [13, 17, 5, 3], [1, 70, 40, 1], [70, 1, 9, 2]] as const;

  it.each(shapes)('computes the same bits in WebAssembly and without: %i x %i of %i terms in %i vectors', (rows, cols, inner, vectors) => {
    const results = [plainHeap, createHeap].map((create) => {
      const heap = create(dtype, vectors * vectorLanes(dtype));
      const [s, m, begin] = [packed(filled(heap, inner * rows, 0), rows), packed(filled(heap, inner * cols, 1), cols), packed(filled(heap, rows * cols, 2), cols)];
      const [fresh, more] = [packed(heap.place(rows * cols), cols), packed(heap.place(rows * cols), rows)];
      heap.product(rows, cols, inner, turned(s), m, fresh);
      heap.product(rows, cols, inner, turned(s), m, turned(more), begin);
      // the numbers of s for all lanes
      const [all, column, sums, sumsMore] = [packed(s.at, inner), packed(filled(heap, inner, 3), 1), packed(heap.place(rows), 1), packed(heap.place(rows), 1)];
      heap.sharedProduct(rows, inner, all, column, sums);
      heap.sharedProduct(rows, inner, all, column, sumsMore, begin);
      const factor = filled(heap, 1, 4);
      heap.scale(factor, fresh.at, rows * cols);
      heap.addScaled(factor, begin.at, fresh.at, rows * cols);
      const squares = heap.squares(begin.at, rows * cols);
      return [itemsAt(heap, fresh.at, rows * cols), itemsAt(heap, more.at, rows * cols), itemsAt(heap, sums.at, rows), itemsAt(heap, sumsMore.at, rows), itemsAt(heap, squares, 1)];
    });
    expect(results[1]).toEqual(results[0]);
  });

  it.each([[false, -1], [true, -1], [false, 0], [true, 0.25]] as const)('weighs what is measured to the same bits: complex %s, smoothing %d', (complex, smoothing) => {
    const results = [plainHeap, createHeap].map((create) => {
      const heap = create(dtype, vectorLanes(dtype));
      const [z, data, rho] = [filled(heap, complex ? 10 : 5, 0), filled(heap, 5, 1), heap.place(5)];
      heap.numbers.fill(0, z, z + heap.lanes);
      heap.weigh(5, complex, smoothing, z, data, rho);
      return [itemsAt(heap, z, complex ? 10 : 5), itemsAt(heap, rho, 5)];
    });
    expect(results[1]).toEqual(results[0]);
  });

  it('sums products in their order in every lane, each operation rounded', () => {
    const heap = createHeap(dtype, 2 * vectorLanes(dtype));
    const { lanes } = heap;
    const [s, m, begin, out] = [packed(filled(heap, 10, 0), 5), packed(filled(heap, 15, 1), 3), packed(filled(heap, 6, 2), 3), packed(heap.place(6), 3)];
    heap.product(2, 3, 5, s, m, out, begin);
    for (let lane = 0; lane < lanes; lane++) {
      const at = ({ at: from, row }: { at: number; row: number }, i: number, j: number) => heap.numbers[from + (i * row + j) * lanes + lane]!;
      for (let i = 0; i < 2; i++) {
        for (let j = 0; j < 3; j++) {
          let sum = at(begin, i, j);
          for (let k = 0; k < 5; k++) sum = round(sum + round(at(s, i, k) * at(m, k, j)));
          expect(at(out, i, j)).toBe(sum);
        }
      }
    }
  });

  it.each([1, 5, 63, 64, 65, 200])('sums %i squares by 64 strides and a tree', (length) => {
    const heap = createHeap(dtype, vectorLanes(dtype));
    const x = filled(heap, length, 4);
    const numbers = Array.from({ length }, (_, k) => heap.numbers[x + k * heap.lanes + 1]!);
    const partial = Array.from({ length: 64 }, (_, t) => {
      let sum = 0;
      for (let k = t; k < length; k += 64) sum = round(sum + round(numbers[k]! ** 2));
      return sum;
    });
    const tree = (sums: number[]): number => (sums.length === 1 ? sums[0]! : tree(sums.slice(0, sums.length / 2).map((term, t) => round(term + sums[t + sums.length / 2]!))));
    expect(heap.numbers[heap.squares(x, length) + 1]).toBe(tree(partial));
    expect(sumOfSquares(Float64Array.from(numbers), 0, length, round)).toBe(tree(partial));
  });
});

it('refuses what memory has no room for, as an ensemble that cannot be', () => {
  expect(() => createHeap('f64', 2).place(2 ** 27)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_ENSEMBLE' }) as Error);
});
