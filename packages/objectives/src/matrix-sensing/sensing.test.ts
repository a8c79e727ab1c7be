import { errorCode, normals, streamKey, type Measurements } from '@lowland/core';
import { diagonal, matrix, multiply, multiplyVector, subtract, symmetricEigen, thinSvd, type Matrix } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, inner, largest, probe, symmetricGaussian } from '../../test/support.ts';
import { drawnMatrices } from './gaussian.ts';
import { betaFamily, ring, twistedState } from './instances.ts';
import { matrixSensing, symmetricSensing } from './sensing.ts';

const outer = (a: Matrix, b: Matrix): Matrix => multiply(a, b, { transposeB: true });

describe('the master identity, golden item 10', () => {
  const [n, r, m] = [5, 2, 12];
  const ensemble = drawnMatrices('gaussian', 3, m, n, n);
  const measure = (x: Matrix): Float64Array => {
    const out = new Float64Array(m);
    multiplyVector(matrix(m, n * n, ensemble), x.data, out);
    return out;
  };

  it.each([0, 0.7])('holds at every point, noise %d', (noise) => {
    const planted = matrix(n, r, gaussian(n * r, 'planted'));
    const w = gaussian(m, 'noise').map((value) => noise * value);
    const values = measure(outer(planted, planted)).map((value, k) => value + w[k]!);
    const f = probe(symmetricSensing({ measurements: { rows: n, cols: n, values, ensemble: { kind: 'seeded', name: 'gaussian', seed: 3, version: 1 } }, rank: r }));
    for (let trial = 0; trial < 10; trial++) {
      const u = matrix(n, r, gaussian(n * r, 'point', trial));
      const { u: a, v: b } = thinSvd(multiply(planted, u, { transposeA: true }));
      const z = multiply(planted, outer(a, b));
      const delta = subtract(u, z);
      const e = measure(subtract(outer(u, u), outer(z, z)));
      const dd = measure(outer(delta, delta));
      // This objective is half of |a(U U^T) - y|^2, whose identity it is.
      const left = 2 * inner(delta.data, f.curve(u.data, delta.data));
      const terms = [2 * inner(dd, dd), -6 * inner(e, e), 8 * inner(w, e), 4 * inner(w, dd), 8 * inner(f.gradient(u.data), delta.data)];
      const right = terms.reduce((sum, term) => sum + term, 0);
      const size = terms.reduce((sum, term) => sum + Math.abs(term), 0);
      expect(Math.abs(left - right)).toBeLessThan(1e-12 * size);
    }
  });
});

describe('the beta family, golden item 11', () => {
  it.each([1, 1.2, 1.5, 2])('beta = %d: f = 3/4, gradient 0, Hessian diag(3 beta^2 - 3, 4) at (0, 1/sqrt 2)', (beta) => {
    const f = probe(betaFamily(beta));
    const x = Float64Array.of(0, Math.SQRT1_2);
    expect(f.value(x)).toBeCloseTo(0.75, 14);
    expect(largest(f.gradient(x))).toBeLessThan(1e-15);
    const h = f.hessian(x).data;
    expect(largest(h.map((value, k) => value - [3 * beta ** 2 - 3, 0, 0, 4][k]!))).toBeLessThan(1e-13);
    expect(f.value(Float64Array.of(1, 0))).toBeCloseTo(0, 15);
    expect(f.value(Float64Array.of(0, 0))).toBeCloseTo(1, 14);
  });

  it.each([1.2, 1.5, 2])('beta = %d, padded to two columns: least curvature -3', (beta) => {
    const f = probe(betaFamily(beta, 2));
    const x = Float64Array.of(0, 0, Math.SQRT1_2, 0);
    expect(largest(f.gradient(x))).toBeLessThan(1e-15);
    expect(f.spectrum(x)[0]).toBeCloseTo(-3, 13);
  });

  it('is the polynomial (x1^2-1)^2 + (x1^2-1) x2^2 + x2^4 + 3 beta^2 x1^2 x2^2', () => {
    const f = probe(betaFamily(1.3));
    const [a, b] = [0.7, -1.1];
    const expected = (a * a - 1) ** 2 + (a * a - 1) * b * b + b ** 4 + 3 * 1.69 * a * a * b * b;
    expect(f.value(Float64Array.of(a, b))).toBeCloseTo(expected, 13);
  });

  it.each([
    [1, 0.5],
    [1.2, 0.6241],
    [1.5, 0.7419],
  ])('beta = %d: the RIP constant over all symmetric matrices is (1.5 beta^2 - .5)/(1.5 beta^2 + .5) = %d', (beta, delta) => {
    const f = probe(betaFamily(beta));
    /** G at x x^T, affine in it. */
    const gradientAt = (x: readonly number[]): Float64Array => {
      const out = new Float64Array(4);
      f.problem.lift!.at({ layout: f.problem.layout, data: Float64Array.from(x) }).gram!(out);
      return out;
    };
    const zero = gradientAt([0, 0]);
    const image = (x: readonly number[]): Float64Array => gradientAt(x).map((value, k) => value - zero[k]!);
    const [first, second, both] = [image([1, 0]), image([0, 1]), image([1, 1])];
    const mixed = both.map((value, k) => (value - first[k]! - second[k]!) * Math.SQRT1_2);
    // a*a in the orthonormal basis e1 e1^T, e2 e2^T, (e1 e2^T + e2 e1^T) / sqrt 2
    const columns = [first, second, mixed].map((g) => [g[0]!, g[3]!, Math.SQRT1_2 * (g[1]! + g[2]!)]);
    const { values } = symmetricEigen(matrix(3, 3, Float64Array.from(columns.flat())));
    const found = (values[0]! - values[2]!) / (values[0]! + values[2]!);
    expect(found).toBeCloseTo((1.5 * beta ** 2 - 0.5) / (1.5 * beta ** 2 + 0.5), 13);
    expect(Math.abs(found - delta)).toBeLessThan(5e-5);
  });

  it('knows how far a point is from the planted e1 e1^T', () => {
    const { problem } = probe(betaFamily(2));
    expect(problem.truth!.distance!({ layout: problem.layout, data: Float64Array.of(0, Math.SQRT1_2) })).toBeCloseTo(Math.sqrt(1.25), 14);
  });
});

describe('the ring, golden item 12', () => {
  it.each([
    [5, -3.328899, -12.5, 0.17074, -2.763932],
    [6, -6.75, -15, 0.5597, -2],
    [8, -13.313708, -20, 0.6453, -1.171573],
  ])('n = %d, gamma = 4: twisted value %d against %d', (n, value, best, gap, padded) => {
    const f = probe(ring(n, 4));
    const x = twistedState(n, 4);
    expect(largest(f.gradient(x))).toBeLessThan(1e-14);
    expect(Math.abs(f.value(x) - value)).toBeLessThan(5e-7);
    const aligned = new Float64Array(2 * n).map((_, k) => (k % 2 === 0 ? Math.sqrt(1.5) : 0));
    expect(f.value(aligned)).toBeCloseTo(best, 12);
    const spectrum = f.spectrum(x);
    expect(Math.abs(spectrum[0]!)).toBeLessThan(1e-13);
    expect(Math.abs(spectrum[1]! - gap)).toBeLessThan(5e-5);
    const wide = probe(ring(n, 4, 3));
    expect(Math.abs(wide.spectrum(twistedState(n, 4, 3))[0]! - padded)).toBeLessThan(5e-7);
  });
});

describe('one map, held in three ways', () => {
  const [rows, cols, m] = [4, 3, 6];
  const matrices = drawnMatrices('gaussian', 11, m, rows, cols);
  const values = gaussian(m, 'values');
  const seeded: Measurements = { rows, cols, values, ensemble: { kind: 'seeded', name: 'gaussian', seed: 11, version: 1 } };
  const dense: Measurements = { rows, cols, values, ensemble: { kind: 'dense', matrices } };
  const each = Int32Array.from({ length: matrices.length }, (_, k) => k);
  const size = rows * cols;
  const sparse: Measurements = {
    rows,
    cols,
    values,
    ensemble: {
      kind: 'sparse',
      // Each entry in two halves: entries of one cell add up.
      measurement: Int32Array.of(...each.map((k) => Math.floor(k / size)), ...each.map((k) => Math.floor(k / size))),
      row: Int32Array.of(...each.map((k) => Math.floor((k % size) / cols)), ...each.map((k) => Math.floor((k % size) / cols))),
      col: Int32Array.of(...each.map((k) => k % cols), ...each.map((k) => k % cols)),
      value: Float64Array.of(...matrices.map((v) => v / 2), ...matrices.map((v) => v / 2)),
    },
  };
  const options = { rank: 2, lambda: 0.3, normalisation: 'mean' } as const;
  const [a, b, c] = [seeded, dense, sparse].map((measurements) => probe(matrixSensing({ measurements, ...options })));
  const x = gaussian(14, 'point');
  const v = gaussian(14, 'direction');

  it('has the same oracles, block solves and lifts', () => {
    for (const other of [b!, c!]) {
      expect(other.value(x)).toBeCloseTo(a!.value(x), 12);
      expect(largest(other.gradient(x).map((value, k) => value - a!.gradient(x)[k]!))).toBeLessThan(1e-12);
      expect(largest(other.curve(x, v).map((value, k) => value - a!.curve(x, v)[k]!))).toBeLessThan(1e-12);
      for (const block of ['U', 'V']) {
        const solved = [a!, other].map((f) => {
          const out = f.vector(x);
          f.problem.blockSolve!(out, block, out);
          return f.read(out);
        });
        expect(largest(solved[0]!.map((value, k) => value - solved[1]![k]!))).toBeLessThan(1e-11);
      }
      const lifts = [a!, other].map((f) => f.problem.lift!.at({ layout: f.problem.layout, data: x }));
      const grams = lifts.map((lifted) => {
        const out = new Float64Array(9);
        lifted.gram!(out);
        return out;
      });
      expect(largest(grams[0]!.map((value, k) => value - grams[1]![k]!))).toBeLessThan(1e-12);
    }
  });

  it('bounds the squared norm of the map from above', () => {
    const exact = thinSvd(matrix(m, size, matrices)).s[0]! ** 2 / m;
    for (const f of [a!, b!, c!]) {
      expect(f.problem.lift!.smoothness).toBeGreaterThanOrEqual(exact);
      expect(f.problem.lift!.smoothness).toBeLessThan(1.2 * exact);
    }
  });
});

it('has the scale of factorization on average: E |a(X)|^2 / m = |X|_F^2 for symmetrised Gaussians', () => {
  const [n, m] = [4, 4000];
  const x = matrix(n, n, symmetricGaussian(n, 'mean'));
  const ensemble = drawnMatrices('gaussian', 5, m, n, n);
  const out = new Float64Array(m);
  multiplyVector(matrix(m, n * n, ensemble), x.data, out);
  // The mean of m squares of N(0, |X|^2): standard error sqrt(2/m) = 2.2%; the band is 5 of them.
  expect(Math.abs(inner(out, out) / m / inner(x.data, x.data) - 1)).toBeLessThan(5 * Math.sqrt(2 / m));
});

describe('psd lifts', () => {
  it('give G = c a*(rho) + C itself, and the value of the factored problem', () => {
    const n = 4;
    const m = 5;
    const linear = gaussian(n * n, 'linear');
    const objective = symmetricSensing({
      measurements: { rows: n, cols: n, values: gaussian(m, 'values'), ensemble: { kind: 'seeded', name: 'gaussian', seed: 2, version: 1 }, linear },
      rank: 2,
      lambda: 0.4,
      normalisation: 'mean',
    });
    const f = probe(objective);
    const x = gaussian(n * 2, 'point');
    const lifted = f.problem.lift!.at({ layout: objective.layout, data: x });
    expect(lifted.value).toBeCloseTo(f.value(x), 12);
    const g = new Float64Array(n * n);
    lifted.gram!(g);
    // grad f = 2 (G + lambda I) X
    const expected = multiply(matrix(n, n, g.map((value, k) => 2 * (value + (k % (n + 1) === 0 ? 0.4 : 0)))), matrix(n, 2, x)).data;
    expect(largest(f.gradient(x).map((value, k) => value - expected[k]!))).toBeLessThan(1e-12);
    expect(f.problem.lift!.penalty).toBe(0.4);
    expect(f.problem.lift!.hasLinearTerm).toBe(true);
    expect(f.problem.lift!.lowerBound).toBe(-Infinity);
  });

  it('certify the beta family: S >= 0 at the planted point, lambda_min(S) = -3/2 at the spurious one', () => {
    const f = probe(betaFamily(2));
    const least = (x: Float64Array): number => {
      const g = new Float64Array(4);
      f.problem.lift!.at({ layout: f.problem.layout, data: x }).gram!(g);
      return symmetricEigen(matrix(2, 2, g)).values.at(-1)!;
    };
    expect(least(Float64Array.of(1, 0))).toBeCloseTo(0, 14);
    // Twice the -3/4 of the scale |a(.)|^2 without the factor 1/2, where grad f = 4 S X.
    expect(least(Float64Array.of(0, Math.SQRT1_2))).toBeCloseTo(-1.5, 13);
  });
});

describe('rank-one ensembles', () => {
  const [n, count, seed] = [4, 9, 13];
  const values = gaussian(count, 'values');
  const of = (ensemble: Measurements['ensemble']) => symmetricSensing({ measurements: { rows: n, cols: n, values, ensemble }, rank: 2 });
  const vectors = (width: number) => Array.from({ length: count }, (_, k) => {
    const out = new Float64Array(width);
    normals(streamKey(seed, 'ensemble', k), out);
    return out;
  });
  const flat = (parts: readonly Float64Array[]) => Float64Array.from(parts.flatMap((part) => [...part]));
  const given = {
    'rank-one': { kind: 'rank-one', left: flat(vectors(2 * n).map((both) => both.subarray(0, n))), right: flat(vectors(2 * n).map((both) => both.subarray(n))) },
    'rank-one-symmetric': { kind: 'rank-one', left: flat(vectors(n)) },
  } as const;

  it.each(['rank-one', 'rank-one-symmetric'] as const)('%s from a seed is that of the vectors of its streams', (name) => {
    const [seeded, explicit] = [of({ kind: 'seeded', name, seed, version: 1 }), of(given[name])];
    const x = gaussian(2 * n, 'x');
    expect(probe(seeded).gradient(x)).toEqual(probe(explicit).gradient(x));
    expect(seeded.data).not.toBe(explicit.data);
  });

  it('have fingerprints of their own', () => {
    const other = { ...given['rank-one'], right: given['rank-one'].left };
    expect(new Set([of(given['rank-one']), of(given['rank-one-symmetric']), of(other)].map(({ data }) => data)).size).toBe(3);
  });

  it('measure a Gaussian matrix with mean square |X|_F^2', () => {
    const rows = 5000;
    const truth = gaussian(n * n, 'truth');
    const left = gaussian(rows * n, 'left');
    const right = gaussian(rows * n, 'right');
    const f = probe(matrixSensing({ measurements: { rows: n, cols: n, values: new Float64Array(rows), ensemble: { kind: 'rank-one', left, right } }, rank: n, normalisation: 'mean' }));
    const identity = Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
    // f = 1/(2m) sum <A_k, X>^2, and E <a b^T, X>^4 <= 9 |X|_F^4: a band of five standard errors.
    expect(Math.abs((2 * f.value(Float64Array.of(...truth, ...identity))) / inner(truth, truth) - 1)).toBeLessThan(5 * Math.sqrt(8 / rows));
  });
});

describe('real phase retrieval, founding papers 6', () => {
  const [n, m] = [3, 20_000];
  const u = Float64Array.of(0.6, 0, 0.8);
  const left = gaussian(m * n, 'vectors');
  const squares = (x: Float64Array): Float64Array => Float64Array.from({ length: m }, (_, k) => inner(left.subarray(k * n, (k + 1) * n), x) ** 2);
  const values = squares(u);
  const f = probe(symmetricSensing({ measurements: { rows: n, cols: n, values, ensemble: { kind: 'rank-one', left } }, rank: 1, normalisation: 'mean' }));
  const points = [[0, 0, 0], [0.5, -0.3, 0.2], [0, 1 / Math.sqrt(3), 0], [-1, 0.4, 1.1]].map((x) => Float64Array.from(x));

  it('has the value 1/2 (3|x|^4 + 3 - 2|x|^2 - 4 (u^T x)^2) on average', () => {
    for (const x of points) {
      const terms = squares(x).map((value, k) => (value - values[k]!) ** 2 / 2);
      const mean = terms.reduce((sum, term) => sum + term, 0) / m;
      const error = Math.sqrt(terms.reduce((sum, term) => sum + (term - mean) ** 2, 0)) / m;
      expect(f.value(x)).toBeCloseTo(mean, 10);
      const norm = inner(x, x);
      expect(Math.abs(f.value(x) - (3 * norm ** 2 + 3 - 2 * norm - 4 * inner(u, x) ** 2) / 2)).toBeLessThan(6 * error);
    }
  });

  it('has its minima at +-u, and the gradient 6|x|^2 x - 2x - 4 (u^T x) u on average', () => {
    for (const sign of [1, -1]) {
      const x = u.map((value) => sign * value);
      expect([f.value(x), largest(f.gradient(x))]).toEqual([0, 0]);
    }
    for (const x of points) {
      const [images, norm, along] = [squares(x), inner(x, x), inner(u, x)];
      const gradient = f.gradient(x);
      for (let i = 0; i < n; i++) {
        const terms = images.map((value, k) => 2 * (value - values[k]!) * inner(left.subarray(k * n, (k + 1) * n), x) * left[k * n + i]!);
        const mean = terms.reduce((sum, term) => sum + term, 0) / m;
        const error = Math.sqrt(terms.reduce((sum, term) => sum + (term - mean) ** 2, 0)) / m;
        expect(Math.abs(gradient[i]! - (6 * norm * x[i]! - 2 * x[i]! - 4 * along * u[i]!))).toBeLessThanOrEqual(6 * error + 1e-12);
      }
    }
  });
});

describe('block solves', () => {
  it('take the least-norm solution where there are fewer measurements than unknowns', () => {
    const measurements: Measurements = { rows: 6, cols: 5, values: gaussian(4, 'few'), ensemble: { kind: 'seeded', name: 'gaussian', seed: 9, version: 1 } };
    const f = probe(matrixSensing({ measurements, rank: 2 }));
    const x = f.vector(gaussian(22, 'start'));
    f.problem.blockSolve!(x, 'U', x);
    expect(f.value(f.read(x))).toBeLessThan(1e-24);
    const zero = f.vector(new Float64Array(22));
    f.problem.blockSolve!(zero, 'V', zero);
    expect(largest(f.read(zero))).toBe(0);
  });
});

describe('refusals', () => {
  const good: Measurements = { rows: 2, cols: 2, values: Float64Array.of(1), ensemble: { kind: 'dense', matrices: diagonal([1, 1]).data } };
  const code = (run: () => unknown): string | undefined => {
    try {
      run();
    } catch (error) {
      return errorCode(error);
    }
    return undefined;
  };

  it.each<[string, Partial<Measurements>, string]>([
    ['no measurement', { values: new Float64Array(0), ensemble: { kind: 'dense', matrices: new Float64Array(0) } }, 'LOWLAND_E_EMPTY'],
    ['too few numbers', { ensemble: { kind: 'dense', matrices: new Float64Array(3) } }, 'LOWLAND_E_SHAPE'],
    ['a matrix that is not finite', { ensemble: { kind: 'dense', matrices: Float64Array.of(1, NaN, 0, 1) } }, 'LOWLAND_E_NOT_FINITE'],
    ['a value that is not finite', { values: Float64Array.of(NaN) }, 'LOWLAND_E_NOT_FINITE'],
    ['another ensemble', { ensemble: { kind: 'seeded', name: 'bernoulli' as 'gaussian', seed: 0, version: 1 } }, 'LOWLAND_E_ENSEMBLE'],
    ['a later version', { ensemble: { kind: 'seeded', name: 'gaussian', seed: 0, version: 2 as 1 } }, 'LOWLAND_E_ENSEMBLE'],
    ['a negative seed', { ensemble: { kind: 'seeded', name: 'gaussian', seed: -1, version: 1 } }, 'LOWLAND_E_SEED'],
    [
      'an index outside',
      { ensemble: { kind: 'sparse', measurement: Int32Array.of(1), row: Int32Array.of(0), col: Int32Array.of(0), value: Float64Array.of(1) } },
      'LOWLAND_E_INDEX',
    ],
    ['too few left vectors', { ensemble: { kind: 'rank-one', left: new Float64Array(1) } }, 'LOWLAND_E_SHAPE'],
    ['too many right vectors', { ensemble: { kind: 'rank-one', left: new Float64Array(2), right: new Float64Array(3) } }, 'LOWLAND_E_SHAPE'],
    ['one vector for a matrix that is not square', { cols: 3, ensemble: { kind: 'rank-one', left: new Float64Array(2) } }, 'LOWLAND_E_SHAPE'],
    ['a vector that is not finite', { ensemble: { kind: 'rank-one', left: new Float64Array(2), right: Float64Array.of(1, NaN) } }, 'LOWLAND_E_NOT_FINITE'],
    ['a linear term of another shape', { linear: new Float64Array(3) }, 'LOWLAND_E_SHAPE'],
  ])('%s', (_name, change, expected) => {
    expect(code(() => matrixSensing({ measurements: { ...good, ...change }, rank: 1 }))).toBe(expected);
  });

  it('rectangular measurements for X X^T', () => {
    const wide: Measurements = { rows: 1, cols: 2, values: Float64Array.of(1), ensemble: { kind: 'dense', matrices: Float64Array.of(1, 1) } };
    expect(code(() => symmetricSensing({ measurements: wide, rank: 1 }))).toBe('LOWLAND_E_SHAPE');
  });

  it('gives no block solve and no residual for a linear term without penalty', () => {
    const linear = Float64Array.of(1, 0, 0, 1);
    expect(Object.keys(matrixSensing({ measurements: { ...good, linear }, rank: 1 }).routes)).not.toContain('blockSolve');
    expect(Object.keys(matrixSensing({ measurements: { ...good, linear }, rank: 1 }).routes)).not.toContain('residual');
    expect(Object.keys(matrixSensing({ measurements: { ...good, linear }, rank: 1, lambda: 1 }).routes)).toContain('blockSolve');
    expect(Object.keys(matrixSensing({ measurements: good, rank: 1 }).routes)).toContain('residual');
  });

  it('starts at the minimum for measurements that are all zero, and off the stationary point zero where there is a linear term', () => {
    const zeros = { ...good, values: Float64Array.of(0) };
    const start = (linear: readonly number[]) =>
      matrixSensing({ measurements: { ...zeros, linear: Float64Array.from(linear) }, rank: 1 }).initial(streamKey(1, 'init')).data;
    expect(largest(start([0, 0, 0, 0]))).toBe(0);
    expect(largest(start([1, 0, 0, 0]))).toBeGreaterThan(0.1);
  });
});
