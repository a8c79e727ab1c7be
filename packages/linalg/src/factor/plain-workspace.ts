import { LowlandError } from '@lowland/core';

import type { HostMatrix } from '../cpu/arrays.ts';
import { stridedGemm } from '../cpu/gemm.ts';
import { createSmallWorkspace, plainBlocks } from '../cpu/small-solves.ts';
import { blockedCholesky, blockedSolve } from '../cpu/triangular.ts';
import { dotAt } from '../vector.ts';
import { direction, gaps, rotateRows, secular, symv, weigh } from './plain-eigen.ts';
import { plainReflections } from './plain-reflections.ts';
import type { SecularKernels, Workspace } from './workspace.ts';

/** Rows of the strips in which a lower triangle is computed. */
const strip = 32;

const blocks = plainBlocks(createSmallWorkspace());

/** A workspace on the heap. */
export class PlainWorkspace implements Workspace {
  data = new Float64Array(1024);
  readonly reflections = plainReflections(this);
  readonly secular: SecularKernels = {
    evaluate: (...args) => { secular(this.data, ...args); },
    gaps: (...args) => { gaps(this.data, ...args); },
    weigh: (...args) => { weigh(this.data, ...args); },
    direction: (...args) => direction(this.data, ...args),
  };
  #top = 0;

  take(length: number): number {
    const at = this.#top;
    const end = at + length;
    if (end > this.data.length) this.#grow(end);
    else this.data.fill(0, at, end);
    this.#top = end;
    return at;
  }

  #grow(end: number): void {
    const before = this.data;
    try {
      this.data = new Float64Array(Math.max(end, 2 * before.length));
    } catch (cause) {
      throw new LowlandError('LOWLAND_E_MEMORY', `No memory for ${8 * end} bytes. Use a smaller problem.`, { cause });
    }
    this.data.set(before.subarray(0, this.#top));
  }

  scope<T>(use: () => T): T {
    const top = this.#top;
    try {
      return use();
    } finally {
      this.#top = top;
    }
  }

  gemm(
    m: number, n: number, k: number, alpha: number, a: number, ai: number, ak: number, b: number, bk: number, bj: number,
    beta: number, c: number, cRow: number,
  ): void {
    const { data } = this;
    stridedGemm(m, n, k, alpha, data, a, ai, ak, data, b, bk, bj, beta, data, c, cRow);
  }

  gemmLower(
    n: number, k: number, alpha: number, a: number, ai: number, ak: number, b: number, bk: number, bj: number,
    beta: number, c: number, cRow: number,
  ): void {
    for (let i = 0; i < n; i += strip) {
      const rows = Math.min(strip, n - i);
      this.gemm(rows, i + rows, k, alpha, a + i * ai, ai, ak, b, bk, bj, beta, c + i * cRow, cRow);
    }
  }

  gemv(rows: number, cols: number, alpha: number, a: number, row: number, x: number, beta: number, out: number): void {
    const { data } = this;
    for (let i = 0; i < rows; i++) {
      const value = alpha * dotAt(cols, data, a + i * row, data, x);
      data[out + i] = beta === 0 ? value : value + beta * data[out + i]!;
    }
  }

  gemvTransposed(rows: number, cols: number, alpha: number, a: number, row: number, x: number, out: number): void {
    for (let i = 0; i < rows; i++) this.axpy(cols, alpha * this.data[x + i]!, a + i * row, out);
  }

  symv(n: number, a: number, row: number, x: number, out: number): void {
    symv(this.data, n, a, row, x, out);
  }

  ger(rows: number, cols: number, alpha: number, x: number, y: number, a: number, row: number): void {
    for (let i = 0; i < rows; i++) this.axpy(cols, alpha * this.data[x + i]!, y, a + i * row);
  }

  rotateRows(count: number, cols: number, z: number, row: number, cs: number): void {
    rotateRows(this.data, count, cols, z, row, cs);
  }

  cholesky(n: number, a: number): boolean {
    return blockedCholesky(blocks, n, this.#matrix(a, n, n));
  }

  solveLower(n: number, l: number, transposed: boolean, count: number, x: number): void {
    blockedSolve(blocks, 'L', transposed ? 'T' : 'N', n, this.#matrix(l, n, n), n, count, this.#matrix(x, n, count));
  }

  #matrix(at: number, rows: number, cols: number): HostMatrix {
    return { rows, cols, complex: false, data: this.data.subarray(at, at + rows * cols) };
  }

  dot(n: number, x: number, y: number): number {
    return dotAt(n, this.data, x, this.data, y);
  }

  axpy(n: number, alpha: number, x: number, y: number): void {
    const { data } = this;
    for (let i = 0; i < n; i++) data[y + i]! += alpha * data[x + i]!;
  }

  scal(n: number, alpha: number, x: number): void {
    const { data } = this;
    for (let i = 0; i < n; i++) data[x + i]! *= alpha;
  }
}
