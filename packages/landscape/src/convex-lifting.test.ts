import { analyse, gradientTolerance, normals, plan, solve, streamKey, uniforms, type Analysis, type Capability, type DataMap, type Objective } from '@lowland/core';
import { cpu, matrix, multiply } from '@lowland/linalg';
import { convexForm, matrixCompletion, matrixFactorization, symmetricSensing } from '@lowland/objectives';
import { lbfgs, proximalGradient, softImpute } from '@lowland/optimizers';
import { describe, expect, it } from 'vitest';

import { certifyPoint } from './certify.ts';
import type { CertificateCheckpoint } from './certified-solution.ts';
import { convexLifting } from './convex-lifting.ts';
import { solveToCertificate } from './solve-to-certificate.ts';
import { verdictAt } from './verdict.ts';

const backend = cpu();

/** Half the cells of a 30 x 30 matrix of rank 3 with Gaussian factors. */
function planted(seed: number, n = 30): DataMap['entries'] {
  const factor = (purpose: string) => {
    const m = matrix(n, 3);
    normals(streamKey(seed, purpose), m.data);
    return m;
  };
  const target = multiply(factor('u'), factor('v'), { transposeB: true }).data;
  const draws = new Float64Array(n * n);
  uniforms(streamKey(seed, 'mask'), draws);
  const cells = Int32Array.from({ length: n * n }, (_, k) => k).filter((k) => draws[k]! < 0.5);
  return { rows: n, cols: n, row: cells.map((c) => Math.floor(c / n)), col: cells.map((c) => c % n), values: Float64Array.from(cells, (c) => target[c]!) };
}

describe('convex lifting', () => {
  it.each([1, 2, 3, 4, 5])('certifies the optimum from rank 1 after at most three lifts (F40), seed %i', async (seed) => {
    const objective = matrixCompletion({ entries: planted(seed), rank: 1, lambda: 2, center: 'none' });
    const { certificate, rounds, rank } = await convexLifting(objective, lbfgs(), { backend, tolerance: 1e-7 });
    expect(certificate.kind).toBe('global-minimum');
    expect(certificate.relativeGap).toBeLessThan(1e-6);
    // |G| / lambda, |G| proved from above.
    expect(Math.abs(certificate.normBound!.value / 2 - 1)).toBeLessThan(1e-6);
    expect(rounds.filter(({ next }) => next === 'proximal').length).toBeLessThanOrEqual(3);
    expect(rounds.every(({ next }) => next === 'proximal' || next === 'stop')).toBe(true);
    expect(rank).toBeGreaterThan(1);
  });

  it('ends at the value of rank growth by escapes, over psd matrices too', async () => {
    const completion = matrixCompletion({ entries: planted(6), rank: 1, lambda: 2, center: 'none' });
    const g = new Float64Array(60);
    normals(streamKey(3, 'measured'), g);
    const sensing = symmetricSensing({ measurements: { rows: 6, cols: 6, values: g.slice(0, 24).map((x) => 3 + x), ensemble: { kind: 'seeded', name: 'gaussian', seed: 5, version: 1 } }, rank: 1, lambda: 0.2, normalisation: 'mean' });
    for (const objective of [completion, sensing] as unknown as Objective<'lift' | 'factors' | 'grow'>[]) {
      const [lifted, grown] = [await convexLifting(objective, lbfgs() as never, { backend }), await solveToCertificate(objective, lbfgs() as never, { backend })];
      expect(lifted.certificate.kind).toBe('global-minimum');
      expect(Math.abs(lifted.value - grown.value)).toBeLessThan(1e-6 * Math.abs(grown.value));
    }
  });

  it('goes on from a checkpoint by lifting', async () => {
    const objective = matrixCompletion({ entries: planted(1), rank: 1, lambda: 2, center: 'none' });
    const cut = await convexLifting(objective, lbfgs(), { backend, maxRounds: 1 });
    const resume = JSON.parse(JSON.stringify(cut.checkpoint())) as CertificateCheckpoint;
    expect(resume.growth).toBe('proximal');
    const resumed = await solveToCertificate(objective, lbfgs(), { backend, resume });
    expect(resumed.certificate.kind).toBe('global-minimum');
    expect(resumed.rounds.some(({ next }) => next === 'append')).toBe(false);
  });
});

/** Labels of the entries by their sign, one in ten wrong. */
const labels = (entries: DataMap['entries']): DataMap['entries'] => ({ ...entries, values: entries.values.map((value, k) => Number(value > 0 !== (k % 10 === 0))) });

describe('rank auto with losses that are not least squares', () => {
  it.each([
    ['one-bit', matrixCompletion({ entries: labels(planted(4)), rank: 1, lambda: 1.5, loss: 'logistic' })],
    ['one-bit, from more columns than needed', matrixCompletion({ entries: labels(planted(4)), rank: 20, lambda: 1.5, loss: 'logistic' })],
    ['Huber, weighted', matrixCompletion({ entries: { ...planted(5), weights: planted(5).values.map((_, k) => 0.5 + (k % 3)) }, rank: 1, lambda: 3, loss: { id: 'huber', options: { delta: 1.5 } } })],
  ] as const)('reaches the certified optimum of %s by escapes and by lifting, as proximal gradient steps on X do', async (_name, objective) => {
    const form = convexForm(objective);
    const reference = await solve(form, proximalGradient({ accelerated: true }), { backend, stop: gradientTolerance(1e-10) });
    for (const growth of ['escape', 'proximal'] as const) {
      const { certificate, value, rank } = await solveToCertificate(objective as unknown as Objective<'lift' | 'factors' | 'grow'>, lbfgs() as never, { backend, growth });
      expect(certificate).toMatchObject({ kind: 'global-minimum', rule: 'first-order' });
      expect(Math.abs(value - reference.value)).toBeLessThan(2e-6 * value);
      expect(rank).toBeGreaterThan(1);
    }
  });
});

describe('problems in X', () => {
  const entries = planted(2);
  const factored = matrixCompletion({ entries, rank: 1, lambda: 2, center: 'none' });
  const form = convexForm(factored);

  it('have their optimum certified at the balanced factors, within the stated gaps of the factored one', async () => {
    const certified = await solveToCertificate(factored, lbfgs(), { backend, tolerance: 1e-9 });
    for (const method of [proximalGradient(), proximalGradient({ accelerated: true }), softImpute({ tolerance: 1e-18 })]) {
      const { point, value } = await solve(form, method, { backend, stop: gradientTolerance(1e-8) });
      const { kind, certificate, classification } = await verdictAt(form as unknown as Objective<Capability>, point, { backend });
      expect([kind, certificate.rule, classification]).toEqual(['global-minimum', 'nuclear-norm', null]);
      // Either gap bounds the difference to the least value.
      expect(Math.abs(value - certified.value)).toBeLessThanOrEqual(certificate.gap! + certified.certificate.gap!);
      expect(Math.abs(certificate.value - value)).toBeLessThan(1e-10 * value);
    }
  });

  it('are not certified on the way, and classified at their factors', async () => {
    const { point } = await solve(form, proximalGradient(), { backend, stop: gradientTolerance(1e-2) });
    expect((await certifyPoint(form, point, { backend })).kind).toBe('not-certified');
    const { kind, classification } = await verdictAt(form as unknown as Objective<Capability>, point, { backend });
    expect([kind, classification === null]).toEqual(['not-stationary', false]);
  });

  it('are certified by their spectrum where nothing is penalised', async () => {
    const target = { rows: 5, cols: 4, values: Float64Array.from({ length: 20 }, (_, k) => (k % 7) - 3) };
    const whole = convexForm(matrixFactorization({ target, rank: 2 }));
    const { point } = await solve(whole, proximalGradient(), { backend });
    expect(await certifyPoint(whole, point, { backend })).toMatchObject({ kind: 'global-minimum', rule: 'lower-bound-zero' });
    const value: Analysis<'value', number> = { id: 'value', requires: ['value'], dtype: 'f64', run: ({ problem, device, scratch }, x) => { const out = scratch(1); problem.value(x, out); return device.scalar(out); } };
    expect(await analyse(whole, value, point, backend)).toBe(0);
  });

  it('of any convex loss: one-bit labels of a matrix of rank 1, where the certificate holds at rank 1 (O12)', async () => {
    const n = 60;
    const draws = new Float64Array(2 * n + n * n);
    uniforms(streamKey(1, 'one-bit'), draws);
    const x = (k: number) => 3 * (2 * draws[Math.floor(k / n)]! - 1) * (2 * draws[n + (k % n)]! - 1);
    const labels = Float64Array.from({ length: n * n }, (_, k) => Number(draws[2 * n + k]! < 1 / (1 + Math.exp(-x(k)))));
    const oneBit = convexForm(matrixFactorization({ target: { rows: n, cols: n, values: labels }, rank: 3, balance: 0, lambda: 9, loss: 'logistic' }));
    const { point } = await solve(oneBit, proximalGradient({ accelerated: true }), { backend, stop: gradientTolerance(1e-9) });
    const certificate = await certifyPoint(oneBit, point, { backend });
    expect(certificate).toMatchObject({ kind: 'global-minimum', rule: 'first-order', rank: 1 });
    expect(certificate.normBound!.value / 9).toBeCloseTo(1, 6);
  });

  it('of losses without a Lipschitz constant, by searched steps', async () => {
    const counts = { ...entries, values: entries.values.map((value) => Math.round(Math.abs(value))) };
    const poisson = convexForm(matrixCompletion({ entries: counts, rank: 2, lambda: 3, loss: 'poisson' }));
    const { point, value } = await solve(poisson, proximalGradient({ accelerated: true }), { backend, stop: gradientTolerance(1e-9) });
    expect(await certifyPoint(poisson, point, { backend })).toMatchObject({ kind: 'global-minimum', rule: 'first-order' });
    const plain = await solve(poisson, proximalGradient(), { backend, stop: gradientTolerance(1e-9) });
    expect(Math.abs(plain.value - value)).toBeLessThan(1e-8 * Math.abs(value));
    expect(plan(poisson, softImpute(), backend).refusals).toMatchObject([{ code: 'LOWLAND_E_CAPABILITY', message: expect.stringContaining('needs smoothness') as string }]);
  });
});
