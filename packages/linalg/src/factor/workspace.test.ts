import { errorCode } from '@lowland/core';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { arena, both, fast } from '../../test/workspaces.ts';
import { liveBytes } from '../wasm/shared.ts';
import { PlainWorkspace } from './plain-workspace.ts';
import { WasmWorkspace } from './wasm-workspace.ts';
import { withWorkspace, type Workspace } from './workspace.ts';

const side = fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 70 }));
const factor = fc.constantFrom(0, 1, -1, 0.7);

describe('a workspace', () => {
  it('has the same bits on the heap and in the arena, for every kernel, shape and stride', () => {
    fc.assert(
      fc.property(side, side, side, fc.nat({ max: 5 }), fc.nat({ max: 15 }), factor, factor, fc.nat(), (m, n, k, gap, transposed, alpha, beta, seed) => {
        const [rowA, rowB, rowC] = [Math.max(m, k) + gap, Math.max(k, n) + gap, n + gap];
        const [a, b, c] = [0, Math.max(m, k) * rowA, Math.max(m, k) * rowA + Math.max(k, n) * rowB];
        const total = c + Math.max(m, n) * rowC + 3 * (m + n) + 1;
        const [x, y] = [total - 2 * (m + n) - 1, total - m - n - 1];
        const [ai, ak] = transposed % 2 === 0 ? [rowA, 1] : [1, rowA];
        const [bk, bj] = transposed % 4 < 2 ? [rowB, 1] : [1, rowB];
        const [plain, wasm] = both(total, seed, (w, at) => {
          w.gemm(m, n, k, alpha, at + a, ai, ak, at + b, bk, bj, beta, at + c, rowC);
          w.gemv(m, n, alpha, at + c, rowC, at + x, beta, at + y);
          w.gemvTransposed(m, n, alpha, at + c, rowC, at + y, at + x);
          w.ger(m, n, alpha, at + y, at + x, at + c, rowC);
          w.axpy(m, alpha, at + a, at + y);
          w.scal(n, alpha, at + x);
          w.data[at + total - 1] = w.dot(n, at + x, at + b);
          w.symv(n, at + b, rowB, at + x, at + y);
        });
        expect(wasm).toEqual(plain);
      }),
      { numRuns: runs(400), seed: 11 },
    );
  });

  it('multiplies symmetric matrices, of which it reads one triangle', () => {
    for (let n = 0; n < 40; n++) {
      const row = n + 3;
      for (const result of both(n * row + 2 * n, n, (w, at) => { w.symv(n, at, row, at + n * row, at + n * row + n); })) {
        for (let i = 0; i < n; i++) {
          let [sum, size] = [0, 0];
          for (let j = 0; j < n; j++) {
            const term = result[Math.max(i, j) * row + Math.min(i, j)]! * result[n * row + j]!;
            sum += term;
            size += Math.abs(term);
          }
          expect(Math.abs(result[n * row + n + i]! - sum)).toBeLessThanOrEqual((n + 4) * 2 ** -52 * size);
        }
      }
    }
  });

  it('computes the lower triangle that the whole product has', () => {
    fc.assert(
      fc.property(fc.nat({ max: 90 }), fc.nat({ max: 40 }), fc.boolean(), factor, fc.nat(), (n, k, transposed, beta, seed) => {
        const [ai, ak] = transposed ? [1, n] : [k, 1];
        const product = (lower: boolean) => both(2 * n * n + 2 * n * k, seed, (w, at) => {
          const [a, b] = [at + 2 * n * n, at + 2 * n * n + n * k];
          if (lower) w.gemmLower(n, k, -1, a, ai, ak, b, ak, ai, beta, at, n);
          else w.gemm(n, n, k, -1, a, ai, ak, b, ak, ai, beta, at, n);
        });
        const [whole, half] = [product(false), product(true)];
        for (const v of [0, 1]) {
          for (let i = 0; i < n; i++) expect(half[v]!.slice(i * n, i * n + i + 1)).toEqual(whole[0].slice(i * n, i * n + i + 1));
          expect(half[v]!.slice(n * n)).toEqual(whole[0].slice(n * n));
        }
      }),
      { numRuns: runs(300), seed: 12 },
    );
  });

  it('rotates rows and evaluates secular functions with the same bits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), side, fc.nat({ max: 4 }), fc.boolean(), fc.nat(), (n, cols, gap, up, seed) => {
        const row = cols + gap;
        const [plain, wasm] = both(n * row + 9 * n + 5, seed, (w, at) => {
          const tail = at + n * row;
          w.rotateRows(n - 1, cols, up ? at + (n - 1) * row : at, up ? -row : row, tail);
          const [d, z, g, weights, out] = [2, 3, 4, 5, 6].map((k) => tail + k * n) as [number, number, number, number, number];
          w.secular.evaluate(n, seed % (n + 1), d, z, 0.3, 0.01, tail);
          w.secular.gaps(n, d, 0.3, 0.01, g);
          w.secular.weigh(n, g, d, 0.2, weights);
          w.data[tail + 9 * n] = w.secular.direction(n, weights, g, out);
        });
        expect(wasm).toEqual(plain);
      }),
      { numRuns: runs(300), seed: 14 },
    );
  });

  it('factors and solves with the same bits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.nat({ max: 40 }), fc.boolean(), fc.nat(), (n, count, transposed, seed) => {
        const [plain, wasm] = both(2 * n * n + n * count, seed, (w, at) => {
          const a = at + n * n;
          w.gemmLower(n, n, 1, at, n, 1, at, 1, n, 0, a, n);
          for (let i = 0; i < n; i++) w.data[a + i * (n + 1)]! += 1;
          expect(w.cholesky(n, a)).toBe(true);
          for (let i = 0; i < n; i++) w.data.fill(0, a + i * n + i + 1, a + (i + 1) * n);
          w.solveLower(n, a, transposed, count, a + n * n);
          expect(w.cholesky(n, at)).toBe(n === 1 && w.data[at]! > 0);
          w.data.fill(0, at, at + n * n);
        });
        expect(wasm).toEqual(plain);
      }),
      { numRuns: runs(100), seed: 13 },
    );
  });

  it('gives zeros, and takes back what a scope took, also when it throws', () => {
    for (const workspace of [new PlainWorkspace(), fast]) {
      const at = workspace.take(3);
      const use = () => workspace.scope(() => {
        const inner = workspace.take(5000);
        expect(workspace.data.slice(inner, inner + 5000)).toEqual(new Float64Array(5000));
        workspace.data.fill(7, inner, inner + 5000);
        workspace.data[at] = 1;
        return inner;
      });
      const live = arena.live;
      expect(use()).toBe(use());
      expect(() => workspace.scope(() => {
        workspace.take(100);
        throw new Error('stop');
      })).toThrow('stop');
      expect(workspace.data[at]).toBe(1);
      expect(arena.live).toBe(live);
    }
  });
});

describe('withWorkspace', () => {
  it('gives back what it took', () => {
    withWorkspace((w) => w.take(10));
    const live = liveBytes();
    expect(withWorkspace((w) => w.data[w.take(2 ** 16) + 5])).toBe(0);
    expect(liveBytes()).toBe(live);
  });

  it('goes on on the heap when the memory of WebAssembly is full', () => {
    const kinds: string[] = [];
    const sum = withWorkspace((w) => {
      kinds.push(w.constructor.name);
      if (w instanceof WasmWorkspace) w.take(2 ** 32);
      const at = w.take(4);
      w.data.set([1, 2, 3, 4], at);
      return w.dot(2, at, at + 2);
    });
    expect(sum).toBe(11);
    expect(kinds).toEqual(['WasmWorkspace', 'PlainWorkspace']);
  });

  it('reports what even the heap has no room for, and what `use` throws', () => {
    const code = (use: (w: Workspace) => void) => {
      try {
        withWorkspace(use);
      } catch (error) {
        return errorCode(error) ?? (error as Error).message;
      }
      return undefined;
    };
    expect(code((w) => w.take(2 ** 50))).toBe('LOWLAND_E_MEMORY');
    expect(code(() => { throw new RangeError('mine'); })).toBe('mine');
  });
});
