import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { PlainWorkspace } from './plain-workspace.ts';
import { secularRoot } from './secular.ts';

/** Poles and weights of one problem, and what its roots took. */
function roots(poles: readonly number[], weights: readonly number[], rho: number) {
  const w = new PlainWorkspace();
  const n = poles.length;
  const size = Math.sqrt(weights.reduce((sum, x) => sum + x * x, 0));
  const [d, z, out] = [w.take(n), w.take(n), w.take(6)];
  w.data.set(poles, d);
  w.data.set(weights.map((x) => x / size), z);
  let evaluations = 0;
  const { evaluate } = w.secular;
  const counted = Object.assign(Object.create(w) as PlainWorkspace, {
    secular: { ...w.secular, evaluate: (...args: Parameters<typeof evaluate>) => { evaluations++; evaluate(...args); } },
  });
  Object.defineProperty(counted, 'data', { get: () => w.data });
  const found = poles.map((_, j) => {
    secularRoot(counted, n, j, d, z, 1 / rho, out);
    return { origin: w.data[out]!, tau: w.data[out + 1]! };
  });
  return { found, z: Array.from(w.data.subarray(z, z + n)), evaluations };
}

const gap = fc.oneof(fc.double({ min: 1e-3, max: 1, noNaN: true }), fc.constantFrom(1e-14, 1e-10, 1e-6, 1, 1e3));
const weight = fc.oneof(fc.double({ min: 1e-3, max: 1, noNaN: true }), fc.constantFrom(1e-15, 1e-8, -1e-4, 1, -1));

describe('secularRoot', () => {
  it('finds each root between its poles, to the rounding of the function', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, weight), { minLength: 1, maxLength: 40 }), fc.constantFrom(1e-3, 0.5, 1, 2, 1e3), (pairs, rho) => {
        let pole = -3;
        // Poles as deflation leaves them: apart by more than rounding.
        const poles = pairs.map(([step]) => (pole += Math.max(step, 2 ** -50 * Math.abs(pole))));
        const { found, z } = roots(poles, pairs.map(([, x]) => x), rho);
        const n = poles.length;
        found.forEach(({ origin, tau }, j) => {
          const gaps = poles.map((p) => p - origin - tau);
          expect(gaps[j]).toBeLessThan(0);
          if (j + 1 < n) expect(gaps[j + 1]).toBeGreaterThan(0);
          else expect(origin - poles[j]! + tau).toBeLessThanOrEqual(rho * (1 + 1e-14));
          const terms = z.map((x, i) => (x * x) / gaps[i]!);
          const f = terms.reduce((sum, x) => sum + x, 1 / rho);
          const size = terms.reduce((sum, x) => sum + Math.abs(x), 1 / rho);
          expect(Math.abs(f)).toBeLessThanOrEqual((n + 16) * 2 ** -52 * size);
        });
      }),
      { numRuns: runs(1000), seed: 31 },
    );
  });

  it('takes about five evaluations for a root', () => {
    const n = 400;
    const poles = Array.from({ length: n }, (_, i) => i / n + 1e-3 * Math.sin(7 * i));
    const { evaluations } = roots(poles.sort((a, b) => a - b), poles.map((_, i) => 1 + Math.cos(3 * i)), 1);
    expect(evaluations / n).toBeLessThan(6);
  });
});
