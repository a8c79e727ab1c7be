import { analyse, createPoint, normals, type Objective, type Point, streamKey } from '@lowland/core';
import { cpu, matrix, type Matrix } from '@lowland/linalg';
import { betaFamily, generalizedEigenvalue, linearNetwork, matrixFactorization, monkeySaddle, ring, symmetricFactorization, twistedState } from '@lowland/objectives';
import { runs } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import { dense, eigenvaluesOff, type Span, spansOf } from '../../test/dense.ts';
import { classify } from './classify.ts';

const backend = cpu();
type Twice = Objective<'value' | 'gradient' | 'hessianVectorProduct'>;
const at = (objective: Twice, point: Point | Float64Array, options = {}) =>
  analyse(objective, classify(options), point instanceof Float64Array ? createPoint(objective.layout, point) : point, backend);

function normal(purpose: string, index: number, length: number): Float64Array {
  const out = new Float64Array(length);
  normals(streamKey(11, purpose, index), out);
  return out;
}

/** Q diag(values) Q^T with Q from Gram–Schmidt of normals. */
function withSpectrum(values: readonly number[], index: number): { rows: number; cols: number; values: Float64Array } {
  const n = values.length;
  const q = orthonormalRows(n, n, index);
  const out = new Float64Array(n * n);
  for (let k = 0; k < n; k++) for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i * n + j]! += values[k]! * q[k]![i]! * q[k]![j]!;
  return { rows: n, cols: n, values: out };
}

function rectangular(rows: number, cols: number, sigma: readonly number[], index: number): { rows: number; cols: number; values: Float64Array } {
  const u = orthonormalRows(sigma.length, rows, index);
  const v = orthonormalRows(sigma.length, cols, index + 1000);
  const out = new Float64Array(rows * cols);
  sigma.forEach((s, k) => {
    for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) out[i * cols + j]! += s * u[k]![i]! * v[k]![j]!;
  });
  return { rows, cols, values: out };
}

function orthonormalRows(count: number, length: number, index: number): Float64Array[] {
  const rows: Float64Array[] = [];
  for (let k = 0; k < count; k++) {
    const row = normal('rows', index * 50 + k, length);
    for (let pass = 0; pass < 2; pass++) {
      for (const other of rows) {
        let inner = 0;
        for (let i = 0; i < length; i++) inner += row[i]! * other[i]!;
        for (let i = 0; i < length; i++) row[i]! -= inner * other[i]!;
      }
    }
    const size = Math.hypot(...row);
    rows.push(row.map((value) => value / size));
  }
  return rows;
}

describe('symmetric factorization (golden 1 and 2)', () => {
  const eigenvalues = [5, 3, 2, 1, -0.5, -1.5];
  const objective = symmetricFactorization({ target: withSpectrum(eigenvalues, 1), rank: 3 });

  it('tells 15 orbits apart: one second-order point, 14 strict saddles of the known curvature', async () => {
    const positive = [5, 3, 2, 1];
    const subsets = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15].map((bits) => positive.filter((_, k) => (bits >> k) & 1)).filter((set) => set.length <= 3);
    expect(subsets).toHaveLength(15);
    const q = withBasis();
    for (const kept of subsets) {
      const x = new Float64Array(18);
      kept.forEach((value, column) => {
        const row = q[eigenvalues.indexOf(value)]!;
        for (let i = 0; i < 6; i++) x[i * 3 + column] = Math.sqrt(value) * row[i]!;
      });
      const missing = positive.filter((value) => !kept.includes(value));
      const smallest = kept.length < 3 ? -Math.max(...missing) : Math.min(...kept) - Math.max(...missing);
      const result = await at(objective, x);
      expect(result.kind).toBe(smallest < 0 ? 'strict-saddle' : 'second-order-point');
      const least = smallest < 0 ? smallest : 1;
      expect(result.curvature!.spectrum![0]).toBeCloseTo(least, 10);
      if (smallest < 0) {
        expect(result.escape!.curvature).toBeCloseTo(smallest, 10);
        expect(result.escape!.decrease).toBeGreaterThan(0);
      }
      const s = kept.length;
      expect(result.symmetry.dimension).toBe((s * (s - 1)) / 2 + s * (3 - s));
    }
  });

  function withBasis(): Float64Array[] {
    return orthonormalRows(6, 6, 1);
  }

  it('counts null directions beyond the orbit: none at exact rank, six with a column too many', async () => {
    const target = { rows: 6, cols: 6, values: Float64Array.from({ length: 36 }, (_, k) => (k % 7 === 0 ? ([5, 3, 2][k / 7] ?? 0) : 0)) };
    const exact = symmetricFactorization({ target, rank: 3 });
    const x = new Float64Array(18);
    [5, 3, 2].forEach((value, k) => (x[k * 3 + k] = Math.sqrt(value)));
    const minimum = await at(exact, x);
    expect(minimum.kind).toBe('second-order-point');
    expect(minimum.curvature!.nullity).toMatchObject({ status: 'clear', symmetry: 3, excess: 0 });
    expect([...minimum.curvature!.spectrum!].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([2, 2, 2, 3, 3, 3, 4, 5, 5, 5, 5, 6, 7, 8, 10]);

    const wide = symmetricFactorization({ target, rank: 4 });
    const padded = new Float64Array(24);
    [5, 3, 2].forEach((value, k) => (padded[k * 4 + k] = Math.sqrt(value)));
    const flat = await at(wide, padded);
    // Null dimension 9 = 6 of the orbit (3 rotations, 3 into the empty column) + (n - r)(p - r) = 3.
    expect(flat.curvature!.nullity).toMatchObject({ symmetry: 6, excess: 3 });
    expect(flat.kind).toBe('second-order-point');
  });
});

describe('asymmetric factorization', () => {
  it('has the null dimensions and extremes of golden 4', async () => {
    const target = rectangular(5, 4, [4, 2.5, 1.5], 2);
    for (const [balance, dimension, largest] of [[0, 9, 8], [0.125, 3, 8], [0.25, 3, 16]] as const) {
      const objective = matrixFactorization({ target, rank: 3, balance });
      const point = balancedMinimum(5, 4, [4, 2.5, 1.5], 2);
      const result = await at(objective, point);
      expect(result.kind).toBe('second-order-point');
      expect(result.symmetry.dimension).toBe(dimension);
      expect(result.curvature!.spectrum![0]).toBeCloseTo(1.5, 9);
      expect(result.curvature!.largest).toBeCloseTo(largest, 8);
    }
  });

  it('judges points scaled along the GL orbit by 1e±4 as their balanced representative', async () => {
    const sigma = [4, 2.5, 1.5];
    const objective = matrixFactorization({ target: rectangular(6, 5, sigma, 3), rank: 3, balance: 0 });
    const two = matrixFactorization({ target: rectangular(6, 5, sigma, 3), rank: 2, balance: 0 });
    for (const t of [1e-4, 1e-2, 1, 1e2, 1e4]) {
      const minimum = scaled(balancedMinimum(6, 5, sigma, 3), 18, t);
      expect((await at(objective, minimum)).kind).toBe('second-order-point');
      // Keeps 4 and 1.5 where 2.5 is larger: curvature 1.5 - 2.5 at the balanced point.
      const saddle = scaled(balancedMinimum(6, 5, sigma, 3, [0, 2]), 12, t);
      const result = await at(two, saddle);
      expect(result.kind).toBe('strict-saddle');
      expect(result.escape!.curvature).toBeCloseTo(-1, 6);
      expect(result.symmetry.balanced).toBe(true);
      // The step belongs to the direction at the point as it was given.
      const { direction, step, decrease } = result.escape!;
      using d = dense(two);
      const fall = d.value(saddle) - d.value(saddle.map((value, i) => value + step * direction.data[i]!));
      expect(Math.abs(fall / decrease - 1)).toBeLessThan(1e-6);
    }
  });

  it('judges layers and bases far out on their orbits as their balanced points', async () => {
    const network = linearNetwork({ data: { rows: 2, cols: 2, values: Float64Array.of(3, 0, 0, 2) }, depth: 3, width: 2 }) as Twice;
    const roots = [Math.cbrt(3), Math.cbrt(2)];
    for (const t of [1, 1e-4, 1e4]) {
      // (G W, W G^-1, W) with G = t (1, 1; 0, 1)
      const far = [t * roots[0]!, t * roots[1]!, 0, t * roots[1]!, roots[0]! / t, -roots[0]! / t, 0, roots[1]! / t, roots[0]!, 0, 0, roots[1]!];
      const result = await at(network, Float64Array.from(far));
      expect(result).toMatchObject({ kind: 'second-order-point', symmetry: { balanced: true, dimension: 8 }, curvature: { nullity: { excess: 0 } } });
      // a^4 + a^2 b^2 + b^4 of pairs of roots, the least of the lower one with itself
      expect(result.curvature!.spectrum![0]).toBeCloseTo(3 * roots[1]! ** 4, 8);
    }
    const eigen = generalizedEigenvalue({ data: withSpectrum([5, 3, 2, 1], 5), rank: 2 }) as Twice;
    const q = orthonormalRows(4, 4, 5);
    for (const t of [1, 1e-4, 1e4]) {
      const basis = (first: number, second: number): Float64Array => Float64Array.from({ length: 8 }, (_, k) => (k % 2 === 0 ? t * q[first]![k >> 1]! : q[second]![k >> 1]! + t * q[first]![k >> 1]!));
      const least = await at(eigen, basis(0, 1));
      expect(least).toMatchObject({ kind: 'second-order-point', symmetry: { balanced: true, dimension: 4 } });
      expect(least.curvature!.spectrum![0]).toBeCloseTo(1, 7);
      const saddle = await at(eigen, basis(0, 2));
      expect(saddle.kind).toBe('strict-saddle');
      expect(saddle.escape!.curvature).toBeCloseTo(-1, 7);
    }
  });

  it('takes no rounding of a product that vanishes for its factors', async () => {
    const u = normal('vanishing', 0, 4);
    const v = normal('vanishing', 1, 4);
    const objective = matrixFactorization({ target: { rows: 4, cols: 4, values: new Float64Array(16) }, rank: 2, balance: 0 });
    // (u, 3 u)(3 v, -v)^T is 0 up to rounding
    const x = Float64Array.from([...[...u].flatMap((entry) => [entry, 3 * entry]), ...[...v].flatMap((entry) => [3 * (entry / 7), -entry / 7])]);
    expect((await at(objective, x)).symmetry.balanced).toBe(false);
  });

  it('finds the curvature of unbalanced saddles without a balanced representative (golden 6)', async () => {
    // M = 2 e1 f1^T; U = 0, V = t f2: lambda_min = (t^2 - sqrt(t^4 + 16)) / 2.
    const target = { rows: 2, cols: 2, values: Float64Array.of(2, 0, 0, 0) };
    const objective = matrixFactorization({ target, rank: 1, balance: 0 });
    for (const [t, expected] of [[0, -2], [1, -1.561553], [5, -0.158989], [20, -0.00999975]] as const) {
      const result = await at(objective, Float64Array.of(0, 0, 0, t));
      expect(result.kind).toBe('strict-saddle');
      expect(result.escape!.curvature).toBeCloseTo(expected, 6);
    }
  });

  it('does not take the residual of a nearly converged point for such a saddle', async () => {
    // M = e1 e1^T, (1 + d) M in the first of two columns: no negative curvature but sqrt(rho |gradient|) = 3e-3.
    const target = { rows: 3, cols: 3, values: Float64Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0) };
    const objective = matrixFactorization({ target, rank: 2, balance: 0 });
    const root = Math.sqrt(1 + 2e-6);
    const result = await at(objective, Float64Array.of(root, 0, 0, 0, 0, 0, root, 0, 0, 0, 0, 0));
    expect(result.kind).toBe('second-order-point');
    expect(result.curvature!.spectrum![0]).toBeGreaterThan(-result.curvature!.threshold / 2);
    expect(result.escape).toBeNull();
  });

  it('leaves directions of the group out of such saddles where columns nearly vanish', async () => {
    // The curvature -1 is along (e2, e2) in the second columns, which at (d e2, -d e2) is a direction of the group.
    const objective = matrixFactorization({ target: { rows: 2, cols: 2, values: Float64Array.of(2, 0, 0, 1) }, rank: 2, balance: 0 });
    const [root, d] = [Math.SQRT2, 1e-6];
    const along = await at(objective, Float64Array.of(root, 0, 0, d, root, 0, 0, -d));
    expect(along.curvature!.spectrum![0]).toBeGreaterThan(-along.curvature!.threshold);
    expect(along.kind).toBe('second-order-point');
    const exact = await at(objective, Float64Array.of(root, 0, 0, 0, root, 0, 0, 0));
    expect(exact.kind).toBe('strict-saddle');
    expect(exact.escape!.curvature).toBeCloseTo(-1, 9);
  });

  function balancedMinimum(rows: number, cols: number, sigma: readonly number[], index: number, kept = sigma.map((_, k) => k)): Float64Array {
    const u = orthonormalRows(sigma.length, rows, index);
    const v = orthonormalRows(sigma.length, cols, index + 1000);
    const r = kept.length;
    const out = new Float64Array((rows + cols) * r);
    kept.forEach((k, column) => {
      const root = Math.sqrt(sigma[k]!);
      for (let i = 0; i < rows; i++) out[i * r + column] = root * u[k]![i]!;
      for (let j = 0; j < cols; j++) out[(rows + j) * r + column] = root * v[k]![j]!;
    });
    return out;
  }

  function scaled(x: Float64Array, leftLength: number, t: number): Float64Array {
    return x.map((value, k) => (k < leftLength ? value * t : value / t));
  }
});

describe('larger problems', () => {
  const sigma = [10, 9, 8, 7, 6, 5, 4, 3];
  const planted = (rows: number, cols: number, columns: readonly number[]) => {
    const u = orthonormalRows(sigma.length, rows, 9);
    const v = orthonormalRows(sigma.length, cols, 1009);
    const r = sigma.length;
    const x = new Float64Array((rows + cols) * r);
    columns.forEach((k) => {
      for (let i = 0; i < rows; i++) x[i * r + k] = Math.sqrt(sigma[k]!) * u[k]![i]!;
      for (let j = 0; j < cols; j++) x[(rows + j) * r + k] = Math.sqrt(sigma[k]!) * v[k]![j]!;
    });
    return { objective: matrixFactorization({ target: rectangular(rows, cols, sigma, 9), rank: r }), x };
  };

  it('proves a minimum by inertia, and counts negative curvature exactly', async () => {
    const minimum = planted(30, 20, [0, 1, 2, 3, 4, 5, 6, 7]);
    const good = await at(minimum.objective, minimum.x);
    expect(good).toMatchObject({ kind: 'second-order-point', curvature: { method: 'inertia', morseIndex: 0, failureProbability: 0 } });
    expect(good.curvature!.smallest.lower).toBeGreaterThan(2.999);
    expect(good.curvature!.smallest.upper).toBeCloseTo(3, 6);
    // Without sigma = 9 and 4 there are two empty columns: each missing sigma is negative in both.
    const saddle = planted(30, 20, [0, 2, 3, 4, 5, 7]);
    const bad = await at(saddle.objective, saddle.x);
    expect(bad).toMatchObject({ kind: 'strict-saddle', curvature: { morseIndex: 4 + 6 } });
    expect(bad.escape!.curvature).toBeCloseTo(-9, 6);
  });

  it('proves a minimum by randomised Lanczos where the Hessian is too large to form', async () => {
    const minimum = planted(130, 80, [0, 1, 2, 3, 4, 5, 6, 7]);
    const good = await at(minimum.objective, minimum.x);
    expect(good).toMatchObject({ kind: 'second-order-point', curvature: { method: 'randomised-lanczos', morseIndex: null } });
    expect(good.curvature!.smallest.upper).toBeGreaterThanOrEqual(3 - 1e-9);
    const few = await at(minimum.objective, minimum.x, { lanczosSteps: 5 });
    expect(few.kind).toBe('first-order-point');
    expect(few.reason).toContain('least Hessian eigenvalue');
    const unaffordable = await at(minimum.objective, minimum.x, { orbitWork: 1e5 });
    expect(unaffordable).toMatchObject({ kind: 'first-order-point', curvature: null, escape: null });
    expect(unaffordable.reason).toContain('28 symmetry directions of 1680 variables');
    const saddle = planted(130, 80, [0, 1, 3, 4, 5, 6, 7]);
    const bad = await at(saddle.objective, saddle.x);
    expect(bad.kind).toBe('strict-saddle');
    expect(bad.escape!.curvature).toBeCloseTo(-8, 6);
  });
});

it('measures gradients by the Hessian where the objective states no scale', async () => {
  const { scale: _, ...routes } = symmetricFactorization({ target: withSpectrum([5, 3, 2], 4), rank: 2 }).routes;
  const unscaled = { ...symmetricFactorization({ target: withSpectrum([5, 3, 2], 4), rank: 2 }), routes } as Twice;
  const q = orthonormalRows(3, 3, 4);
  const minimum = Float64Array.from({ length: 6 }, (_value, k) => Math.sqrt([5, 3][k % 2]!) * q[k % 2]![k >> 1]!);
  const stationary = await at(unscaled, minimum);
  expect(stationary.kind).toBe('second-order-point');
  // |Hess| = 2 * 5 and |x| = sqrt(8).
  expect(stationary.gradient.scale).toBeCloseTo(10 * Math.sqrt(8), 6);
  expect((await at(unscaled, minimum.map((x) => 1.01 * x))).kind).toBe('not-stationary');
});

// A limit of zero is met by zero curvature, which goes down nowhere.
it('points whose Hessian vanishes are no strict saddles', async () => {
  const network = linearNetwork({ data: { rows: 2, cols: 2, values: Float64Array.of(2, 0, 0, 1) }, depth: 3, width: 2 });
  for (const objective of [monkeySaddle(), network] as Twice[]) {
    for (const options of [{}, { spectrumVariables: 0 }, { denseVariables: 0 }]) {
      const { kind, curvature, escape } = await at(objective, createPoint(objective.layout), options);
      expect([kind, escape]).toEqual(['second-order-point', null]);
      expect(curvature).toMatchObject({ smallest: { lower: 0, upper: 0 }, largest: 0, threshold: 0 });
      if (options.denseVariables !== 0) expect(curvature!.morseIndex).toBe(0);
    }
  }
});

describe('spurious points', () => {
  it('beta family: a second-order point with one excess null direction at delta = 1/2, none above', async () => {
    const point = Float64Array.of(0, Math.SQRT1_2);
    const half = await at(betaFamily(1), point);
    expect(half.kind).toBe('second-order-point');
    expect(half.curvature!.nullity).toMatchObject({ status: 'clear', symmetry: 0, excess: 1 });
    expect(Math.abs(half.curvature!.nullity!.directions[0]!.data[0]!)).toBeCloseTo(1, 12);
    const spurious = await at(betaFamily(1.2), point);
    expect(spurious.kind).toBe('second-order-point');
    expect(spurious.curvature!.nullity).toMatchObject({ excess: 0 });
    expect([...spurious.curvature!.spectrum!]).toEqual([expect.closeTo(1.32, 10), expect.closeTo(4, 10)]);
    const padded = await at(betaFamily(1.2, 2), Float64Array.of(0, 0, Math.SQRT1_2, 0));
    expect(padded.kind).toBe('strict-saddle');
    expect(padded.escape!.curvature).toBeCloseTo(-3, 10);
  });

  it('ring: the twisted state is a second-order point, and a strict saddle with a column more', async () => {
    for (const [n, padded] of [[5, -2.763932], [6, -2], [8, -1.171573]] as const) {
      const state = await at(ring(n, 4), twistedState(n, 4));
      expect(state.kind).toBe('second-order-point');
      const wide = await at(ring(n, 4, 3), twistedState(n, 4, 3));
      expect(wide.kind).toBe('strict-saddle');
      expect(wide.escape!.curvature).toBeCloseTo(padded, 6);
    }
  });
});

// All objectives: verdicts.property.test.ts. Here the Hessian, too, is made without the package.
describe('a verdict is never false (rigour.md B1)', () => {
  it('near stationary points, by steps of 1e-12 to 1', async () => {
    const eigenvalues = [4, 2.5, 1.5, 0.5, -1];
    const kinds = new Map<string, number>();
    for (let trial = 0; trial < runs(2000); trial++) {
      const r = 1 + (trial % 4);
      const target = withSpectrum(eigenvalues, 7 + trial);
      const objective = symmetricFactorization({ target, rank: r });
      const q = orthonormalRows(5, 5, 7 + trial);
      // Every third point starts at a global minimum.
      const kept = trial % 3 === 0 ? [0, 1, 2, 3].slice(0, r) : [0, 1, 2, 3].filter((k) => (trial >> k) & 1).slice(0, r);
      const step = 10 ** (-12 * ((trial % 25) / 24));
      const noise = normal('noise', trial, 5 * r);
      const x = new Float64Array(5 * r);
      kept.forEach((k, column) => {
        for (let i = 0; i < 5; i++) x[i * r + column] = Math.sqrt(eigenvalues[k]!) * q[k]![i]!;
      });
      for (let i = 0; i < x.length; i++) x[i]! += step * noise[i]!;
      const result = await at(objective, x);
      kinds.set(result.kind, (kinds.get(result.kind) ?? 0) + 1);
      if (result.curvature === null) {
        expect(result.gradient.norm).toBeGreaterThan(result.gradient.tolerance * result.gradient.scale);
        continue;
      }
      const { threshold } = result.curvature;
      const [{ basis }] = spansOf(rotations(x, 5, r), [1e-8]) as [Span];
      const truth = eigenvaluesOff(basis, kroneckerHessian(target.values, x, 5, r))[0]!;
      if (result.kind === 'strict-saddle') {
        expect(truth).toBeLessThan(-threshold / 2);
        expect(result.gradient.relative).toBeLessThanOrEqual(2e-6);
      }
      if (result.kind === 'second-order-point') expect(truth).toBeGreaterThanOrEqual(-2 * threshold);
    }
    for (const kind of ['strict-saddle', 'second-order-point', 'not-stationary']) expect(kinds.get(kind) ?? 0).toBeGreaterThan(10);
  });

  /** I (x) (X X^T - M) + (X^T X) (x) I + (X^T (x) X) K (founding papers, 3.1), rows of X one after the other. */
  function kroneckerHessian(m: Float64Array, x: Float64Array, n: number, r: number): Matrix {
    const h = matrix(n * r, n * r);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let residual = -m[i * n + j]!;
        for (let k = 0; k < r; k++) residual += x[i * r + k]! * x[j * r + k]!;
        for (let a = 0; a < r; a++)
          for (let b = 0; b < r; b++) {
            let value = a === b ? residual : 0;
            if (i === j) for (let l = 0; l < n; l++) value += x[l * r + a]! * x[l * r + b]!;
            h.data[(i * r + a) * n * r + j * r + b] = value + x[i * r + b]! * x[j * r + a]!;
          }
      }
    return h;
  }

  /** X (e_a e_b^T - e_b e_a^T) as columns. */
  function rotations(x: Float64Array, n: number, r: number): Matrix {
    const out = matrix(n * r, (r * (r - 1)) / 2);
    let k = 0;
    for (let a = 0; a < r; a++)
      for (let b = a + 1; b < r; b++, k++)
        for (let i = 0; i < n; i++) {
          out.data[(i * r + b) * out.cols + k] = x[i * r + a]!;
          out.data[(i * r + a) * out.cols + k] = -x[i * r + b]!;
        }
    return out;
  }
});
