/** The mutation test of rigour.md A11, for any document: every claim made stronger, every piece of evidence altered, a datum changed, a field removed. */
import { decodeNumbers, encodeNumbers, errorCode } from '@lowland/core';
import { expect } from 'vitest';

import { checkCertificate, type CertificateCheck } from '../src/checker/check.ts';
import type { CertifiedData } from '../src/checker/data.ts';
import type { CertificateDocument } from '../src/checker/document.ts';

/** What the checker says; `refused` where it does not get as far as claims. */
export function outcome(document: unknown, data: CertifiedData): CertificateCheck | 'refused' {
  try {
    return checkCertificate(document, data);
  } catch (error) {
    if (errorCode(error) === 'LOWLAND_E_CERTIFICATE') return 'refused';
    throw error;
  }
}

export const rejects = (document: unknown, data: CertifiedData): boolean => {
  const found = outcome(document, data);
  return found === 'refused' || !found.ok;
};

/** A copy with the value at a path replaced, or taken out. */
export function altered(document: CertificateDocument, path: readonly string[], change: ((value: never) => unknown) | 'removed'): unknown {
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

const add = (change: number) => (value: number) => value + change;
const names: Readonly<Record<string, string>> = { value: 'value', lowerBound: 'lower bound', gap: 'gap', relativeGap: 'relative gap' };

/** Every claim moved by ten tolerances to the side that claims more is rejected; to the other side it may pass, and bounds do. */
export function expectRejectsStrongerClaims(document: CertificateDocument, data: CertifiedData): void {
  const { claims } = checkCertificate(document, data);
  const claimed = (name: string) => claims.find(({ claim }) => claim === name);
  const lowered = claimed('least eigenvalue') !== undefined;
  const numbers = [['value', -1], ['lowerBound', 1], ['gap', -1], ['relativeGap', -1], ['normBound', lowered ? 1 : -1]] as const;
  for (const [field, stronger] of numbers) {
    const { tolerance } = claimed(names[field] ?? (lowered ? 'least eigenvalue' : 'norm'))!;
    const stated = document.claims[field];
    const step = 10 * tolerance * stronger;
    if (step === 0 || stated === null) continue;
    // by ten tolerances beyond what is recomputed, since true claims may be weaker than that
    const recomputed = claimed(names[field] ?? (lowered ? 'least eigenvalue' : 'norm'))!.recomputed as number;
    const beyond = stronger === 1 ? Math.max(stated, recomputed) : Math.min(stated, recomputed);
    expect([field, rejects(altered(document, ['claims', field], () => beyond + step), data)]).toEqual([field, true]);
    // the relative gap carries the verdict, which follows from it
    if (field !== 'value' && field !== 'relativeGap') expect([field, rejects(altered(document, ['claims', field], add(-step)), data)]).toEqual([field, false]);
  }
  const { tolerance } = claimed('value')!;
  expect(rejects(altered(document, ['claims', 'value'], add(10 * tolerance)), data)).toBe(tolerance > 0);
  for (const step of [-1, 1]) expect(rejects(altered(document, ['claims', 'rank'], (rank: number | null) => (rank ?? 0) + step), data)).toBe(true);
  expect(rejects(altered(document, ['claims', 'failureProbability'], () => -1e-12), data)).toBe(true);
  expect(rejects(altered(document, ['claims', 'verdict'], (kind) => (kind === 'global-minimum' ? 'not-certified' : 'global-minimum')), data)).toBe(true);
  if (document.claims.relativeGap > 0) {
    expect(rejects(altered(document, ['claims', 'tolerance'], () => (document.claims.verdict === 'global-minimum' ? 0.5 : 2) * document.claims.relativeGap), data)).toBe(true);
  }
  expect(rejects(altered(document, ['words'], (words: string) => words.replace('minimise', 'maximise')), data)).toBe(true);
}

const firstMoved = (step: number) => (text: string) => encodeNumbers(decodeNumbers(text)!.map((entry, e) => (e === 0 ? entry + step : entry)));
const other = (digest: string): string => `${digest.startsWith('0') ? '1' : '0'}${digest.slice(1)}`;

/** Factors, multipliers, rule and digests that are altered are rejected: blocks of numbers from where they move a recomputed claim by more than its tolerance. */
export function expectRejectsAlteredEvidence(document: CertificateDocument, data: CertifiedData): void {
  const before = checkCertificate(document, data).claims.find(({ claim }) => claim === 'value')!;
  const blocks = [...document.evidence.factors.map((_, k) => ['evidence', 'factors', String(k), 'data']), ...(document.evidence.multipliers === null ? [] : [['evidence', 'multipliers']])];
  for (const path of blocks) {
    for (let step = 1e-4; ; step *= 8) {
      const found = outcome(altered(document, path, firstMoved(step)), data);
      if (found === 'refused') break;
      const value = found.claims.find(({ claim }) => claim === 'value')!;
      const apart = Math.abs((value.recomputed as number) - (before.recomputed as number));
      // a cell of the first row may be unobserved and unpenalised, a constraint exactly met: then nothing depends on the number
      if (step <= 1e4 && !(apart > 2 * Math.max(value.tolerance, before.tolerance)) && !Number.isNaN(apart)) continue;
      if (step <= 1e4) expect([path, step, found.ok]).toEqual([path, step, false]);
      break;
    }
  }
  const { multiplier, shift, offsets } = document.evidence;
  // half of it takes a quarter of the bound away at least, and twice as much is not feasible or takes all
  if (multiplier !== null && document.evidence.rule !== 'first-order' && document.claims.lowerBound > 8 * before.tolerance) {
    for (const factor of [0.5, 2]) expect([factor, rejects(altered(document, ['evidence', 'multiplier'], () => factor * multiplier), data)]).toEqual([factor, true]);
  }
  for (const change of [(text: string) => encodeNumbers(decodeNumbers(text)!.map((entry) => -entry)), () => encodeNumbers(new Float64Array(decodeNumbers(shift ?? '')?.length ?? 0))]) {
    if (shift !== null) expect(rejects(altered(document, ['evidence', 'shift'], change), data)).toBe(true);
  }
  for (const rule of ['lower-bound-zero', 'known-target', 'psd-trace', 'nuclear-norm', 'first-order']) {
    if (rule !== document.evidence.rule) expect([rule, rejects(altered(document, ['evidence', 'rule'], () => rule), data)]).toEqual([rule, true]);
  }
  expect(rejects(altered(document, ['evidence', 'data', 'digest'], other), data)).toBe(true);
  if (offsets === null) return;
  expect(rejects(altered(document, ['evidence', 'offsets', 'digest'], other), data)).toBe(true);
  expect(rejects(altered(document, ['evidence', 'offsets', 'global'], add(1e-12)), data)).toBe(true);
  expect(rejects(altered(document, ['evidence', 'offsets', 'rows'], firstMoved(1e-12)), data)).toBe(true);
}

/** Data with a number changed, a problem with an option changed, fields removed or added. */
export function expectRejectsOtherProblems(document: CertificateDocument, data: CertifiedData, datum: number): void {
  if (data !== undefined) {
    const at = datum % data.values.length;
    expect(rejects(document, { ...data, values: data.values.map((value, k) => (k === at ? value + 2 ** -40 : value)) })).toBe(true);
    if ('weights' in data) expect(rejects(document, { ...data, weights: data.weights.map((weight) => 1.001 * weight) })).toBe(true);
    if ('linear' in data) expect(rejects(document, { ...data, linear: data.linear.map((c, k) => (k === 0 ? c + 2 ** -40 : c)) })).toBe(true);
    if ('ensemble' in data) for (const ensemble of otherEnsembles(data.ensemble)) expect(rejects(document, { ...data, ensemble })).toBe(true);
  }
  const changes: Readonly<Record<string, readonly ((value: never) => unknown)[]>> = {
    lambda: [add(0.01)],
    symmetric: [(value: boolean) => !value],
    rows: [add(1)],
    weight: [add(0.01)],
    center: ['none', 'global', 'bias'].map((center) => () => center),
    loss: ['least-squares', 'huber', 'logistic', 'poisson', 'poisson-identity', 'intensity', 'amplitude', 'smoothed-amplitude'].map((loss) => () => loss),
    normalisation: ['sum', 'mean'].map((normalisation) => () => normalisation),
    merit: ['penalty', 'augmented'].map((merit) => () => merit),
    objective: ['matrix-factorization', 'matrix-completion', 'matrix-sensing', 'max-cut', 'orthogonal-cut', 'constrained-factorization', 'phase-retrieval'].map((id) => () => id),
  };
  for (const [field, made] of Object.entries(changes)) {
    const given = (document.problem as unknown as Record<string, unknown>)[field];
    if (given === undefined) continue;
    for (const change of made) {
      if (change(given as never) !== given) expect([field, rejects(altered(document, ['problem', field], change), data)]).toEqual([field, true]);
    }
  }
  for (const path of pathsOf(document)) expect([path, rejects(altered(document, path, 'removed'), data)]).toEqual([path, true]);
  expect(rejects({ ...document, note: 'trust me' }, data)).toBe(true);
}

type Ensemble = Extract<NonNullable<CertifiedData>, { ensemble: unknown }>['ensemble'];

function* otherEnsembles(ensemble: Ensemble): Generator<Ensemble> {
  const moved = (list: Float64Array): Float64Array => list.map((value, k) => (k === 0 ? value + 2 ** -40 : value));
  switch (ensemble.kind) {
    case 'seeded':
      yield { ...ensemble, seed: ensemble.seed + 1 };
      yield { ...ensemble, version: 2 as 1 };
      for (const name of ['gaussian', 'lattice', 'gaussian-symmetric'] as const) if (name !== ensemble.name) yield { ...ensemble, name };
      return;
    case 'dense':
      yield { ...ensemble, matrices: moved(ensemble.matrices) };
      return;
    case 'sparse':
      yield { ...ensemble, value: moved(ensemble.value) };
      return;
    case 'rank-one':
      yield { ...ensemble, left: moved(ensemble.left) };
      return;
    case 'coded-diffraction':
      yield { ...ensemble, masks: moved(ensemble.masks) };
  }
}
