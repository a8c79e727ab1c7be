import { partRows } from '../wasm/reflection-module.ts';
import type { ReflectionKernels } from './reflections.ts';

/** The functions of `wasm/reflection-module.ts` in plain TypeScript: the same sums in the same order, so the same bits. */
export function plainReflections(store: { readonly data: Float64Array }): ReflectionKernels {
  let sums = new Float64Array(64);
  return {
    reflect(m, columns, a, row, v, vRow, w, x, xRow, s) {
      const { data } = store;
      const width = columns + (columns % 2);
      if (width > sums.length) sums = new Float64Array(2 * width);
      for (let from = 0; from < m; from += partRows) {
        sums.fill(0, 0, width);
        for (let i = from; i < Math.min(m, from + partRows); i++) {
          const at = a + i * row;
          const left = data[v + i * vRow]!;
          for (let j = 0; j < width; j++) data[at + j] = data[at + j]! - left * data[w + j]!;
          const right = data[x + i * xRow]!;
          for (let j = 0; j < width; j++) sums[j] = sums[j]! + right * data[at + j]!;
        }
        for (let j = 0; j < width; j++) data[s + j] = data[s + j]! + sums[j]!;
      }
    },

    magnitudes(m, columns, a, row, out) {
      const { data } = store;
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < columns; j++) {
          const size = Math.abs(data[a + i * row + j]!);
          if (data[out + j]! < size) data[out + j] = size;
        }
      }
    },

    scaleColumns(m, columns, from, fromRow, factors, to, toRow) {
      const { data } = store;
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < columns; j++) data[to + i * toRow + j] = data[from + i * fromRow + j]! * data[factors + j]!;
      }
    },
  };
}
