import type { ExtraKernels, Kernels } from '@lowland/core';
import { hostVector } from '@lowland/linalg';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { backends, epsilon, pairs, scalar, side } from '../test/pairs.ts';
import { describeNative } from '../test/system.ts';

type All = Kernels & ExtraKernels;
type Pair = ReturnType<ReturnType<typeof pairs>['matrix']>;
const places = ['ours', 'exact', 'size'] as const;

for (const [name, make] of backends) describeNative(`blas, ${name}`, () => {
  const backend = make();
  const { dtype } = backend;
  const { device, reference, round, matrix, expectClose } = pairs(backend);
  const kernelsOf = (place: (typeof places)[number]) => (place === 'ours' ? device : reference).kernels as All;
  const half = fc.constantFrom('N' as const, 'T' as const);
  const seeds = fc.nat(1e6);

  it('ger and syrk are the plain ones up to rounding, syrk exactly symmetric', () => {
    const check = (m: number, n: number, t: 'N' | 'T', alpha: number, beta: number, seed: number) => {
      const [a, x, y] = [matrix(m, n, false, seed), matrix(m, 1, false, seed + 1), matrix(n, 1, false, seed + 2)];
      const [order, terms] = t === 'T' ? [n, m] : [m, n];
      const gram = matrix(order, order, false, seed + 3);
      for (const place of places) {
        const kernels = kernelsOf(place);
        const [by, times] = place === 'size' ? [Math.abs(alpha), Math.abs(beta)] : [alpha, beta];
        kernels.syrk(t, by, a[place], times, gram[place]);
        kernels.ger(by, x[place], y[place], a[place]);
      }
      expectClose(gram.ours, gram.exact, gram.size, terms);
      const data = hostVector(gram.ours);
      for (let i = 0; i < order; i++) for (let j = 0; j < i; j++) if (data[i * order + j] !== data[j * order + i]) expect.fail(`entries (${i}, ${j}) are not symmetric`);
      expectClose(a.ours, a.exact, a.size, 1);
    };
    fc.assert(fc.property(side, side, half, scalar, scalar, seeds, check), { numRuns: runs(150), seed: 4 });
  });

  it('nrm2 is the plain one up to rounding, at every size that has a norm', () => {
    const check = (n: number, scale: number, seed: number) => {
      const x = matrix(n, 1, false, seed);
      const numbers = Float64Array.from(hostVector(x.exact), (value) => round(scale * value));
      device.write(x.ours, numbers);
      reference.write(x.exact, numbers);
      const [ours, exact] = [device, reference].map((place) => place.memory().vector(2));
      kernelsOf('ours').nrm2(x.ours, ours!, 1);
      kernelsOf('exact').nrm2(x.exact, exact!, 1);
      const [given, expected] = [device.scalar(ours!, 1) as number, reference.scalar(exact!, 1) as number];
      expect(Math.abs(given - expected)).toBeLessThanOrEqual((n + 8) * epsilon[dtype] * expected);
    };
    const scale = dtype === 'f64' ? fc.constantFrom(1, 1e-160, 1e200, 1e-300) : fc.constantFrom(1, 1e-20, 1e25, 1e-37);
    fc.assert(fc.property(fc.nat(1500), scale, seeds, check), { numRuns: runs(100), seed: 5 });
    const x = device.memory().vector(1000);
    for (const [entry, norm] of [[Infinity, Infinity], [NaN, NaN]] as const) {
      hostVector(x)[700] = entry;
      kernelsOf('ours').nrm2(x, x, 3);
      expect(device.scalar(x, 3)).toBe(norm);
    }
  });

  it('trsm solves up to the componentwise residual, whatever lies above the diagonal', () => {
    const check = (n: number, count: number, where: 'L' | 'R', t: 'N' | 'T', seed: number) => {
      const l = matrix(n, n, false, seed);
      const filled = hostVector(l.ours);
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) filled[i * n + j] = j > i ? NaN : j === i ? 1.5 : filled[i * n + j]! / 8;
      const [rows, cols] = where === 'L' ? [n, count] : [count, n];
      const [b, out] = [matrix(rows, cols, false, seed + 1), matrix(rows, cols, false, seed + 2)];
      kernelsOf('ours').trsm(where, t, l.ours, b.ours, out.ours);
      // Looked up here: the matrices made since may have moved the memory.
      const [triangle, x, right] = [hostVector(l.ours), hostVector(out.ours), hostVector(b.ours)];
      const below = (where === 'L') === (t === 'N');
      for (let side = 0; side < count; side += Math.ceil(count / 10)) {
        const at = (i: number) => (where === 'L' ? i * count + side : side * n + i);
        for (let i = 0; i < n; i++) {
          let residual = -right[at(i)]!;
          let size = 0;
          for (let k = below ? 0 : i; k < (below ? i + 1 : n); k++) {
            const term = (below ? triangle[i * n + k]! : triangle[k * n + i]!) * x[at(k)]!;
            residual += term;
            size += Math.abs(term);
          }
          // Once for the solve, once for the sum here.
          if (!(Math.abs(residual) <= 2 * (n + 4) * epsilon[dtype] * (size + Math.abs(right[at(i)]!)))) expect.fail(`residual ${residual} at a size of ${size}`);
        }
      }
    };
    fc.assert(fc.property(side, side, fc.constantFrom('L' as const, 'R' as const), half, seeds, check), { numRuns: runs(150), seed: 6 });
  });

  it('potrf factors up to the componentwise residual of the lower triangle, and writes NaN where there is no factor', () => {
    const check = (n: number, shift: number, seed: number) => {
      const thin = matrix(n + 3, n, false, seed);
      const [a, out] = [matrix(n, n, false, seed + 1), matrix(n, n, false, seed + 2)];
      const { syrk, potrf } = kernelsOf('ours');
      syrk('T', 1, thin.ours, 0, a.ours);
      let given = hostVector(a.ours);
      for (let i = 0; i < n; i++) {
        given[i * n + i]! += 1;
        given.fill(NaN, i * n + i + 1, (i + 1) * n);
      }
      potrf(a.ours, shift, out.ours);
      given = hostVector(a.ours);
      const l = hostVector(out.ours);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          if (j > i) {
            if (l[i * n + j] !== 0) expect.fail('not lower triangular');
            continue;
          }
          const entry = given[i * n + j]! + (i === j ? shift : 0);
          let residual = -entry;
          let size = Math.abs(entry);
          for (let k = 0; k <= j; k++) {
            residual += l[i * n + k]! * l[j * n + k]!;
            size += Math.abs(l[i * n + k]! * l[j * n + k]!);
          }
          if (!(Math.abs(residual) <= 2 * (n + 4) * epsilon[dtype] * size)) expect.fail(`residual ${residual} at a size of ${size}`);
        }
      }
      if (n === 0) return;
      for (const broken of [-1, NaN, Infinity]) {
        given[n * n - 1] = broken;
        potrf(a.ours, 0, out.ours);
        expect(l.every(Number.isNaN)).toBe(true);
      }
    };
    fc.assert(fc.property(fc.oneof(fc.nat(20), fc.nat(150)), fc.constantFrom(0, 0.5), seeds, check), { numRuns: runs(60), seed: 7 });
  });

  describe('residualProducts', () => {
    it('is the plain one up to rounding, in one panel of rows or many, also of halves', () => {
      const check = (m: number, n: number, k: number, r: number, scale: number, both: boolean, right: boolean, seed: number) => {
        const [target, u, v, b, c] = [[m, n], [m, k], [n, k], [n, r], [m, r]].map(([rows, cols], i) => matrix(rows!, cols!, false, seed + i)) as [Pair, Pair, Pair, Pair, Pair];
        const [toLeft, toRight, sums] = [matrix(m, r, false, seed + 5), matrix(n, r, false, seed + 6), matrix(3, 1, false, seed + 7)];
        // Sizes add up: |u| |v|^T + |target|.
        reference.kernels.scal(-1, target.size);
        for (const place of places) {
          const by = place === 'size' ? Math.abs(scale) : scale;
          const [onLeft, onRight] = [both || !right, both || right];
          kernelsOf(place).residualProducts(target[place], u[place], v[place], by, onLeft ? b[place] : undefined, onLeft ? toLeft[place] : undefined, onRight ? c[place] : undefined, onRight ? toRight[place] : undefined, sums[place], 1);
        }
        if (both || !right) expectClose(toLeft.ours, toLeft.exact, toLeft.size, n + k);
        if (both || right) expectClose(toRight.ours, toRight.exact, toRight.size, m + k);
        expectClose(sums.ours, sums.exact, sums.size, m * n + 2 * k);
      };
      const rank = fc.integer({ min: 0, max: 12 });
      fc.assert(fc.property(side, side, rank, rank, scalar, fc.boolean(), fc.boolean(), seeds, check), { numRuns: runs(150), seed: 8 });
      for (const [m, n, k, r] of [[1000, 130, 30, 30], [520, 70, 200, 7], [33, 4000, 10, 10], [900, 200, 0, 5]] as const) check(m, n, k, r, -2, true, true, 1);
    });

    it('refuses shapes that do not fit', () => {
      const [target, u, v] = [matrix(40, 30, false, 1).ours, matrix(40, 5, false, 2).ours, matrix(30, 5, false, 3).ours];
      const slot = device.memory().vector(1);
      const { residualProducts } = kernelsOf('ours');
      for (const call of [
        () => { residualProducts(target, v, u, 1, undefined, undefined, undefined, undefined, slot); },
        () => { residualProducts(target, u, v, 1, v, undefined, undefined, undefined, slot); },
        () => { residualProducts(target, u, v, 1, v, v, undefined, undefined, slot); },
        () => { residualProducts(target, u, v, 1, undefined, undefined, undefined, undefined, slot, 1); },
      ]) expect(call).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
    });
  });

  it('residualAdjoint is the plain one up to rounding, in one panel or many, with a change or without', () => {
    const check = (count: number, size: number, scale: number, withData: boolean, withChange: boolean, seed: number) => {
      const [a, x, y, dx] = [[count, size], [size, 1], [count, 1], [size, 1]].map(([rows, cols], i) => matrix(rows!, cols!, false, seed + i)) as [Pair, Pair, Pair, Pair];
      const [rho, out, drho, dout] = [count, size, count, size].map((rows, i) => matrix(rows, 1, false, seed + 4 + i)) as [Pair, Pair, Pair, Pair];
      // Sizes add up: |a| |x| + |y|.
      reference.kernels.scal(-1, y.size);
      for (const place of places) {
        const change = withChange ? [dx[place], drho[place], dout[place]] as const : [];
        kernelsOf(place).residualAdjoint(place === 'size' ? Math.abs(scale) : scale, a[place], x[place], withData ? y[place] : undefined, rho[place], out[place], ...change);
      }
      for (const [of, terms] of [[rho, size], [out, size + count], ...(withChange ? [[drho, size], [dout, size + count]] as const : [])] as const) expectClose(of.ours, of.exact, of.size, terms);
    };
    fc.assert(fc.property(side, side, scalar, fc.boolean(), fc.boolean(), seeds, check), { numRuns: runs(150), seed: 9 });
    for (const [count, size] of [[700, 500], [9, 70_000]] as const) check(count, size, -2, true, true, 1);
    const [a, x, rho] = [matrix(40, 30, false, 1).ours, matrix(30, 1, false, 2).ours, matrix(40, 1, false, 3).ours];
    for (const call of [
      () => { kernelsOf('ours').residualAdjoint(1, a, rho, undefined, rho, x); },
      () => { kernelsOf('ours').residualAdjoint(1, a, x, undefined, rho, x, x); },
    ]) expect(call).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
  });
});
