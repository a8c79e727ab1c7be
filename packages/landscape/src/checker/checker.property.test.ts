/**
 * The mutation test of rigour.md A11, over random instances of every problem that the checker knows: what is true passes, every claim that is made
 * stronger and every piece of evidence that is altered is rejected.
 */
import { type Capability, type DataMap, type Objective, type Point } from '@lowland/core';
import { columns, cpu, matrix, multiply, scaleColumns, symmetricEigen, thinSvd } from '@lowland/linalg';
import { matrixCompletion, matrixFactorization, symmetricCompletion, symmetricFactorization } from '@lowland/objectives';
import { lbfgs } from '@lowland/optimizers';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { outcome, expectRejectsAlteredEvidence, expectRejectsOtherProblems, expectRejectsStrongerClaims } from '../../test/mutations.ts';
import { gaussian } from '../../test/orthogonal.ts';
import { certificateDocument } from '../certificate-document.ts';
import { certifyPoint } from '../certify.ts';
import { inFactors } from '../in-factors.ts';
import { solveToCertificate } from '../solve-to-certificate.ts';
import { checkCertificate } from './check.ts';
import type { CertifiedData } from './data.ts';
import type { CertificateDocument } from './document.ts';

const backend = cpu();

const instances = fc.record({
  kind: fc.constantFrom('completion', 'symmetric-completion', 'factorization', 'symmetric-factorization'),
  rows: fc.integer({ min: 2, max: 9 }),
  cols: fc.integer({ min: 2, max: 9 }),
  /** Of planted factors and of those at the point. */
  rank: fc.integer({ min: 1, max: 2 }),
  /** In parts of about what makes the solution 0; 0: none. */
  penalty: fc.constantFrom(0, 0.05, 0.3, 2),
  noise: fc.constantFrom(0, 0.3, 0.3),
  center: fc.constantFrom('none' as const, 'global' as const, 'bias' as const),
  weighted: fc.boolean(),
  /** The point: an optimum where one is known or certified, planted (no means), or anywhere. */
  place: fc.constantFrom('optimum', 'optimum', 'planted', 'anywhere'),
  seed: fc.integer({ min: 0, max: 1e6 }),
});
type Instance = typeof instances extends fc.Arbitrary<infer T> ? T : never;

interface Case {
  readonly document: CertificateDocument;
  readonly data: CertifiedData;
}

async function caseOf(instance: Instance): Promise<Case> {
  const { kind, rank, noise, place, seed } = instance;
  const symmetric = kind.startsWith('symmetric');
  const rows = instance.rows;
  const cols = symmetric ? rows : instance.cols;
  const left = gaussian(rows, rank, seed, 1);
  const right = symmetric ? left : gaussian(cols, rank, seed, 2);
  const planted = multiply(left, right, { transposeB: true });
  const errors = gaussian(rows, cols, seed, 3).data;
  const values = planted.data.map((value, k) => value + (noise * (symmetric ? errors[k]! + errors[(k % rows) * rows + Math.floor(k / rows)]! : errors[k]!)) / 2);
  const lambda = (instance.penalty * rows) / 2;
  const penalised = lambda > 0 ? { lambda } : {};
  const whole = { rows, cols, values };
  const entries = place === 'planted' ? cells(whole, { ...instance, weighted: false }, symmetric) : cells(whole, instance, symmetric);
  const center = place === 'planted' ? 'none' : symmetric && instance.center === 'bias' ? 'global' : instance.center;
  const data = kind.endsWith('factorization') ? whole : entries;
  const objective = {
    completion: () => matrixCompletion({ entries, rank, center, ...penalised }),
    'symmetric-completion': () => symmetricCompletion({ entries, rank, center, ...penalised }),
    factorization: () => matrixFactorization({ target: whole, rank, ...penalised }),
    'symmetric-factorization': () => symmetricFactorization({ target: whole, rank, ...penalised }),
  }[kind]() as Objective<Capability>;
  const at = await placeOf(objective, instance, whole, symmetric ? left.data : Float64Array.of(...left.data, ...right.data));
  const certificate = await certifyPoint(at.objective as Objective<'value'>, at.point, { backend, seed });
  const document = certificateDocument({ ...at, certificate, data, seed });
  if (typeof document === 'string') throw new Error(document);
  return { document: JSON.parse(JSON.stringify(document)) as CertificateDocument, data };
}

/** Some cells of a matrix, of a symmetric one in its upper triangle. */
function cells({ rows, cols, values }: DataMap['matrix'], { seed, weighted }: Pick<Instance, 'seed' | 'weighted'>, symmetric: boolean): DataMap['entries'] {
  const draws = gaussian(rows, cols, seed, 4).data;
  const kept = [...values.keys()].filter((k) => k === 0 || (draws[k]! > -0.5 && (!symmetric || k % cols >= Math.floor(k / cols))));
  return {
    rows,
    cols,
    row: Int32Array.from(kept, (k) => Math.floor(k / cols)),
    col: Int32Array.from(kept, (k) => k % cols),
    values: Float64Array.from(kept, (k) => values[k]!),
    ...(weighted && { weights: Float64Array.from(kept, (k) => Math.abs(draws[k]!) + 0.1) }),
  };
}

async function placeOf(
  objective: Objective<Capability>, { place, kind, penalty, rank, seed }: Instance, whole: DataMap['matrix'], planted: Float64Array,
): Promise<{ objective: Objective<Capability>; point: Point }> {
  const { layout } = objective;
  if (place === 'planted') return { objective, point: { layout, data: planted } };
  if (place === 'optimum' && penalty > 0) {
    const solved = await solveToCertificate(objective as Objective<'valueAndGradient' | 'lift' | 'factors' | 'grow'>, lbfgs(), { backend, maxIterations: 2000 });
    return inFactors(solved, backend);
  }
  if (place === 'optimum' && kind.endsWith('factorization')) return { objective, point: { layout, data: truncated(whole, rank, kind.startsWith('symmetric')) } };
  return { objective, point: { layout, data: gaussian(planted.length, 1, seed, 5).data } };
}

/** Factors of the nearest matrix of a rank. */
function truncated({ rows, cols, values }: DataMap['matrix'], rank: number, symmetric: boolean): Float64Array {
  const m = matrix(rows, cols, values);
  if (symmetric) {
    const { values: lambda, vectors } = symmetricEigen(m);
    return scaleColumns(columns(vectors, 0, rank), lambda.slice(0, rank).map((value) => Math.sqrt(Math.max(0, value)))).data;
  }
  const { u, s, v } = thinSvd(m);
  const roots = s.slice(0, rank).map(Math.sqrt);
  return Float64Array.of(...scaleColumns(columns(u, 0, rank), roots).data, ...scaleColumns(columns(v, 0, rank), roots).data);
}

const each = (property: (instance: Instance) => Promise<void>) => fc.assert(fc.asyncProperty(instances, property), { seed: 20, numRuns: runs(500) });

it('passes what is true, and every rule is among it', async () => {
  const global = new Set<string>();
  await each(async (instance) => {
    const { document, data } = await caseOf(instance);
    expect(checkCertificate(document, data).claims.filter(({ ok }) => !ok)).toEqual([]);
    if (document.claims.verdict === 'global-minimum') global.add(`${document.problem.objective}: ${document.evidence.rule}`);
  });
  expect([...global].sort()).toEqual([
    'matrix-completion: lower-bound-zero',
    'matrix-completion: nuclear-norm',
    'matrix-completion: psd-trace',
    'matrix-factorization: known-target',
    'matrix-factorization: lower-bound-zero',
    'matrix-factorization: nuclear-norm',
    'matrix-factorization: psd-trace',
  ]);
});

it('rejects every claim that is made stronger, and lets weaker ones pass', () =>
  each(async (instance) => {
    const { document, data } = await caseOf(instance);
    expectRejectsStrongerClaims(document, data);
  }));

it('rejects altered evidence', () =>
  each(async (instance) => {
    const { document, data } = await caseOf(instance);
    expectRejectsAlteredEvidence(document, data);
  }));

it('rejects other data, another problem and missing or additional fields', () =>
  each(async (instance) => {
    const { document, data } = await caseOf(instance);
    expectRejectsOtherProblems(document, data, instance.seed);
  }));

it('takes offsets for what they are: their digest alone does not make them means of the data', async () => {
  const entries = { rows: 2, cols: 2, row: Int32Array.of(0, 1), col: Int32Array.of(0, 1), values: Float64Array.of(1, 3) };
  const objective = matrixCompletion({ entries, rank: 1, lambda: 0.1 });
  const moved = Object.assign(Object.create(objective) as typeof objective, { offsets: { ...objective.offsets, global: 2.5 } });
  const point = { layout: objective.layout, data: new Float64Array(4) };
  const certificate = await certifyPoint(objective, point, { backend });
  const failed = (of: typeof objective): string[] => {
    const found = outcome(certificateDocument({ objective: of as Objective<Capability>, point, certificate, data: entries, seed: 0 }), entries);
    return found === 'refused' ? ['refused'] : found.claims.filter(({ ok }) => !ok).map(({ claim }) => claim);
  };
  expect(failed(objective)).toEqual([]);
  expect(failed(moved)).toContain('offsets from means');
});

it('rejects numbers that mean nothing: negative gaps, parameters of what is not there', async () => {
  const entries = { rows: 2, cols: 2, row: Int32Array.of(0, 1), col: Int32Array.of(0, 1), values: Float64Array.of(1, 3) };
  const objective = matrixCompletion({ entries, rank: 1, lambda: 0.1 });
  const point = { layout: objective.layout, data: new Float64Array(4) };
  const certificate = await certifyPoint(objective, point, { backend });
  const document = certificateDocument({ objective: objective as Objective<Capability>, point, certificate, data: entries, seed: 0 }) as CertificateDocument;
  expect(outcome(document, entries)).toMatchObject({ ok: true });
  const [gap, relativeGap] = [{ gap: -1e-12 }, { relativeGap: -1e-12 }].map((claim) => ({ ...document, claims: { ...document.claims, ...claim } }));
  const [parameter, alpha] = [{ parameter: 1 }, { alpha: 1 }].map((option) => ({ ...document, problem: { ...document.problem, ...option } }));
  expect([gap, relativeGap].map((changed) => outcome(changed, entries))).toMatchObject([{ ok: false }, { ok: false }]);
  expect([parameter, alpha].map((changed) => outcome(changed, entries))).toEqual(['refused', 'refused']);
});

it('says why there is no document', async () => {
  const target = { rows: 2, cols: 2, values: Float64Array.of(1, 2, 3, 4) };
  const weighted = matrixFactorization({ target, rank: 1, lambda: 0.5, weights: Float64Array.of(1, 2, 3, 4) });
  const point = { layout: weighted.layout, data: matrix(4, 1).data };
  const certificate = await certifyPoint(weighted as Objective<'value'>, point, { backend });
  expect(certificateDocument({ objective: weighted as Objective<Capability>, point, certificate, data: target, seed: 0 })).toMatch(/cannot be checked: the checker has no formula/);
  // an objective of others by the same name, whose options mean something else
  const factorization = matrixFactorization({ target, rank: 1 });
  for (const options of [{ ...factorization.options, lambda: 'small' }, { ...factorization.options, loss: { id: 'hinge' } }, { ...factorization.options, balance: undefined }]) {
    const namesake = { ...factorization, options } as Objective<Capability>;
    expect(certificateDocument({ objective: namesake, point, certificate, data: target, seed: 0 })).toMatch(/cannot be checked: the checker has no formula/);
  }
});
