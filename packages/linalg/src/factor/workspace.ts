/**
 * What the host's factorisations are written on: one store of numbers in f64, places in it as integers, and kernels on places and strides.
 *
 * Where the engine has WebAssembly SIMD the store lies in the arena of the `cpu` devices: what comes from outside is copied in once and out
 * once. Elsewhere it is an array of the heap. Both give the same bits.
 */
import { errorCode } from '@lowland/core';

import { sharedSite } from '../wasm/shared.ts';
import { hasSimd } from '../wasm/support.ts';
import type { ReflectionKernels } from './reflections.ts';
import { PlainWorkspace } from './plain-workspace.ts';
import { WasmWorkspace } from './wasm-workspace.ts';

/**
 * Places, lengths and strides count numbers. Rows of a matrix lie `row` apart and their entries beside each other, unless two strides are
 * given. With a factor `beta` of 0 the old content is not read, and may be NaN. Outputs share nothing with inputs.
 */
export interface Workspace {
  /** All numbers by place, right now: `take` and products may move the memory, so look it up again after them. */
  readonly data: Float64Array;
  /** A place for so many zeros, held until the scope ends. @throws LOWLAND_E_MEMORY */
  take(length: number): number;
  /** What is taken inside is given back when `use` returns or throws. */
  scope<T>(use: () => T): T;

  /** For Householder reflections. */
  readonly reflections: ReflectionKernels;

  /** C = alpha A B + beta C, m × n over k: entry (i, p) of A lies at a + i ai + p ak, (p, j) of B at b + p bk + j bj. Bound by arithmetic. */
  gemm(
    m: number, n: number, k: number, alpha: number, a: number, ai: number, ak: number, b: number, bk: number, bj: number,
    beta: number, c: number, cRow: number,
  ): void;
  /** The same for a square C of side n whose lower triangle alone is wanted (`syrk`, `syr2k`): what lies above its diagonal is spoilt. */
  gemmLower(
    n: number, k: number, alpha: number, a: number, ai: number, ak: number, b: number, bk: number, bj: number,
    beta: number, c: number, cRow: number,
  ): void;
  /** out = alpha A x + beta out. Bound by memory, as all that follow. */
  gemv(rows: number, cols: number, alpha: number, a: number, row: number, x: number, beta: number, out: number): void;
  /** out += alpha Aᵀ x */
  gemvTransposed(rows: number, cols: number, alpha: number, a: number, row: number, x: number, out: number): void;
  /** out = A x for a symmetric A, of which the lower triangle is read. */
  symv(n: number, a: number, row: number, x: number, out: number): void;
  /** A += alpha x yᵀ */
  ger(rows: number, cols: number, alpha: number, x: number, y: number, a: number, row: number): void;
  /** The lower Cholesky factor of an n × n matrix in place, rows n apart; what lies above the diagonal is spoilt. False when a pivot is not positive and finite. */
  cholesky(n: number, a: number): boolean;
  /** X = L⁻¹ X, or L⁻ᵀ X if `transposed`, in place, for `count` columns beside each other; rows of the lower triangle L n apart. */
  solveLower(n: number, l: number, transposed: boolean, count: number, x: number): void;
  /** Rotation k turns rows k and k + 1 of z in order: x = c x + s y, y = c y − s x, with c at cs + 2k and s beside it. `row` may be negative. */
  rotateRows(count: number, cols: number, z: number, row: number, cs: number): void;
  readonly secular: SecularKernels;
  dot(n: number, x: number, y: number): number;
  /** y += alpha x */
  axpy(n: number, alpha: number, x: number, y: number): void;
  /** x *= alpha */
  scal(n: number, alpha: number, x: number): void;
}

/** What the merges of divide and conquer are made of (`secular.ts`); gaps are g[i] = (d[i] − origin) − tau. Bound by divisions. */
export interface SecularKernels {
  /** out[0] = Σ z²/g and out[1] = Σ (z/g)² over the first `split` of n poles, out[2] and out[3] over the others. */
  evaluate(n: number, split: number, d: number, z: number, origin: number, tau: number, out: number): void;
  gaps(n: number, d: number, origin: number, tau: number, out: number): void;
  /** w[i] *= g[i] / (d[i] − pole) */
  weigh(n: number, gaps: number, d: number, pole: number, w: number): void;
  /** out[i] = z[i] / g[i]; returns Σ out². */
  direction(n: number, z: number, gaps: number, out: number): number;
}

/**
 * Runs `use` on a workspace; what it takes is given back at the end. Should the memory of WebAssembly not suffice, `use` runs once more, on
 * the heap: so it must not change anything outside of the workspace before it is done, nor use places of another call (`scope` is for that).
 *
 * @throws LOWLAND_E_MEMORY when neither has room
 */
export function withWorkspace<T>(use: (workspace: Workspace) => T): T {
  const fast = fastWorkspace();
  if (fast !== undefined) {
    try {
      return fast.scope(() => use(fast));
    } catch (error) {
      if (errorCode(error) !== 'LOWLAND_E_MEMORY') throw error;
    }
  }
  const plain = new PlainWorkspace();
  return use(plain);
}

let known: WasmWorkspace | undefined;

/** Undefined where there is no WebAssembly, or no room for a memory of it. */
function fastWorkspace(): WasmWorkspace | undefined {
  if (!hasSimd()) return undefined;
  try {
    const site = sharedSite();
    const library = site.library('f64', false);
    if (known?.library !== library) known = new WasmWorkspace(site.arena, library);
    return known;
  } catch (error) {
    if (errorCode(error) !== 'LOWLAND_E_MEMORY') throw error;
    return undefined;
  }
}
