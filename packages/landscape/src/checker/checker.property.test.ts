/**
 * The mutation test of rigour.md A11, over random instances of every problem that the checker knows: what is true passes, every claim that is made
 * stronger and every piece of evidence that is altered is rejected.
 */
import { decodeNumbers, encodeNumbers, errorCode, type Capability, type DataMap, type Objective, type Point } from '@lowland/core';
import { columns, cpu, matrix, multiply, scaleColumns, symmetricEigen, thinSvd } from '@lowland/linalg';
import { matrixCompletion, matrixFactorization, symmetricCompletion, symmetricFactorization } from '@lowland/objectives';
import { lbfgs } from '@lowland/optimizers';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { gaussian } from '../../test/orthogonal.ts';
import { certificateDocument } from '../certificate-document.ts';
import { certifyPoint } from '../certify.ts';
import { inFactors } from '../in-factors.ts';
import { solveToCertificate } from '../solve-to-certificate.ts';
import { checkCertificate, type CertificateCheck } from './check.ts';
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

/** What the checker says; `refused` where it does not get as far as claims. */
function outcome(document: unknown, data: CertifiedData): CertificateCheck | 'refused' {
  try {
    return checkCertificate(document, data);
  } catch (error) {
    if (errorCode(error) === 'LOWLAND_E_CERTIFICATE') return 'refused';
    throw error;
  }
}
const rejects = (document: unknown, data: CertifiedData): boolean => {
  const found = outcome(document, data);
  return found === 'refused' || !found.ok;
};

/** A copy with the value at a path replaced, or taken out. */
function altered(document: CertificateDocument, path: readonly string[], change: ((value: never) => unknown) | 'removed'): unknown {
  const copy = JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
  let place = copy;
  for (const key of path.slice(0, -1)) place = place[key] as Record<string, unknown>;
  const last = path.at(-1)!;
  if (change === 'removed') Reflect.deleteProperty(place, last);
  else place[last] = change(place[last] as never);
  return copy;
}

function* pathsOf(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    yield [...path, key];
    yield* pathsOf(inner, [...path, key]);
  }
}

const each = (property: (instance: Instance) => Promise<void>) => fc.assert(fc.asyncProperty(instances, property), { seed: 20, numRuns: runs(500) });
const add = (change: number) => (value: number) => value + change;

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
    const { claims } = checkCertificate(document, data);
    const tolerance = (name: string): number => claims.find(({ claim }) => claim === name)?.tolerance ?? 0;
    const psd = document.problem.symmetric;
    const numbers = [
      ['value', 'value', -1],
      ['lowerBound', 'lower bound', 1],
      ['gap', 'gap', -1],
      ['relativeGap', 'relative gap', -1],
      ['normBound', psd ? 'least eigenvalue' : 'norm', psd ? 1 : -1],
    ] as const;
    for (const [field, name, stronger] of numbers) {
      const step = 10 * tolerance(name) * stronger;
      if (step === 0 || document.claims[field] === null) continue;
      expect([field, rejects(altered(document, ['claims', field], add(step)), data)]).toEqual([field, true]);
      // the relative gap carries the verdict, which follows from it
      if (field !== 'value' && field !== 'relativeGap') expect([field, rejects(altered(document, ['claims', field], add(-step)), data)]).toEqual([field, false]);
    }
    expect(rejects(altered(document, ['claims', 'value'], add(10 * tolerance('value'))), data)).toBe(tolerance('value') > 0);
    for (const step of [-1, 1]) expect(rejects(altered(document, ['claims', 'rank'], add(step)), data)).toBe(true);
    expect(rejects(altered(document, ['claims', 'failureProbability'], () => -1e-12), data)).toBe(true);
    expect(rejects(altered(document, ['claims', 'verdict'], (kind) => (kind === 'global-minimum' ? 'not-certified' : 'global-minimum')), data)).toBe(true);
    if (document.claims.relativeGap > 0) {
      expect(rejects(altered(document, ['claims', 'tolerance'], () => (document.claims.verdict === 'global-minimum' ? 0.5 : 2) * document.claims.relativeGap), data)).toBe(true);
    }
    expect(rejects(altered(document, ['words'], (words: string) => words.replace('minimise', 'maximise')), data)).toBe(true);
  }));

it('rejects altered evidence', () =>
  each(async (instance) => {
    const { document, data } = await caseOf(instance);
    const before = checkCertificate(document, data).claims.find(({ claim }) => claim === 'value')!;
    document.evidence.factors.forEach((block, k) => {
      for (let step = 1e-4; ; step *= 8) {
        const moved = altered(document, ['evidence', 'factors', String(k), 'data'], (data: string) => encodeNumbers(decodeNumbers(data)!.map((entry, e) => (e === 0 ? entry + step : entry))));
        const found = outcome(moved, data);
        if (found === 'refused') throw new Error('moved factors are factors');
        const value = found.claims.find(({ claim }) => claim === 'value')!;
        // a cell of the first row may be unobserved and unpenalised: then nothing depends on its factor
        if (step > 1e4 || Math.abs((value.recomputed as number) - (before.recomputed as number)) > 2 * Math.max(value.tolerance, before.tolerance)) {
          if (step <= 1e4) expect([block.name, step, found.ok]).toEqual([block.name, step, false]);
          return;
        }
      }
    });
    const { multiplier } = document.evidence;
    // half of it takes a quarter of the bound away at least, and twice as much is not feasible or takes all
    if (multiplier !== null && document.claims.lowerBound > 8 * before.tolerance) {
      for (const factor of [0.5, 2]) expect([factor, rejects(altered(document, ['evidence', 'multiplier'], () => factor * multiplier), data)]).toEqual([factor, true]);
    }
    for (const rule of ['lower-bound-zero', 'known-target', 'psd-trace', 'nuclear-norm']) {
      if (rule !== document.evidence.rule) expect([rule, rejects(altered(document, ['evidence', 'rule'], () => rule), data)]).toEqual([rule, true]);
    }
    const other = (digest: string): string => `${digest.startsWith('0') ? '1' : '0'}${digest.slice(1)}`;
    expect(rejects(altered(document, ['evidence', 'data', 'digest'], other), data)).toBe(true);
    if (document.evidence.offsets === null) return;
    expect(rejects(altered(document, ['evidence', 'offsets', 'digest'], other), data)).toBe(true);
    expect(rejects(altered(document, ['evidence', 'offsets', 'global'], add(1e-12)), data)).toBe(true);
    const rows = (text: string): string => encodeNumbers(decodeNumbers(text)!.map((entry, e) => (e === 0 ? entry + 1e-12 : entry)));
    expect(rejects(altered(document, ['evidence', 'offsets', 'rows'], rows), data)).toBe(true);
  }));

it('rejects other data, another problem and missing or additional fields', () =>
  each(async (instance) => {
    const { document, data } = await caseOf(instance);
    const datum = instance.seed % data.values.length;
    expect(rejects(document, { ...data, values: data.values.map((value, k) => (k === datum ? value + 2 ** -40 : value)) })).toBe(true);
    if ('weights' in data) expect(rejects(document, { ...data, weights: data.weights.map((weight) => 1.001 * weight) })).toBe(true);
    expect(rejects(altered(document, ['problem', 'lambda'], add(0.01)), data)).toBe(true);
    expect(rejects(altered(document, ['problem', 'symmetric'], (symmetric: boolean) => !symmetric), data)).toBe(true);
    expect(rejects(altered(document, ['problem', 'rows'], add(1)), data)).toBe(true);
    for (const center of ['none', 'global', 'bias']) {
      if (center !== document.problem.center) expect([center, rejects(altered(document, ['problem', 'center'], () => center), data)]).toEqual([center, true]);
    }
    for (const path of pathsOf(document)) expect([path, rejects(altered(document, path, 'removed'), data)]).toEqual([path, true]);
    expect(rejects({ ...document, note: 'trust me' }, data)).toBe(true);
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

it('says why there is no document', async () => {
  const target = { rows: 2, cols: 2, values: Float64Array.of(1, 2, 3, 4) };
  const huber = matrixFactorization({ target, rank: 1, lambda: 0.5, loss: { id: 'huber', options: { delta: 1 } } });
  const point = { layout: huber.layout, data: matrix(4, 1).data };
  const certificate = await certifyPoint(huber as Objective<'value'>, point, { backend });
  expect(certificateDocument({ objective: huber as Objective<Capability>, point, certificate, data: target, seed: 0 })).toMatch(/cannot be checked: only factorisation and completion by least squares/);
});
