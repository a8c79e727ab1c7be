import { diagonal, frobeniusNorm, matrix, multiply, subtract, symmetricEigen, thinSvd, type Matrix } from '@lowland/linalg';
import { runs } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import { gaussian, largest, probe } from '../../test/support.ts';
import { symmetricFactorization } from './symmetric.ts';

/** The point at distance `radius` from U along a random direction, and its distance to the orbit of U. */
function near(u: Matrix, radius: number, index: number): Matrix {
  const direction = gaussian(u.data.length, 'direction', index);
  const size = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
  return matrix(u.rows, u.cols, u.data.map((value, k) => value + (radius * direction[k]!) / size));
}

/** min over orthogonal Psi of |X - U Psi|_F: with U^T X = A S B^T the minimiser is A B^T. */
function orbitDistance(x: Matrix, u: Matrix): number {
  const { u: a, v: b } = thinSvd(multiply(u, x, { transposeA: true }));
  return frobeniusNorm(subtract(x, multiply(u, multiply(a, b, { transposeB: true }))));
}

/** The least eigenvalue of the Hessian on the complement of the directions X Omega. */
function horizontalCurvature(hessian: Matrix, x: Matrix): number {
  const r = x.cols;
  const pairs: [number, number][] = [];
  for (let a = 0; a < r; a++) for (let b = a + 1; b < r; b++) pairs.push([a, b]);
  let lifted = hessian;
  const heavy = 1e3 * largest(hessian.data);
  for (const [a, b] of pairs) {
    const tangent = new Float64Array(x.data.length);
    for (let i = 0; i < x.rows; i++) {
      tangent[i * r + b] = x.data[i * r + a]!;
      tangent[i * r + a] = -x.data[i * r + b]!;
    }
    // r <= 2 here: one direction, so projecting it out is lifting it far above.
    const t = matrix(tangent.length, 1, tangent);
    const size = frobeniusNorm(t) ** 2;
    const projector = matrix(tangent.length, tangent.length, multiply(t, t, { transposeB: true }).data.map((value) => value / size));
    const hp = multiply(lifted, projector);
    const php = multiply(projector, hp);
    const data = lifted.data.map((value, k) => {
      const transposed = hp.data[(k % lifted.cols) * lifted.cols + Math.floor(k / lifted.cols)]!;
      return value - hp.data[k]! - transposed + php.data[k]! + heavy * projector.data[k]!;
    });
    lifted = matrix(lifted.rows, lifted.cols, data);
  }
  return symmetricEigen(lifted).values.at(-1)!;
}

const planted = (n: number, sigma: readonly number[]): { u: Matrix; target: { rows: number; cols: number; values: Float64Array } } => {
  const u = matrix(n, sigma.length);
  sigma.forEach((value, k) => (u.data[k * sigma.length + k] = value));
  return { u, target: { rows: n, cols: n, values: diagonal([...sigma.map((value) => value ** 2), ...new Array<number>(n - sigma.length).fill(0)]).data } };
};

describe('the regions of a symmetric factorization, golden item 7', () => {
  it.each([[[2, 1]], [[1.5, 1.2]], [[5, 1]]])('R2, sigma = %j: horizontal curvature of at least sigma_r^2 / 2 within sigma_r^2 / (8 sigma_1)', (sigma) => {
    const { u, target } = planted(4, sigma);
    const f = probe(symmetricFactorization({ target, rank: 2 }));
    const radius = sigma[1]! ** 2 / (8 * sigma[0]!);
    for (let trial = 0; trial < runs(200); trial++) {
      const x = near(u, radius * (0.2 + (0.8 * (trial % 5)) / 4), trial);
      expect(horizontalCurvature(f.hessian(x.data), x)).toBeGreaterThan(sigma[1]! ** 2 / 2);
    }
  });

  it.each([
    [2, [1]],
    [4, [2, 1]],
    [6, [3, 1.5, 1]],
  ])("R3', n = %d, sigma = %j: sampled gradients above 1/9 sigma_r^4 / sigma_1 (recalled), hence above the proved 0.022", (n, sigma) => {
    const { u, target } = planted(n, sigma);
    const f = probe(symmetricFactorization({ target, rank: sigma.length }));
    const [first, last] = [sigma[0]!, sigma.at(-1)!];
    let sampled = 0;
    for (let trial = 0; sampled < runs(1000); trial++) {
      const x = near(u, 0.1 * 1.5 ** (trial % 10), trial);
      const inside =
        thinSvd(x).s.at(-1)! > last / 2 &&
        orbitDistance(x, u) > last ** 2 / (8 * first) &&
        frobeniusNorm(multiply(x, x, { transposeB: true })) <= 4 * frobeniusNorm(multiply(u, u, { transposeB: true }));
      if (!inside) continue;
      sampled++;
      const gradient = Math.sqrt(f.gradient(x.data).reduce((sum, value) => sum + value * value, 0));
      expect(gradient).toBeGreaterThan(last ** 4 / (9 * first));
    }
  });

  it("has the infimum .1227 of the gradient on R3' at rank one, |u| = 1", () => {
    const f = probe(symmetricFactorization({ target: planted(2, [1]).target, rank: 1 }));
    let least = Infinity;
    for (let k = 0; k <= 2000; k++) {
      // On the sphere of radius 1/8 about u, where the infimum lies.
      const angle = (Math.PI * k) / 2000;
      const g = f.gradient(Float64Array.of(1 + Math.cos(angle) / 8, Math.sin(angle) / 8));
      least = Math.min(least, Math.hypot(g[0]!, g[1]!));
    }
    expect(least).toBeCloseTo(0.1227, 4);
    expect(least).toBeLessThan(1 / 8);
  });
});
