/**
 * Products of matrices in an arena: the ways through the compiled `gemm`, for the kernels of devices and for the host's factorisations.
 *
 * Bound by arithmetic. The right factor is packed in panels and the left one read in rows that the second-level cache holds.
 */
import type { Arena } from './arena.ts';
import type { Library } from './library.ts';

/** Rows of a right factor up to so many bytes apart are read where they lie; others are packed first, if more than a few rows use them. */
const nearBytes = 256;
const fewRows = 16;
/** Up to this width, and from this depth, a product with a transposed left factor is formed transposed. */
const narrowBytes = 512;
const deep = 64;
/** Columns that are packed at a time, and bytes of rows that go with them: what the second-level cache holds. */
const groupColumns = 256;
const rowsBytes = 2 ** 19;
/** Rows that go at once where what lies above the diagonal is left out. */
const lowerRows = 48;
/** Fewer rows than these go together, as those that fit do: parts are columns of them. */
const flatRows = 96;
/** Tiles divide so many rows, those of a single vector of columns more. */
const tileMultiple = (columnBytes: number): number => (columnBytes > 16 ? 4 : 12);
/** Bytes of a row of a panel. Columns that are packed apart from their product may be cut after so many panels, but for the last ones, which are narrower. */
const panelBytes = 64;
const panelMultiple = 16;
const wholePanels = (columns: number, all: number): number => {
  const whole = panelMultiple * Math.ceil(columns / panelMultiple);
  return whole + 2 * panelMultiple > all ? all : whole;
};
/** Where a part ends, when `count` steps are cut into parts of like size by whole multiples. Some may be empty. */
const partEnd = (part: number, parts: number, count: number, multiple: number): number =>
  part === parts - 1 ? count : Math.min(count, multiple * Math.round((count * (part + 1)) / (parts * multiple)));
/** What packing a number takes, in flops of the product. */
const packFlops = 16;
/** What is larger than this comes from beyond the caches, and is better copied in long runs than read in short ones. */
const farBytes = 2 ** 24;

/**
 * C = alpha A B + beta C: entry (i, p) of A lies at a + i ai + p ak, (p, j) of B at b + p bk + j bj, (i, j) of C at c + i cRow + j size; all in bytes.
 * With `lower` C is square and what lies above its diagonal stays undefined. Every entry is one sum in the order of p. The memory may move.
 */
export type Product = (
  m: number, n: number, k: number, alpha: number, a: number, ai: number, ak: number,
  b: number, bk: number, bj: number, beta: number, c: number, cRow: number, lower: boolean,
) => void;

/** Products of numbers of `size` bytes. */
export function products(arena: Arena, library: Library, size: number): Product {
  /** C = alpha A B + beta C, strides in bytes. `packs`: B is packed first; else its columns are adjacent. `work`: room for a packed group. */
  const groups = (
    m: number, n: number, k: number, alpha: number, a: number, ai: number, ak: number,
    b: number, bk: number, bj: number, beta: number, c: number, cRow: number, cCol: number, packs: boolean, work: number, lower: boolean,
  ): void => {
    const width = packs ? Math.min(n, groupColumns) : n;
    const flops = 2 * m * width * k;
    const { gemm, pack, packAndMultiply } = library.parts(library.gemm, flops);
    const parts = library.partCount(flops);
    if (!lower && m <= width && (m < flatRows || size * m * k <= rowsBytes)) {
      for (let j = 0; j < n; j += width) {
        const cols = Math.min(width, n - j);
        for (let part = 0, from = 0, to; part < parts; part++, from = to) {
          to = partEnd(part, parts, cols, panelBytes / size);
          if (from === to) continue;
          const [right, at] = [b + bj * (j + from), c + cCol * (j + from)];
          if (packs) packAndMultiply(m, to - from, k, alpha, a, ai, ak, right, bk, bj, work + size * k * from, beta, at, cRow, cCol);
          else gemm(m, to - from, k, alpha, a, ai, ak, right, bk, 0, beta, at, cRow, cCol);
        }
        library.join();
      }
      return;
    }
    const multiple = tileMultiple(size * width);
    const most = lower ? lowerRows : Math.max(multiple, multiple * Math.floor(rowsBytes / (size * Math.max(k, 1) * multiple)));
    const bands = parts * Math.ceil(m / (most * parts));
    const packing = library.partOf(width, packFlops * width * k, panelMultiple);
    for (let j = 0; j < n; j += width) {
      const cols = Math.min(width, n - j);
      if (packs) {
        for (let from = 0, to; from < cols; from = to) {
          to = wholePanels(from + packing, cols);
          pack(to - from, k, b + bj * (j + from), bk, bj, work + size * k * from);
        }
        library.join();
      }
      const right = packs ? work : b + size * j;
      for (let band = 0, i = lower ? j : 0, to; i < m; band++, i = to) {
        to = lower ? Math.min(m, i + lowerRows) : partEnd(band, bands, m, multiple);
        const reach = lower ? wholePanels(i + lowerRows - j, cols) : cols;
        if (i < to) gemm(to - i, reach, k, alpha, a + ai * i, ai, ak, right, bk, packs ? 1 : 0, beta, c + cRow * i + cCol * j, cRow, cCol);
      }
      library.join();
    }
  };
  const groupBytes = (n: number, k: number): number => size * k * (Math.min(n, groupColumns) + 4);

  /** The same by the best way; the columns of C are adjacent. With `lower` C is square and what lies above its diagonal stays undefined. */
  return (
    m: number, n: number, k: number, alpha: number, a: number, ai: number, ak: number,
    b: number, bk: number, bj: number, beta: number, c: number, cRow: number, lower: boolean,
  ): void => {
    if (m === 0 || n === 0) return;
    const farLeft = ai === size && ak > nearBytes;
    const farRight = bk === size && bj > nearBytes;
    if (!lower && k >= deep && ((farLeft && n * size <= narrowBytes) || (farRight && m * size <= narrowBytes && m < n))) {
      // C^T = B^T A^T: the vectors run along the rows of A^T, which lie whole in cache lines; C is stored number by number.
      const packs = ai !== size || ak * k > farBytes;
      groups(n, m, k, alpha, b, bj, bk, a, ak, ai, beta, c, size, cRow, packs, packs ? arena.work(groupBytes(m, k)) : 0, false);
      return;
    }
    const packs = bj !== size || (bk > nearBytes && m > fewRows);
    const copies = farLeft && n > fewRows;
    const group = packs ? groupBytes(n, k) : 0;
    const work = packs || copies ? arena.work(group + (copies ? size * m * k : 0)) : 0;
    if (copies) {
      const { transpose } = library.parts(library.gemm, packFlops * m * k);
      const rows = library.partOf(m, packFlops * m * k, panelMultiple);
      for (let i = 0; i < m; i += rows) transpose(k, Math.min(rows, m - i), a + size * i, ak, work + group + size * k * i, size * k);
      library.join();
    }
    const [left, along, across] = copies ? [work + group, size * k, size] : [a, ai, ak];
    groups(m, n, k, alpha, left, along, across, b, bk, bj, beta, c, cRow, size, packs, work, lower);
  };
}
