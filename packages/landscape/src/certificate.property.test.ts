/**
 * A certificate never lies (rigour.md A2, A4): over random instances and points, no gap is below the true one, no point
 * is called a global minimum that is none, and optima are certified.
 */
import { bind, type Capability, type Objective, type Point } from '@lowland/core';
import { cpu, dot, identity, matrix, multiply, scaleColumns, thinSvd, type Matrix } from '@lowland/linalg';
import { matrixCompletion, matrixFactorization, matrixSensing, symmetricFactorization, symmetricSensing } from '@lowland/objectives';
import { lbfgs } from '@lowland/optimizers';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { gaussian, values, withEigenvalues } from '../test/orthogonal.ts';
import { proximalGradient, shrink, type DenseProblem } from '../test/proximal-reference.ts';
import type { Certificate } from './certificate.ts';
import { certifyPoint } from './certify.ts';
import { balancedFactors, columnsOf, factorsAt, pointOf, withColumns, type Factored } from './factored.ts';
import { solveToCertificate } from './solve-to-certificate.ts';

const backend = cpu();
const tolerance = 1e-6;

type Wanted = 'valueAndGradient' | 'lift' | 'factors' | 'grow';

/** A factored problem and the convex one behind it, made independently of each other. */
interface Instance {
  readonly objective: Objective<Wanted>;
  readonly convex: DenseProblem;
  readonly symmetric: boolean;
}

interface Shape {
  readonly kind: 'completion' | 'factorization' | 'symmetric-factorization' | 'sensing' | 'symmetric-sensing';
  readonly rows: number;
  readonly cols: number;
  readonly rank: number;
  /** The penalty in parts of the norm at which the solution becomes 0. */
  readonly penalty: number;
  readonly share: number;
  readonly noise: number;
  readonly zero: boolean;
  readonly seed: number;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  kind: fc.constantFrom('completion', 'factorization', 'symmetric-factorization', 'sensing', 'symmetric-sensing'),
  rows: fc.integer({ min: 1, max: 12 }),
  cols: fc.integer({ min: 1, max: 10 }),
  rank: fc.integer({ min: 1, max: 4 }),
  penalty: fc.constantFrom(0.01, 0.1, 0.3, 0.7, 1.5),
  share: fc.double({ min: 0.2, max: 1, noNaN: true }),
  noise: fc.constantFrom(0, 0.1, 1),
  zero: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
});

/** A low-rank matrix with noise; symmetric if asked. */
function planted({ rows, cols, rank, noise, zero, seed }: Shape, symmetric: boolean): Matrix {
  if (zero) return matrix(rows, symmetric ? rows : cols);
  if (symmetric) return withEigenvalues(Array.from(gaussian(rows, 1, seed, 9).data, (g, i) => (i < rank ? 1 + Math.abs(g) : noise * g)), seed).m;
  const m = multiply(gaussian(rows, rank, seed, 4), gaussian(cols, rank, seed, 5), { transposeB: true });
  const added = gaussian(rows, cols, seed, 6).data;
  return matrix(rows, cols, m.data.map((x, i) => x + noise * added[i]!));
}

/** The least penalty whose solution is 0: |a*(b)|₂, or λ_max of it. */
function zeroPenalty({ map, data, rows, cols }: Omit<DenseProblem, 'penalty'>): number {
  const back = multiply(map, matrix(data.length, 1, data), { transposeA: true }).data;
  return Math.max(thinSvd(matrix(rows, cols, back)).s[0] ?? 0, 1e-3);
}

function instanceOf(shape: Shape): Instance {
  const { kind, seed } = shape;
  const symmetric = kind.startsWith('symmetric');
  const rows = shape.rows;
  const cols = symmetric ? rows : shape.cols;
  const rank = Math.min(shape.rank, rows, cols);
  const m = planted({ ...shape, rank }, symmetric);
  const bare = (map: Matrix, data: Float64Array) => ({ symmetric, rows, cols, map, data });
  const penalized = (problem: ReturnType<typeof bare>): DenseProblem => ({ ...problem, penalty: shape.penalty * zeroPenalty(problem) });

  if (kind === 'factorization') {
    const convex = penalized(bare(identity(rows * cols), m.data));
    const objective = matrixFactorization({ target: values(m), rank, lambda: convex.penalty, balance: seed % 2 });
    return { objective: objective as Objective<Wanted>, convex, symmetric };
  }
  if (kind === 'symmetric-factorization') {
    // ¼|X − M|² is ½ of the square of (X − M)/√2, and (λ/2)|x|² is (λ/2) tr.
    const convex = penalized(bare(scaledIdentity(rows * rows, Math.SQRT1_2), m.data.map((x) => x * Math.SQRT1_2)));
    const objective = symmetricFactorization({ target: values(m), rank, lambda: 2 * convex.penalty });
    return { objective: objective as Objective<Wanted>, convex, symmetric };
  }
  const random = gaussian(rows * cols, 3, seed, 7);
  if (kind === 'completion') {
    const cells = Array.from({ length: rows * cols }, (_, i) => i).filter((i) => i === 0 || Math.abs(random.data[3 * i]!) < 2 * shape.share);
    const weights = Float64Array.from(cells, (i) => (seed % 3 === 0 ? 1 : random.data[3 * i + 1]! ** 2));
    const entries = {
      rows,
      cols,
      row: Int32Array.from(cells, (i) => Math.floor(i / cols)),
      col: Int32Array.from(cells, (i) => i % cols),
      values: Float64Array.from(cells, (i) => m.data[i]!),
      weights,
    };
    const map = matrix(cells.length, rows * cols);
    cells.forEach((i, k) => (map.data[k * rows * cols + i] = Math.sqrt(weights[k]!)));
    const convex = penalized(bare(map, entries.values.map((x, k) => Math.sqrt(weights[k]!) * x)));
    return { objective: matrixCompletion({ entries, rank, lambda: convex.penalty, center: 'none' }), convex, symmetric };
  }
  const count = Math.max(1, Math.round(shape.share * Math.min(40, 2 * rank * (rows + cols))));
  const map = gaussian(count, rows * cols, seed, 8);
  if (symmetric) symmetrizeRows(map, rows);
  const clean = multiply(map, matrix(rows * cols, 1, m.data)).data;
  const convex = penalized(bare(map, clean));
  const measurements = { rows, cols, values: clean, ensemble: { kind: 'dense', matrices: map.data } } as const;
  const make = symmetric ? symmetricSensing : matrixSensing;
  return { objective: make({ measurements, rank, lambda: convex.penalty }) as Objective<Wanted>, convex, symmetric };
}

function symmetrizeRows(map: Matrix, n: number): void {
  for (let k = 0; k < map.rows; k++) {
    const a = map.data.subarray(k * n * n, (k + 1) * n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i] = (a[i * n + j]! + a[j * n + i]!) / 2;
  }
}

const productOf = ({ left, right }: Factored): Float64Array => multiply(left, right, { transposeB: true }).data;

/** Points of all sorts around an optimum: perturbed, rank-deficient, saddles, padded, diverged, random. */
function* pointsAround(optimum: Factored, size: number, seed: number): Generator<Factored> {
  const { symmetric, left, right } = optimum;
  const both = (change: (a: Matrix, index: number) => Matrix): Factored => {
    const l = change(left, 0);
    return { symmetric, left: l, right: symmetric ? l : change(right, 1) };
  };
  const shifted = (a: Matrix, index: number, by: number): Matrix => {
    const g = gaussian(a.rows, a.cols, seed, 20 + index).data;
    return matrix(a.rows, a.cols, a.data.map((x, i) => x + by * g[i]!));
  };
  yield optimum;
  yield both((a, index) => shifted(a, index, size));
  yield both((a) => matrix(a.rows, a.cols));
  yield both((a) => scaleColumns(a, Array.from({ length: a.cols }, (_, k) => (k === 0 ? 0 : 1))));
  yield both((a) => scaleColumns(a, Array.from({ length: a.cols }, (_, k) => (k === a.cols - 1 ? 0 : 1))));
  yield both((a) => scaleColumns(a, new Float64Array(a.cols).fill(1 + size)));
  yield both((a, index) => gaussian(a.rows, a.cols, seed, 30 + index));
  yield both((a, index) => shifted(a, index, 10 ** (20 * size)));
}

const objectiveOfRank = async (objective: Objective<Wanted>, rank: number): Promise<Objective<Capability>> => {
  const binding = await bind(objective, backend, ['grow']);
  try {
    return binding.problem.grow.objective(rank);
  } finally {
    binding[Symbol.dispose]();
  }
};

/** Whatever the certificate says at a point must follow from the best value known. */
function expectHonest(certificate: Certificate, best: number, zeroValue: number): void {
  const { kind, gap, value } = certificate;
  const trueGap = value - best - 1e-14 * zeroValue;
  if (gap !== null) expect(gap).toBeGreaterThanOrEqual(trueGap);
  if (kind === 'global-minimum') expect(trueGap).toBeLessThanOrEqual(tolerance * Math.max(Math.abs(value), 1e-6 * zeroValue));
}

describe('a certificate never lies', () => {
  it('penalised problems', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer({ min: -12, max: 0 }), async (shape, exponent) => {
        const { objective, convex, symmetric } = instanceOf(shape);
        const zeroValue = dot(convex.data, convex.data) / 2;
        const solution = await solveToCertificate(objective, lbfgs(), { backend, seed: shape.seed % 7 });
        expect(solution.certificate.kind).toBe('global-minimum');
        const factors = symmetric ? ({ pairs: [['X', 'X']] } as const) : ({ pairs: [['U', 'V']] } as const);
        const optimum = factorsAt(solution.point, factors);

        const reference =
          shape.kind === 'factorization' || shape.kind === 'symmetric-factorization'
            ? proximalGradient(convex, shrinkOnce(convex), 0)
            : proximalGradient(convex, productOf(optimum), 30);
        const best = Math.min(reference.value, solution.value);
        expectHonest(solution.certificate, best, zeroValue);

        const extra = Math.min(columnsOf(solution.objective.layout, factors) + 1, convex.rows, convex.cols);
        const wide = await objectiveOfRank(objective, extra);
        for (const factored of pointsAround(padded(optimum, extra), 10 ** exponent, shape.seed)) {
          const point: Point = pointOf(wide.layout, factors, factored);
          const certificate = await certifyPoint(wide, point, { backend, seed: shape.seed });
          expectHonest(certificate, best, zeroValue);
        }
        const again = await certifyPoint(wide, pointOf(wide.layout, factors, padded(optimum, extra)), { backend });
        expect(again.kind).toBe('global-minimum');
      }),
      { seed: 20_240, numRuns: runs(2000) },
    );
  });

  it('known targets and exact fits', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer({ min: -12, max: 0 }), async (shape, exponent) => {
        const symmetric = shape.seed % 2 === 0;
        const m = planted(shape, symmetric);
        const rank = Math.min(shape.penalty > 0.5 ? shape.rank + 1 : shape.rank, m.rows, m.cols);
        const objective: Objective<'valueAndGradient'> = symmetric
          ? symmetricFactorization({ target: values(m), rank })
          : matrixFactorization({ target: values(m), rank, balance: 0 });
        const factors = symmetric ? ({ pairs: [['X', 'X']] } as const) : ({ pairs: [['U', 'V']] } as const);
        const nearest = symmetric ? shrink({ symmetric, rows: m.rows, cols: m.cols }, m.data, 0) : m.data;
        const svd = thinSvd(matrix(m.rows, m.cols, nearest));
        const optimum = balancedFactors({ symmetric, u: svd.u, s: svd.s, v: symmetric ? svd.u : svd.v }, rank);
        const zeroValue = dot(m.data, m.data) * (symmetric ? 0.25 : 0.5);
        const certificates: Certificate[] = [];
        for (const factored of pointsAround(optimum, 10 ** exponent, shape.seed)) {
          certificates.push(await certifyPoint(objective, pointOf(objective.layout, factors, factored), { backend }));
        }
        const best = certificates.reduce((least, { value }) => Math.min(least, value), Infinity);
        for (const certificate of certificates) expectHonest(certificate, best, zeroValue);
        // An optimum whose value is rounding of a positive one cannot be told from it by its value alone.
        const rounded = best > 0 && best < 1e-12 * zeroValue;
        if (!rounded) expect(certificates[0]!.kind).toBe('global-minimum');
      }),
      { seed: 20_241, numRuns: runs(2000) },
    );
  });
});

function shrinkOnce(convex: DenseProblem): Float64Array {
  const scale = convex.map.data[0]!;
  return shrink(convex, convex.data.map((x) => x / scale), convex.penalty / scale ** 2);
}

function padded(optimum: Factored, rank: number): Factored {
  const left = withColumns(optimum.left, rank);
  return { symmetric: optimum.symmetric, left, right: optimum.symmetric ? left : withColumns(optimum.right, rank) };
}

function scaledIdentity(n: number, factor: number): Matrix {
  return matrix(n, n, identity(n).data.map((x) => factor * x));
}
