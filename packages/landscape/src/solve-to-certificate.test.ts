import { bind, createPoint, errorCode, type Observation, type Point } from '@lowland/core';
import { cpu, dot, matrix, multiply, type Matrix } from '@lowland/linalg';
import { matrixCompletion, matrixFactorization, matrixSensing, symmetricFactorization, symmetricSensing } from '@lowland/objectives';
import { fixed, gradientDescent, lbfgs, trustRegion } from '@lowland/optimizers';
import { describe, expect, it } from 'vitest';

import { gaussian, values, withEigenvalues, withSingularValues } from '../test/orthogonal.ts';
import { proximalGradient, type DenseProblem } from '../test/proximal-reference.ts';
import { ratings } from '../test/ratings.ts';
import type { CertificateCheckpoint, CertifiedSolution, Round } from './certified-solution.ts';
import { certifyPoint } from './certify.ts';
import { factorsAt } from './factored.ts';
import { solveToCertificate } from './solve-to-certificate.ts';

const backend = cpu();
const pair = { pairs: [['U', 'V']] } as const;

function productOf(point: Point): Float64Array {
  const { left, right } = factorsAt(point, pair);
  return multiply(left, right, { transposeB: true }).data;
}

const distance = (x: Float64Array, y: Float64Array): number => Math.sqrt(x.reduce((sum, value, i) => sum + (value - y[i]!) ** 2, 0));

/** Random cells, values, weights and offsets, as rigour.md A7 asks. */
function randomCompletion(rows: number, cols: number, seed: number) {
  const g = gaussian(rows * cols, 3, seed).data;
  const cells = Array.from({ length: rows * cols }, (_, i) => i).filter((i) => Math.abs(g[3 * i]!) < 0.9);
  return {
    rows,
    cols,
    row: Int32Array.from(cells, (i) => Math.floor(i / cols)),
    col: Int32Array.from(cells, (i) => i % cols),
    values: Float64Array.from(cells, (i) => 3 + g[3 * i + 1]!),
    weights: Float64Array.from(cells, (i) => g[3 * i + 2]! ** 2),
  };
}

describe('reaches the certified minimum', () => {
  it('of weighted completion with offsets, as an independent proximal solver does (rigour.md A7)', async () => {
    const entries = randomCompletion(14, 11, 41);
    const objective = matrixCompletion({ entries, rank: 1, lambda: 1.2, center: 'bias' });
    const solution = await solveToCertificate(objective, lbfgs(), { backend });
    expect(solution.certificate).toMatchObject({ kind: 'global-minimum', rule: 'nuclear-norm' });
    expect(solution.certificate.problem).toContain('offsets, if any, were subtracted before and are not optimised');

    const map = matrix(entries.values.length, 14 * 11);
    const data = new Float64Array(entries.values.length);
    entries.values.forEach((value, k) => {
      const root = Math.sqrt(entries.weights[k]!);
      map.data[k * 154 + entries.row[k]! * 11 + entries.col[k]!] = root;
      data[k] = root * (value - objective.offsets.at(entries.row[k]!, entries.col[k]!));
    });
    const convex: DenseProblem = { symmetric: false, rows: 14, cols: 11, map, data, penalty: 1.2 };
    const reference = proximalGradient(convex, new Float64Array(154), 3000);
    expect(Math.abs(solution.value - reference.value)).toBeLessThan(1e-6 * reference.value);
    expect(distance(productOf(solution.point), reference.x)).toBeLessThan(1e-3 * Math.hypot(...reference.x));
  });

  it('from rank 1 and from above the rank of the solution alike (rigour.md A8)', async () => {
    const entries = ratings({ rows: 60, cols: 80, count: 2000, seed: 7 });
    const solutions: CertifiedSolution[] = [];
    for (const rank of [1, 40]) {
      const objective = matrixCompletion({ entries, rank, lambda: 5 });
      solutions.push(await solveToCertificate(objective, lbfgs({ memory: 20 }), { backend, seed: rank }));
    }
    const [low, high] = solutions as [CertifiedSolution, CertifiedSolution];
    for (const { certificate, stop } of solutions) {
      expect(certificate.kind).toBe('global-minimum');
      expect(certificate.relativeGap).toBeLessThanOrEqual(1e-6);
      expect(stop).toEqual({ reason: 'converged', rule: 'certificate' });
    }
    expect(low.rank).toBeGreaterThan(3);
    expect(low.rank).toBeLessThan(40);
    expect(Math.abs(low.value - high.value)).toBeLessThan(1e-6 * low.value);
    expect(distance(productOf(low.point), productOf(high.point))).toBeLessThan(1e-2 * Math.hypot(...low.singularValues));
    expect(low.singularValues.length).toBe(factorsAt(low.point, pair).left.cols);
  });

  it('where |G| equals the penalty with the multiplicity of the rank, and singular values are equal', async () => {
    const { m } = withSingularValues(20, 15, [5, 5, 5, 5, 3, 3, 1, 1], 42);
    const objective = matrixFactorization({ target: values(m), rank: 1, lambda: 2 });
    const solution = await solveToCertificate(objective, lbfgs(), { backend });
    expect(solution.certificate).toMatchObject({ kind: 'global-minimum', rank: 6 });
    expect(solution.value).toBeCloseTo(6 * 2 + 1 + 2 * (4 * 3 + 2 * 1), 5);
    for (const [k, expected] of [3, 3, 3, 3, 1, 1].entries()) expect(solution.singularValues[k]).toBeCloseTo(expected, 3);
  });

  it('of psd problems: factorization with a trace penalty, and sensing', async () => {
    const eigenvalues = [5, 3, 3, 2, 1, -0.5, -1.5];
    const { m } = withEigenvalues(eigenvalues, 43);
    const factorization = symmetricFactorization({ target: values(m), rank: 1, lambda: 1.5 });
    const found = await solveToCertificate(factorization, lbfgs(), { backend });
    expect(found.certificate).toMatchObject({ kind: 'global-minimum', rule: 'psd-trace', rank: 4 });
    for (const [k, expected] of [3.5, 1.5, 1.5, 0.5].entries()) expect(found.singularValues[k]).toBeCloseTo(expected, 3);

    const truth = multiply(gaussian(8, 2, 44), gaussian(8, 2, 44), { transposeB: true });
    const map = gaussian(30, 64, 45);
    const measured = multiply(map, matrix(64, 1, truth.data)).data;
    const measurements = { rows: 8, cols: 8, values: measured, ensemble: { kind: 'dense', matrices: map.data } } as const;
    const sensing = await solveToCertificate(symmetricSensing({ measurements, rank: 1, lambda: 0.5 }), lbfgs(), { backend });
    expect(sensing.certificate).toMatchObject({ kind: 'global-minimum', rule: 'psd-trace' });
  });

  // noise leaves small singular values, each a badly scaled column
  it('in fewer than half the iterations where columns are scaled', async () => {
    const truth = multiply(gaussian(12, 2, 51), gaussian(12, 2, 52), { transposeB: true });
    const map = gaussian(110, 144, 53);
    const noise = gaussian(110, 1, 54).data;
    const observed = multiply(map, matrix(144, 1, truth.data)).data.map((value, k) => value + noise[k]!);
    const objective = matrixSensing({ measurements: { rows: 12, cols: 12, values: observed, ensemble: { kind: 'dense', matrices: map.data } }, rank: 4, lambda: 30 });
    const plain = await solveToCertificate(objective, lbfgs(), { backend });
    const scaled = await solveToCertificate(objective, lbfgs({ scaling: 'columns' }), { backend });
    for (const { certificate } of [plain, scaled]) expect(certificate.kind).toBe('global-minimum');
    expect(Math.abs(plain.value - scaled.value)).toBeLessThan(2e-6 * plain.value);
    expect(plain.iterations).toBeGreaterThan(2 * scaled.iterations);
  });

  it('of asymmetric sensing, also with trust-region steps', async () => {
    const truth: Matrix = multiply(gaussian(7, 2, 46), gaussian(6, 2, 47), { transposeB: true });
    const map = gaussian(35, 42, 48);
    const measurements = { rows: 7, cols: 6, values: multiply(map, matrix(42, 1, truth.data)).data, ensemble: { kind: 'dense', matrices: map.data } } as const;
    const objective = matrixSensing({ measurements, rank: 1, lambda: 2 });
    const one = await solveToCertificate(objective, lbfgs(), { backend });
    const other = await solveToCertificate(objective, trustRegion(), { backend });
    expect(one.certificate.kind).toBe('global-minimum');
    expect(other.certificate.kind).toBe('global-minimum');
    expect(Math.abs(one.value - other.value)).toBeLessThan(1e-6 * one.value);
  });

  it('X = 0, exactly, for a penalty above the norm of the data', async () => {
    const entries = randomCompletion(9, 7, 49);
    const solution = await solveToCertificate(matrixCompletion({ entries, rank: 3, lambda: 1000 }), lbfgs(), { backend });
    expect(solution).toMatchObject({ rank: 0, singularValues: [], certificate: { kind: 'global-minimum', rank: 0 } });
    expect(solution.point.data.every((x) => x === 0)).toBe(true);
  });

  it('of edges: one row, one entry, an empty row, zero data', async () => {
    const one = { row: Int32Array.of(0), col: Int32Array.of(1), values: Float64Array.of(3) };
    for (const entries of [{ rows: 1, cols: 2, ...one }, { rows: 4, cols: 3, ...one }, { rows: 4, cols: 3, ...one, values: Float64Array.of(0) }]) {
      const solution = await solveToCertificate(matrixCompletion({ entries, rank: 1, lambda: 0.5, center: 'none' }), lbfgs(), { backend });
      expect(solution.certificate.kind).toBe('global-minimum');
      expect(solution.value).toBeCloseTo(entries.values[0] === 0 ? 0 : 0.125 + 0.5 * 2.5, 6);
    }
  });
});

describe('on its way', () => {
  const entries = ratings({ rows: 60, cols: 80, count: 2000, seed: 7 });
  const objective = matrixCompletion({ entries, rank: 2, lambda: 4 });

  it('never lets the value rise beyond rounding, and keeps a log that adds up', async () => {
    const seen: Round[] = [];
    const observed: Observation[] = [];
    const solution = await solveToCertificate(objective, lbfgs(), { backend, onRound: (round) => seen.push(round), record: (o) => observed.push(o) });
    expect(solution.rounds).toEqual(seen);
    for (let k = 1; k < seen.length; k++) expect(seen[k]!.value).toBeLessThanOrEqual(seen[k - 1]!.value * (1 + 1e-11));
    expect(seen.at(-1)!.next).toBe('stop');
    expect(seen.some((round) => round.next === 'append' && round.appended > 0)).toBe(true);
    expect(seen.every((round) => round.appended <= Math.max(1, round.rank))).toBe(true);
    expect(solution.iterations).toBe(seen.reduce((sum, round) => sum + round.iterations, 0));
    expect(observed.at(-1)!.iteration).toBe(solution.iterations);
    expect(solution.counts.method['valueAndGradient']).toBeGreaterThanOrEqual(solution.iterations);
    const again = await certifyPoint(solution.objective, solution.point, { backend });
    expect(again.kind).toBe('global-minimum');
    expect(again.value).toBeCloseTo(solution.value, 9);
  });

  it('gives the same bits for the same seed, and goes on from a checkpoint as if it had not stopped', async () => {
    const whole = await solveToCertificate(objective, lbfgs(), { backend, seed: 5 });
    const cuts = [0, 3, Math.floor(whole.iterations / 2)];
    for (const cut of cuts) {
      const first = await solveToCertificate(objective, lbfgs(), { backend, seed: 5, maxIterations: cut });
      expect(first.stop).toEqual({ reason: 'budget', rule: 'max-iterations' });
      const stored = JSON.parse(JSON.stringify(first.checkpoint())) as CertificateCheckpoint;
      expect(stored).toEqual(first.checkpoint()); // JSON has lost nothing
      const rest = await solveToCertificate(objective, lbfgs(), { backend, resume: stored });
      expect(rest.point.data).toEqual(whole.point.data);
      expect(rest.iterations).toBe(whole.iterations);
      expect(rest.counts.method).toEqual(whole.counts.method);
      expect(rest.certificate).toEqual(whole.certificate);
    }
  });

  it('hands out checkpoints as it runs, and goes on from one', async () => {
    const stored: CertificateCheckpoint[] = [];
    const whole = await solveToCertificate(objective, lbfgs(), { backend, checkpointEvery: 0, checkpoint: (c) => void stored.push(c) });
    const middle = stored[Math.floor(stored.length / 2)]!;
    expect(middle.inner).not.toBeNull();
    const rest = await solveToCertificate(objective, lbfgs(), { backend, resume: JSON.parse(JSON.stringify(middle)) as CertificateCheckpoint });
    expect(rest.point.data).toEqual(whole.point.data);
  });

  it('adds up what the proofs of all rounds left to chance (rigour.md A1)', async () => {
    const stored: CertificateCheckpoint[] = [];
    await solveToCertificate(objective, lbfgs(), { backend, checkpointEvery: 0, checkpoint: (c) => void stored.push(c) });
    const last = stored.at(-1)!;
    expect(last.progress.failureProbability).toBe(0);
    const lucky = { ...last, progress: { ...last.progress, failureProbability: 1e-10 } };
    const rest = await solveToCertificate(objective, lbfgs(), { backend, resume: lucky });
    expect(rest.certificate).toMatchObject({ kind: 'global-minimum', normBound: { failureProbability: 0 }, failureProbability: 1e-10 });
  });

  it('stops within a budget of seconds or rounds, with a certificate of what it has', async () => {
    const rounds = await solveToCertificate(objective, lbfgs(), { backend, maxRounds: 2 });
    expect(rounds.stop).toEqual({ reason: 'budget', rule: 'max-rounds' });
    expect(rounds.rounds.length).toBe(2);
    expect(rounds.certificate).toMatchObject({ kind: 'not-certified', rule: 'nuclear-norm' });
    expect(rounds.certificate.relativeGap).toBeGreaterThan(1e-6);
    const seconds = await solveToCertificate(objective, lbfgs(), { backend, maxSeconds: 0 });
    expect(seconds.stop).toEqual({ reason: 'budget', rule: 'max-seconds' });
  });

  it('ends on a signal, certifies nothing then, and can go on', async () => {
    const controller = new AbortController();
    const stopped = await solveToCertificate(objective, lbfgs(), {
      backend,
      signal: controller.signal,
      record: ({ iteration }) => {
        if (iteration === 30) controller.abort();
      },
    });
    expect(stopped.stop.reason).toBe('aborted');
    expect(stopped.certificate).toMatchObject({ kind: 'not-certified', gap: null });
    expect(stopped.certificate.reason).toContain('aborted');
    const whole = await solveToCertificate(objective, lbfgs(), { backend });
    const rest = await solveToCertificate(objective, lbfgs(), { backend, resume: stopped.checkpoint() });
    expect(rest.point.data).toEqual(whole.point.data);
  });
});

describe('with a method that does its part badly', () => {
  const { m } = withSingularValues(12, 10, [5, 4, 3, 2, 1], 50);
  const objective = matrixFactorization({ target: values(m), rank: 1, lambda: 0.5, balance: 0 });

  it('converges by proximal steps alone, where the method takes none worth the name', async () => {
    // All cells but a diagonal, equal weights: proximal steps contract fast.
    const g = gaussian(8, 6, 53).data;
    const cells = Array.from(g.keys()).filter((i) => i % 7 !== 0);
    const entries = {
      rows: 8,
      cols: 6,
      row: Int32Array.from(cells, (i) => Math.floor(i / 6)),
      col: Int32Array.from(cells, (i) => i % 6),
      values: Float64Array.from(cells, (i) => g[i]!),
    };
    const completion = matrixCompletion({ entries, rank: 1, lambda: 1, center: 'none' });
    const solution = await solveToCertificate(completion, gradientDescent({ step: fixed({ step: 1e-9 }) }), { backend, maxRounds: 400 });
    expect(solution.certificate.kind).toBe('global-minimum');
    expect(solution.rounds.some((round) => round.next === 'proximal')).toBe(true);
  });

  it('ends as diverged with the last good point, when the step is too long', async () => {
    const point = createPoint(objective.layout, gaussian(22, 1, 51).data);
    const solution = await solveToCertificate(objective, gradientDescent({ step: fixed({ step: 1e3 }) }), { backend, point });
    expect(solution.stop.reason).toBe('diverged');
    expect(solution.point.data.every(Number.isFinite)).toBe(true);
    expect(solution.value).toBeLessThanOrEqual((await certifyPoint(objective, point, { backend })).value);
    expect(solution.certificate.kind).toBe('not-certified');
  });
});

describe('refuses', () => {
  const entries = randomCompletion(6, 5, 52);

  const code = async (run: Promise<unknown>): Promise<string | undefined> =>
    run.then(
      () => undefined,
      (error: unknown) => errorCode(error),
    );

  it('a problem without a positive penalty', async () => {
    const objective = matrixCompletion({ entries, rank: 1 });
    expect(await code(solveToCertificate(objective, lbfgs(), { backend }))).toBe('LOWLAND_E_PENALTY');
  });

  it('the checkpoint of another run', async () => {
    const objective = matrixCompletion({ entries, rank: 1, lambda: 1 });
    const { checkpoint } = await solveToCertificate(objective, lbfgs(), { backend, maxIterations: 3 });
    const other = matrixCompletion({ entries: { ...entries, values: entries.values.map((x) => x + 1) }, rank: 1, lambda: 1 });
    expect(await code(solveToCertificate(other, lbfgs(), { backend, resume: checkpoint() }))).toBe('LOWLAND_E_CHECKPOINT');
    expect(await code(solveToCertificate(objective, trustRegion(), { backend, resume: checkpoint() }))).toBe('LOWLAND_E_CHECKPOINT');
    const heavier = matrixCompletion({ entries, rank: 1, lambda: 2 });
    expect(await code(solveToCertificate(heavier, lbfgs(), { backend, resume: { ...checkpoint(), inner: null } }))).toBe('LOWLAND_E_CHECKPOINT');
    expect(await code(solveToCertificate(objective, lbfgs({ memory: 3 }), { backend, resume: { ...checkpoint(), inner: null } }))).toBe('LOWLAND_E_CHECKPOINT');
    expect(await code(solveToCertificate(objective, lbfgs(), { backend, resume: { ...checkpoint(), grown: '!' } }))).toBe('LOWLAND_E_CHECKPOINT');
  });
});

it('gives a point whose gradient norm is as stated', async () => {
  const completion = matrixCompletion({ entries: ratings({ rows: 30, cols: 30, count: 500, seed: 8 }), rank: 2, lambda: 3 });
  const factorization = symmetricFactorization({ target: values(withEigenvalues([5, 3, 3, 2, 1, -1], 54).m), rank: 1, lambda: 1.5 });
  for (const solution of [
    await solveToCertificate(completion, lbfgs(), { backend, maxRounds: 3 }),
    await solveToCertificate(factorization, gradientDescent(), { backend, maxRounds: 1 }),
  ]) {
    const { objective, point, gradientNorm } = solution;
    const device = await backend.open();
    const { problem } = bind(objective, device, ['gradient']);
    const memory = device.memory();
    const [x, out] = [memory.vector(point.data.length), memory.vector(point.data.length)];
    device.write(x, point.data);
    problem.gradient(x, out);
    const gradient = await device.read(out);
    expect(Math.sqrt(dot(gradient, gradient)) / gradientNorm).toBeCloseTo(1, 6);
    device[Symbol.dispose]();
  }
});
