/**
 * The mutation test of rigour.md A11 over the problems that are no least squares of a matrix's entries: measurements, other losses, constraints,
 * intensities, and the instances that are their own data.
 */
import { createPoint, gradientNorm, anyOf, maxIterations, normals, solve, streamKey, type Capability, type DataMap, type Measurements, type Objective, type Point } from '@lowland/core';
import { cpu, matrix, multiply } from '@lowland/linalg';
import {
  betaFamily, constrainedFactorization, generateConstraints, generateGraph, generateIntensities, generateMeasurements, generateOrthogonalCut, generateTeacher, matrixCompletion,
  matrixFactorization, matrixSensing, maxCut, orthogonalCut, phaseRetrieval, quadraticNetwork, ring, symmetricCompletion, symmetricFactorization, symmetricSensing, weightedTwoByTwo,
} from '@lowland/objectives';
import { augmentedLagrangian, lbfgs } from '@lowland/optimizers';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { expectRejectsAlteredEvidence, expectRejectsOtherProblems, expectRejectsStrongerClaims } from '../../test/mutations.ts';
import { atMultipliers } from '../at-multipliers.ts';
import { certificateDocument } from '../certificate-document.ts';
import { certifyPoint } from '../certify.ts';
import { checkCertificate } from './check.ts';
import type { CertifiedData } from './data.ts';
import type { CertificateDocument } from './document.ts';

const backend = cpu();
const draw = (length: number, seed: number, index: number): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'measured certificates', index), out);
  return out;
};
const labels = (x: Float64Array): Float64Array => x.map((value) => Number(value > 0));
const counts = (x: Float64Array): Float64Array => x.map((value) => Math.floor(2 * Math.abs(value)));
const pick = <T>(list: readonly T[], seed: number): T => list[seed % list.length]!;

interface Made {
  readonly objective: Objective<Capability>;
  readonly data?: CertifiedData;
  /** Where an exact solution is known. */
  readonly planted?: Float64Array;
}
const of = (objective: unknown, data?: CertifiedData, planted?: Float64Array): Made => ({ objective: objective as Objective<Capability>, ...(data && { data }), ...(planted && { planted }) });

/** Every way to say what the A_k are, measured at a planted matrix with noise. */
function measurements(seed: number, symmetric: boolean, noise: number): Measurements {
  const n = 3;
  const seeded = { rows: n, cols: n, rank: 1, measurements: 9, noise, symmetric };
  const ensemble = pick(['gaussian', 'lattice', 'gaussian-symmetric', 'sparse', 'rank-one', 'dense', 'written', 'vectors', 'entries'], seed);
  const weights = seed % 3 === 0 ? { weights: draw(9, seed, 1).map(Math.abs) } : {};
  const { data } = generateMeasurements({ ...seeded, rankOne: ensemble === 'rank-one', nonzeros: ensemble === 'sparse' ? 2 : 0, symmetricMatrices: ensemble === 'gaussian-symmetric', lattice: ensemble === 'lattice' }, seed);
  const written = { written: { kind: 'dense', matrices: draw(81, seed, 2) }, vectors: { kind: 'rank-one', left: draw(27, seed, 2), ...(seed % 2 === 0 && { right: draw(27, seed, 3) }) } } as const;
  if (ensemble === 'written' || ensemble === 'vectors') return { ...data, ...weights, ensemble: written[ensemble] };
  if (ensemble !== 'entries') return { ...data, ...weights };
  const index = Int32Array.from({ length: 18 }, (_, e) => e >> 1);
  return { ...data, ...weights, ensemble: { kind: 'sparse', measurement: index, row: index.map((k) => k % 3), col: Int32Array.from({ length: 18 }, (_, e) => (e + (e >> 2)) % 3), value: draw(18, seed, 4) } };
}

const cells = (n: number, values: Float64Array, symmetric: boolean): DataMap['entries'] => {
  const kept = Int32Array.from({ length: n * n }, (_, k) => k).filter((k) => k % 4 !== 1 && (!symmetric || k % n >= Math.floor(k / n)));
  return { rows: n, cols: n, row: kept.map((k) => Math.floor(k / n)), col: kept.map((k) => k % n), values: Float64Array.from(kept, (k) => values[k]!), weights: Float64Array.from(kept, (k) => 1 + (k % 3)) };
};

const losses = [
  [{ id: 'huber', options: { delta: 0.5 } }, (x: Float64Array) => x],
  ['logistic', labels],
  ['logistic', (x: Float64Array) => x.map((value) => 1 / (1 + Math.exp(-value)))],
  ['poisson', counts],
  [{ id: 'poisson-identity', options: { beta: 0.3 } }, counts],
] as const;

const kinds: Readonly<Record<string, (seed: number) => Made>> = {
  sensing(seed) {
    const data = measurements(seed, false, 0.2);
    return of(matrixSensing({ measurements: data, rank: 3, lambda: 2, normalisation: pick(['sum', 'mean'], seed >> 3) }), data);
  },
  'sensing with a linear term'(seed) {
    const data = { ...measurements(seed, false, 0.2), linear: draw(9, seed, 11).map((x) => 0.2 * x) };
    return of(matrixSensing({ measurements: data, rank: 3, lambda: 2 }), data);
  },
  'sensing of X X^T'(seed) {
    const data = { ...measurements(seed, true, 0.2), ...(seed % 5 === 0 && { linear: draw(9, seed, 5).map((x) => 0.1 * x) }) };
    return of(symmetricSensing({ measurements: data, rank: 3, lambda: pick([0, 0.5], seed >> 3) }), data);
  },
  'an exact fit'(seed) {
    const { data, truth } = generateMeasurements({ rows: 3, cols: 3, rank: 1, measurements: 9, symmetric: true }, seed);
    const column = Math.sign(truth.values[0]!) * Math.sqrt(truth.values[0]!);
    return of(symmetricSensing({ measurements: data, rank: 1 }), data, Float64Array.from({ length: 3 }, (_, i) => truth.values[i]! / column));
  },
  'other losses of measurements'(seed) {
    const [loss, respond] = pick(losses, seed >> 3);
    const given = measurements(seed, true, 0.1);
    const data = { ...given, values: respond(given.values), ...(given.weights && { weights: given.weights.map((w) => w + 0.1) }) };
    return of(seed % 2 === 0 ? symmetricSensing({ measurements: data, rank: 3, lambda: 0.4, loss }) : matrixSensing({ measurements: data, rank: 3, lambda: 0.6, loss }), data);
  },
  'other losses of a matrix'(seed) {
    const [loss, respond] = pick(losses, seed);
    const values = respond(draw(16, seed, 6));
    const symmetric = values.map((_, k) => values[Math.min(k, (k % 4) * 4 + Math.floor(k / 4))]!);
    const data = { rows: 4, cols: 4, values: seed % 2 === 0 ? symmetric : values };
    return of(seed % 2 === 0 ? symmetricFactorization({ target: data, rank: 4, lambda: 0.4, loss }) : matrixFactorization({ target: data, rank: 4, lambda: 0.4, balance: 0, loss }), data);
  },
  'other losses of entries'(seed) {
    const [loss, respond] = pick(losses, seed);
    const data = cells(4, respond(draw(16, seed, 7)), seed % 2 === 0);
    return of(seed % 2 === 0 ? symmetricCompletion({ entries: data, rank: 4, lambda: 0.3, loss }) : matrixCompletion({ entries: data, rank: 4, lambda: 0.4, loss }), data);
  },
  'rows penalised'(seed) {
    const data = cells(4, draw(16, seed, 8), true);
    return of(symmetricCompletion({ entries: data, rank: 4, lambda: 0.1, center: 'none', incoherence: 2, alpha: 0.4 }), data);
  },
  'quadratic network'(seed) {
    const { data } = generateTeacher({ inputs: 3, rank: 1, noise: 0.1 }, seed);
    return of(quadraticNetwork({ data, rank: 3, lambda: pick([0, 0.2], seed) }), data);
  },
  'max-cut'(seed) {
    const { data } = generateGraph({ size: 6, density: 0.6 }, seed);
    return of(maxCut({ graph: data, rank: 4, merit: pick(['penalty', 'augmented'], seed), weight: 4 }), data);
  },
  'orthogonal-cut'(seed) {
    const { data } = generateOrthogonalCut({ blocks: 3, size: 2, noise: 0.2 }, seed);
    return of(orthogonalCut({ cost: data, size: 2, rank: 5, weight: 4 }), data);
  },
  constraints(seed) {
    const { data } = generateConstraints({ rows: 4, rank: 1, constraints: 10 }, seed);
    const linear = matrix(4, 4, draw(16, seed, 9));
    return of(constrainedFactorization({ constraints: seed % 2 === 0 ? data : { ...data, linear: multiply(linear, linear, { transposeB: true }).data }, rank: 4 }), seed % 2 === 0 ? data : { ...data, linear: multiply(linear, linear, { transposeB: true }).data });
  },
  intensities(seed) {
    const complex = seed % 2 === 0;
    const coded = seed % 3 === 0;
    const { data, truth } = generateIntensities({ size: 4, complex, ...(coded ? { ensemble: 'coded-diffraction', masks: 4 } : {}) }, seed);
    const loss = pick(['intensity', 'amplitude', 'smoothed-amplitude'] as const, seed >> 2);
    return of(phaseRetrieval({ measurements: data, loss, real: !complex }), data, truth.values);
  },
  'beta family': (seed) => of(betaFamily(pick([0.7, 1, 1.4], seed), 1 + (seed % 2))),
  ring: (seed) => of(ring(5, pick([2, 4], seed), 3)),
  'weighted two by two': (seed) => of(weightedTwoByTwo(pick([0.1, 0.5], seed), 2)),
};

interface Case {
  readonly document: CertificateDocument;
  readonly data: CertifiedData;
}

/** An optimum as a method finds it, with multipliers where there are constraints, or a point anywhere. */
async function caseOf(kind: string, seed: number): Promise<Case | undefined> {
  const made = kinds[kind]!(seed);
  const place = await placeOf(made, seed);
  const certificate = await certifyPoint(place.objective as Objective<'value'>, place.point, { backend, seed });
  const document = certificateDocument({ ...place, certificate, ...(made.data && { data: made.data }), seed });
  if (typeof document === 'string') {
    // without a lower bound of the loss a point with an excess has no gap
    expect([kind, document]).toEqual([kind, expect.stringMatching(/nothing bounds the norm|not finite/)]);
    return undefined;
  }
  return { document: JSON.parse(JSON.stringify(document)) as CertificateDocument, data: made.data };
}

async function placeOf({ objective, planted }: Made, seed: number): Promise<{ objective: Objective<Capability>; point: Point }> {
  const { layout } = objective;
  if (planted !== undefined && seed % 4 !== 1) return { objective, point: createPoint(layout, planted.slice()) };
  const start = createPoint(layout);
  if (seed % 4 === 1) return { objective, point: createPoint(layout, draw(start.data.length, seed, 10)) };
  const made = objective as unknown as Objective<'valueAndGradient' | 'constraints'>;
  if ('constraints' in objective.routes) {
    const { point } = await solve(made, augmentedLagrangian({ tolerance: 1e-9 }), { backend, seed });
    return atMultipliers({ objective, point }, backend);
  }
  const { point } = await solve(made, lbfgs(), { backend, seed, stop: anyOf(gradientNorm(1e-11), maxIterations(600)) });
  return { objective, point };
}

const instances = fc.record({ kind: fc.constantFrom(...Object.keys(kinds)), seed: fc.integer({ min: 0, max: 1e6 }) });
const each = (property: (found: Case, seed: number, kind: string) => void) =>
  fc.assert(
    fc.asyncProperty(instances, async ({ kind, seed }) => {
      const found = await caseOf(kind, seed);
      if (found !== undefined) property(found, seed, kind);
    }),
    { seed: 21, numRuns: runs(800) },
  );

it.each(Object.keys(kinds))('passes what is true, global minima among it: %s', async (kind) => {
  const verdicts = new Set<string>();
  for (let seed = 0; seed < 8; seed++) {
    const found = await caseOf(kind, seed);
    if (found === undefined) continue;
    expect([seed, checkCertificate(found.document, found.data).claims.filter(({ ok }) => !ok)]).toEqual([seed, []]);
    verdicts.add(found.document.claims.verdict);
  }
  expect(verdicts).toContain('global-minimum');
});

it('rejects every claim that is made stronger, and lets weaker ones pass', () =>
  each(({ document, data }) => {
    expectRejectsStrongerClaims(document, data);
  }));

it('rejects altered evidence', () =>
  each(({ document, data }) => {
    expectRejectsAlteredEvidence(document, data);
  }));

it('rejects other data, another problem and missing or additional fields', () =>
  each(({ document, data }, seed) => {
    expectRejectsOtherProblems(document, data, seed);
  }));
