import { blockedCholesky, blockedSolve, type TriangularBlocks } from '../cpu/triangular.ts';
import type { Arena } from '../wasm/arena.ts';
import type { Library } from '../wasm/library.ts';
import { products, type Product } from '../wasm/product.ts';
import { triangularBlocks } from '../wasm/triangular-blocks.ts';
import { type ReflectionKernels, wasmReflections } from './reflections.ts';
import type { SecularKernels, Workspace } from './workspace.ts';

/** A workspace in the arena of the WebAssembly devices. */
export class WasmWorkspace implements Workspace {
  readonly library: Library;
  readonly reflections: ReflectionKernels;
  readonly secular: SecularKernels = {
    evaluate: (n, split, d, z, origin, tau, out) => { this.library.eigen.secular(n, split, 8 * d, 8 * z, origin, tau, 8 * out); },
    gaps: (n, d, origin, tau, out) => { this.library.eigen.gaps(n, 8 * d, origin, tau, 8 * out); },
    weigh: (n, gaps, d, pole, w) => { this.library.eigen.weigh(n, 8 * gaps, 8 * d, pole, 8 * w); },
    direction: (n, z, gaps, out) => this.library.eigen.direction(n, 8 * z, 8 * gaps, 8 * out),
  };
  readonly #arena: Arena;
  readonly #product: Product;
  readonly #blocks: TriangularBlocks<{ readonly at: number }>;
  /** Address and bytes of what is taken. */
  readonly #taken: number[] = [];

  constructor(arena: Arena, library: Library) {
    this.library = library;
    this.reflections = wasmReflections(library);
    this.#arena = arena;
    this.#product = products(arena, library, 8);
    this.#blocks = triangularBlocks(arena, library, 8, this.#product);
  }

  get data(): Float64Array {
    return this.#arena.f64;
  }

  take(length: number): number {
    const at = this.#arena.allocate(8 * length);
    this.#taken.push(at, 8 * length);
    return at / 8;
  }

  scope<T>(use: () => T): T {
    const taken = this.#taken;
    const before = taken.length;
    try {
      return use();
    } finally {
      while (taken.length > before) {
        const bytes = taken.pop()!;
        this.#arena.free(taken.pop()!, bytes);
      }
    }
  }

  gemm(
    m: number, n: number, k: number, alpha: number, a: number, ai: number, ak: number, b: number, bk: number, bj: number,
    beta: number, c: number, cRow: number,
  ): void {
    this.#product(m, n, k, alpha, 8 * a, 8 * ai, 8 * ak, 8 * b, 8 * bk, 8 * bj, beta, 8 * c, 8 * cRow, false);
  }

  gemmLower(
    n: number, k: number, alpha: number, a: number, ai: number, ak: number, b: number, bk: number, bj: number,
    beta: number, c: number, cRow: number,
  ): void {
    this.#product(n, n, k, alpha, 8 * a, 8 * ai, 8 * ak, 8 * b, 8 * bk, 8 * bj, beta, 8 * c, 8 * cRow, true);
  }

  gemv(rows: number, cols: number, alpha: number, a: number, row: number, x: number, beta: number, out: number): void {
    this.library.vector.gemv(rows, cols, alpha, 8 * a, 8 * row, 8 * x, beta, 8 * out);
  }

  gemvTransposed(rows: number, cols: number, alpha: number, a: number, row: number, x: number, out: number): void {
    this.library.vector.gemvTransposed(rows, cols, alpha, 8 * a, 8 * row, 8 * x, 8 * out);
  }

  symv(n: number, a: number, row: number, x: number, out: number): void {
    this.library.eigen.symv(n, 8 * a, 8 * row, 8 * x, 8 * out);
  }

  ger(rows: number, cols: number, alpha: number, x: number, y: number, a: number, row: number): void {
    this.library.vector.ger(rows, cols, alpha, 8 * x, 8 * y, 8 * a, 8 * row);
  }

  rotateRows(count: number, cols: number, z: number, row: number, cs: number): void {
    this.library.eigen.rotateRows(count, cols, 8 * z, 8 * row, 8 * cs);
  }

  cholesky(n: number, a: number): boolean {
    return blockedCholesky(this.#blocks, n, { at: 8 * a });
  }

  solveLower(n: number, l: number, transposed: boolean, count: number, x: number): void {
    blockedSolve(this.#blocks, 'L', transposed ? 'T' : 'N', n, { at: 8 * l }, n, count, { at: 8 * x });
  }

  dot(n: number, x: number, y: number): number {
    return this.library.vector.dot(n, 8 * x, 8 * y);
  }

  axpy(n: number, alpha: number, x: number, y: number): void {
    this.library.vector.axpy(n, alpha, 8 * x, 8 * y);
  }

  scal(n: number, alpha: number, x: number): void {
    this.library.vector.scal(n, alpha, 8 * x);
  }
}
