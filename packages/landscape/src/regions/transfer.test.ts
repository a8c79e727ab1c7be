/** Transfer of region verdicts to measurements (rigour.md D2), against the same numbers by plain loops and against the measured problem itself. */
import { analyse, createPoint, normals, type DataMap, type Measurements, type Objective, streamKey } from '@lowland/core';
import { cpu, matrix, type Matrix, multiply, symmetricEigen, symmetricEigenvalues } from '@lowland/linalg';
import { matrixFactorization, matrixSensing, symmetricSensing } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { regions, type Regions, type RegionsOptions } from './regions.ts';

const backend = cpu();
const draw = (length: number, seed: number, index = 0): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'transfer', index), out);
  return out;
};
const at = (objective: unknown, numbers: ArrayLike<number>, options: RegionsOptions): Promise<Regions> => {
  const { layout } = objective as Objective<never>;
  return analyse(objective as Objective<'value' | 'factors'>, regions(options), createPoint(layout, Float64Array.from(numbers)), backend);
};

/** y_k = <A_k, M> + noise w_k, A_k dense Gaussian. */
function measured(m: Matrix, count: number, noise: number, seed: number): { data: Measurements; matrices: Float64Array; w: Float64Array } {
  const { rows, cols } = m;
  const matrices = draw(count * rows * cols, seed, 1);
  const w = draw(count, seed, 2).map((x) => noise * x);
  const values = w.map((error, k) => m.data.reduce((sum, x, e) => sum + x * matrices[k * rows * cols + e]!, error));
  return { data: { rows, cols, values, ensemble: { kind: 'dense', matrices } }, matrices, w };
}

const whole = ({ rows, cols, data }: Matrix): DataMap['matrix'] => ({ rows, cols, values: data });
const frobenius = (x: Float64Array): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
const norm = (a: Matrix): number => Math.sqrt(symmetricEigenvalues(multiply(a, a, { transposeA: true }))[0]!);
const flip = (a: Matrix): Matrix => matrix(a.cols, a.rows, Float64Array.from(a.data, (_, k) => a.data[(k % a.rows) * a.cols + Math.floor(k / a.rows)]!));
const plus = (a: Matrix, b: Matrix, factor = 1): Matrix => matrix(a.rows, a.cols, a.data.map((x, k) => x + factor * b.data[k]!));

/** a*(w)/m, of X X^T its symmetric part. */
function noiseMatrix(rows: number, cols: number, matrices: Float64Array, w: Float64Array, symmetric: boolean): Matrix {
  const n = matrix(rows, cols);
  w.forEach((error, k) => n.data.forEach((_, e) => (n.data[e]! += (error * matrices[k * rows * cols + e]!) / w.length)));
  return symmetric ? matrix(rows, rows, plus(n, flip(n)).data.map((x) => x / 2)) : n;
}

/** The largest | |a(X)|^2/m - 1 | over all unit matrices: at least delta_k for every k. */
function isometry(rows: number, cols: number, matrices: Float64Array, count: number, symmetric: boolean): number {
  const basis: Float64Array[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = symmetric ? i : 0; j < cols; j++) {
      const unit = new Float64Array(rows * cols);
      unit[i * cols + j] = symmetric && i !== j ? Math.SQRT1_2 : 1;
      if (symmetric) unit[j * cols + i] = unit[i * cols + j]!;
      basis.push(unit);
    }
  }
  const images = matrix(basis.length, count);
  basis.forEach((unit, b) => {
    for (let k = 0; k < count; k++) images.data[b * count + k] = unit.reduce((sum, x, e) => sum + x * matrices[k * rows * cols + e]!, 0) / Math.sqrt(count);
  });
  const levels = symmetricEigenvalues(multiply(images, images, { transposeB: true }));
  return Math.max(levels[0]! - 1, 1 - levels.at(-1)!);
}

describe.each(['sum', 'mean'] as const)('X X^T, normalisation %s', (normalisation) => {
  const [n, r, count] = [4, 2, 3000];
  const planted = matrix(n, r, Float64Array.of(1.6, 0, 0, 1, 0.2, 0, 0, -0.1));
  const m = multiply(planted, planted, { transposeB: true });

  it.each([0, 0.5])('delta* has the terms of the rule, and the measured problem keeps to them; noise %d', async (noise) => {
    const { data, matrices, w } = measured(m, count, noise, 3);
    const objective = symmetricSensing({ measurements: data, rank: r, normalisation });
    const scale = normalisation === 'mean' ? 2 : 2 * count;
    const nMatrix = noiseMatrix(n, n, matrices, w, true);
    const delta = isometry(n, n, matrices, count, true);
    expect(delta).toBeLessThan(0.2);
    const seen = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const spread = [0.01, 0.05, 0.4, 1, 3][seed % 5]!;
      const x = matrix(n, r, draw(n * r, seed, 4).map((entry, k) => spread * entry + (seed % 3 === 0 ? 0 : planted.data[k]!)));
      const found = await at(objective, x.data, { planted: whole(m), normalisation });
      const error = plus(multiply(x, x, { transposeB: true }), m, -1);
      const hessian = await hessianOf(objective, x.data);
      seen.add(found.region);
      if (found.guarantee.kind === 'large-gradient') {
        const slope = multiply(error, x);
        const lost = frobenius(multiply(nMatrix, x).data);
        expect(found.noise).toBeCloseTo(lost, 12);
        expect(found.survives).toBeCloseTo(Math.max(0, frobenius(slope.data) - lost) / (frobenius(error.data) * norm(x)), 10);
        const measuredSlope = hessian.gradient.map((value) => value / scale);
        expect(frobenius(plus(matrix(n, r, measuredSlope), slope, -1).data)).toBeLessThanOrEqual(delta * frobenius(error.data) * norm(x) + lost + 1e-12);
        if (delta <= found.survives!) expect(frobenius(measuredSlope)).toBeGreaterThan(0);
        continue;
      }
      const lost = Math.abs(symmetricEigenvalues(nMatrix).reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0));
      expect(found.noise).toBeCloseTo(lost, 12);
      if (found.guarantee.kind === 'negative-curvature') {
        const d = matrix(n, r, found.guarantee.direction.data);
        const moved = multiply(x, d, { transposeB: true });
        const both = plus(moved, flip(moved));
        const outer = multiply(d, d, { transposeB: true });
        const curvature = frobenius(both.data) ** 2 / 2 + error.data.reduce((sum, value, k) => sum + value * outer.data[k]!, 0);
        const needs = frobenius(both.data) ** 2 / 2 + frobenius(error.data) * frobenius(outer.data);
        expect(found.survives).toBeCloseTo(Math.max(0, -curvature - lost) / needs, 10);
        const along = hessian.form(d.data) / scale;
        expect(Math.abs(along - curvature)).toBeLessThanOrEqual(delta * needs + lost + 1e-12);
        if (delta <= found.survives!) expect(along).toBeLessThanOrEqual(1e-12);
      } else {
        const lower = symmetricEigen(multiply(x, x, { transposeA: true })).values.at(-1)! + Math.min(0, symmetricEigenvalues(error).at(-1)!);
        expect(found.survives).toBeCloseTo(Math.max(0, lower - lost) / (2 * norm(x) ** 2 + frobenius(error.data)), 10);
        // off the orbit: the directions Z with X^T Z symmetric
        if (delta <= found.survives!) expect(hessian.leastOff(skewDirections(x)) / scale).toBeGreaterThanOrEqual(-1e-10);
      }
      expect(found.statement).toMatch(found.survives === 0 ? /Noise drowns it/ : /For the measurements it holds if delta_3r <= /);
    }
    expect([...seen].sort()).toEqual(['R1', 'R2', "R3'", "R3''"]);
  });
});

it('1/(2m) |a(U V^T) - y|^2 with the balancing term: deviations from the factorization stay within what delta allows', async () => {
  const [rows, cols, r, count] = [4, 3, 2, 3000];
  const u = matrix(rows, r, Float64Array.of(1.3, 0, 0, 1, 0, 0, 0, 0));
  const v = matrix(cols, r, Float64Array.of(1.3, 0, 0, 1, 0, 0));
  const m = multiply(u, v, { transposeB: true });
  const { data, matrices, w } = measured(m, count, 0.3, 7);
  const objective = matrixSensing({ measurements: data, rank: r, normalisation: 'mean' });
  const factorization = matrixFactorization({ target: whole(m), rank: r, balance: 1 / 8 });
  const nMatrix = noiseMatrix(rows, cols, matrices, w, false);
  const delta = isometry(rows, cols, matrices, count, false);
  const seen = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const spread = [0.01, 0.05, 0.4, 1, 3][seed % 5]!;
    const noise = draw((rows + cols) * r, seed, 5);
    const x = matrix(rows, r, u.data.map((entry, k) => spread * noise[k]! + (seed % 3 === 0 ? 0 : entry)));
    const z = matrix(cols, r, v.data.map((entry, k) => spread * noise[rows * r + k]! + (seed % 3 === 0 ? 0 : entry)));
    const numbers = Float64Array.of(...x.data, ...z.data);
    const found = await at(objective, numbers, { planted: whole(m), normalisation: 'mean' });
    seen.add(found.region);
    const error = plus(multiply(x, z, { transposeB: true }), m, -1);
    const reach = Math.hypot(norm(x), norm(z));
    const { gradient, form } = await hessianOf(objective, numbers);
    if (found.guarantee.kind === 'large-gradient') {
      const slope = Float64Array.of(...multiply(error, z).data, ...multiply(error, x, { transposeA: true }).data);
      const lost = Math.hypot(frobenius(multiply(nMatrix, z).data), frobenius(multiply(nMatrix, x, { transposeA: true }).data));
      expect(found.noise).toBeCloseTo(lost, 12);
      expect(found.survives).toBeCloseTo(Math.max(0, found.guarantee.gradient - lost) / (frobenius(error.data) * reach), 10);
      expect(frobenius(gradient.map((value, k) => value - slope[k]!))).toBeLessThanOrEqual(delta * frobenius(error.data) * reach + lost + 1e-12);
      continue;
    }
    expect(found.noise).toBeCloseTo(norm(nMatrix), 12);
    if (found.guarantee.kind === 'positive-curvature') {
      expect(found.survives).toBeCloseTo(Math.max(0, found.guarantee.lower - norm(nMatrix)) / (reach ** 2 + frobenius(error.data)), 10);
      continue;
    }
    const d = found.guarantee.direction.data;
    const [a, c] = [matrix(rows, r, d.slice(0, rows * r)), matrix(cols, r, d.slice(rows * r))];
    const moved = plus(multiply(a, z, { transposeB: true }), multiply(x, c, { transposeB: true }));
    const outer = multiply(a, c, { transposeB: true });
    const fit = frobenius(moved.data) ** 2 + 2 * error.data.reduce((sum, value, k) => sum + value * outer.data[k]!, 0);
    const needs = frobenius(moved.data) ** 2 + 2 * frobenius(error.data) * frobenius(outer.data);
    expect(Math.abs(form(d) - fit)).toBeLessThanOrEqual(delta * needs + norm(nMatrix) + 1e-12);
    const curvature = (await hessianOf(factorization, numbers)).form(d);
    expect(found.survives).toBeCloseTo(Math.max(0, -curvature - norm(nMatrix)) / needs, 10);
  }
  expect([...seen].sort()).toEqual(['R1', 'R2', "R3'", "R3''"]);
});

it('says of two factors that the statement is about balanced ones: an exact fit out of balance has a large gradient there alone', async () => {
  const [u, v] = [matrix(3, 1, Float64Array.of(3, 0, 0)), matrix(3, 1, Float64Array.of(1, 0.5, 0))];
  const m = multiply(u, v, { transposeB: true });
  const { data } = measured(m, 12, 0, 2);
  const objective = matrixSensing({ measurements: data, rank: 1 });
  const numbers = Float64Array.of(...u.data, ...v.data);
  const found = await at(objective, numbers, { planted: whole(m) });
  expect(found.guarantee).toMatchObject({ kind: 'large-gradient' });
  expect(frobenius((await hessianOf(objective, numbers)).gradient)).toBeLessThan(1e-12);
  expect(found.statement).toContain('For the measurements with 1/8 |U^T U - V^T V|^2 added, which the objective lacks, it holds if delta_3r <= ');
});

describe('refusals', () => {
  const m = matrix(3, 3, Float64Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0));
  const { data } = measured(m, 10, 0, 1);
  it.each<[string, unknown, RegionsOptions, string]>([
    ['without the planted matrix', symmetricSensing({ measurements: data, rank: 1 }), {}, 'LOWLAND_E_CAPABILITY'],
    ['a planted matrix of another shape', symmetricSensing({ measurements: data, rank: 1 }), { planted: { rows: 9, cols: 1, values: m.data } }, 'LOWLAND_E_SHAPE'],
    ['a penalty', symmetricSensing({ measurements: data, rank: 1, lambda: 0.1 }), { planted: whole(m) }, 'LOWLAND_E_CAPABILITY'],
    ['another loss', symmetricSensing({ measurements: data, rank: 1, loss: 'huber' }), { planted: whole(m) }, 'LOWLAND_E_CAPABILITY'],
    ['a planted matrix that is not semidefinite', symmetricSensing({ measurements: data, rank: 1 }), { planted: { ...whole(m), values: m.data.map((x, k) => (k === 8 ? -1 : x)) } }, 'LOWLAND_E_RANK'],
  ])('%s', async (_name, objective, options, code) => {
    await expect(at(objective, Float64Array.of(1, 0.1, 0.2), options)).rejects.toMatchObject({ code });
  });
});

/** The gradient and the Hessian, dense. */
async function hessianOf(objective: unknown, numbers: Float64Array): Promise<{ gradient: Float64Array; form: (d: Float64Array) => number; leastOff: (directions: readonly Float64Array[]) => number }> {
  const made = objective as Objective<'gradient' | 'hessianVectorProduct'>;
  const size = numbers.length;
  const { gradient, columns } = await analyse(
    made,
    {
      id: 'dense',
      requires: ['gradient', 'hessianVectorProduct'],
      dtype: 'f64',
      run({ problem, device, scratch }, x) {
        const [v, out] = [scratch(), scratch()];
        problem.gradient(x, out);
        const slope = device.host!(out).slice();
        const made: Float64Array[] = [];
        for (let k = 0; k < size; k++) {
          const unit = new Float64Array(size);
          unit[k] = 1;
          device.write(v, unit);
          problem.hessianVectorProduct(x, v, out);
          made.push(device.host!(out).slice());
        }
        return { gradient: slope, columns: made };
      },
    },
    createPoint(made.layout, numbers),
    backend,
  );
  const h = matrix(size, size, Float64Array.from({ length: size * size }, (_, k) => (columns[Math.floor(k / size)]![k % size]! + columns[k % size]![Math.floor(k / size)]!) / 2));
  return {
    gradient: gradient,
    form: (d) => multiply(h, matrix(size, 1, d)).data.reduce((sum, value, k) => sum + value * d[k]!, 0),
    leastOff(directions) {
      const basis = matrix(size, directions.length, Float64Array.from({ length: size * directions.length }, (_, k) => directions[k % directions.length]![Math.floor(k / directions.length)]!));
      const { vectors, values } = symmetricEigen(multiply(basis, basis, { transposeB: true }));
      const off = values.map((value, k) => (value < 1e-9 * values[0]! ? k : -1)).filter((k) => k >= 0);
      const rest = matrix(size, off.length, Float64Array.from({ length: size * off.length }, (_, k) => vectors.data[Math.floor(k / off.length) * size + off[k % off.length]!]!));
      return symmetricEigenvalues(multiply(rest, multiply(h, rest), { transposeA: true })).at(-1)!;
    },
  };
}

/** X times the skew matrices of two columns. */
const skewDirections = (x: Matrix): readonly Float64Array[] => [x.data.map((_, k) => (k % 2 === 0 ? x.data[k + 1]! : -x.data[k - 1]!))];
