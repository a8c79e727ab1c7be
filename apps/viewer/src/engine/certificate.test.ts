import { type CertificateDocument, checkCertificate } from '@lowland/landscape/checker';
import type { DataMap, Registry } from '@lowland/core';
import { splitEntries } from '@lowland/data';
import { beforeAll, describe, expect, it } from 'vitest';

import { readGenerateSpec } from '../model/command.ts';
import { type Composition, firstComposition } from '../model/composition.ts';
import { answer } from './answer.ts';
import { type Certified, fittedAgain } from './certificate.ts';
import { loadRegistry } from './plugins.ts';
import type { RunEvent } from './protocol.ts';
import { run, Valve } from './run.ts';

let registry: Registry;
beforeAll(async () => { registry = await loadRegistry([]); });

const lbfgs = { id: 'lbfgs', options: {} };
const problems: readonly (readonly [string, Partial<Composition>])[] = [
  ['a factorisation', { objective: { id: 'matrix-factorization', options: { rank: 2 } }, generate: { rows: 9, cols: 7, rank: 2 } }],
  ['a completion with means taken off', { objective: { id: 'matrix-completion', options: { rank: 2, lambda: 0.1 } }, generate: { rows: 12, cols: 10, rank: 2, density: 0.7 } }],
  ['a problem in the matrix itself', { objective: { id: 'matrix-completion', options: { lambda: 0.5 } }, generate: { rows: 12, cols: 10, rank: 2 }, methods: [{ id: 'soft-impute', options: {} }], limits: { ...firstComposition.limits, iterations: 3000 } }],
  ['an instance that is its own data', { objective: { id: 'weighted-two-by-two', options: { a: 0.5 } }, generate: {} }],
];

async function certified(part: Partial<Composition>) {
  const composition: Composition = { ...firstComposition, methods: [lbfgs], track: [], seed: 5, ...part };
  const events: RunEvent[] = [];
  await run(registry, composition, 0, new Valve(Infinity), (event) => events.push(structuredClone(event)));
  const { last } = events.find((event) => event.kind === 'ended')!;
  const { verdict } = events.find((event) => event.kind === 'judged')!;
  const made = structuredClone((await answer(registry, 'certificate', { composition, method: 0, point: last.point, run: 'run-1', iteration: last.iteration }, { tolerance: 1e-6 })) as Certified);
  if ('why' in made) throw new Error(made.why);
  return { composition, verdict, ...made };
}

describe.each(problems)('%s', (_, part) => {
  it('is certified as its run was judged; the checker agrees, also from data that are generated again as the file says', async () => {
    const { composition, verdict, document, data } = await certified(part);
    const { claims } = document;
    expect(claims).toMatchObject({ value: verdict.value, gap: verdict.gap, relativeGap: verdict.relativeGap, lowerBound: verdict.lowerBound, tolerance: verdict.tolerance });
    expect(claims.verdict).toBe(verdict.kind === 'global-minimum' ? 'global-minimum' : 'not-certified');
    expect(checkCertificate(document, data).claims.filter(({ ok }) => !ok)).toEqual([]);
    const read = JSON.parse(JSON.stringify(document)) as CertificateDocument;
    const { generate, holdout } = read.evidence.data.settings;
    expect(holdout).toBe(0);
    const { data: again, digest } = fittedAgain(registry, { ...composition, objective: { id: read.problem.objective, options: {} }, generate: typeof generate === 'string' ? readGenerateSpec(generate) : {}, seed: read.evidence.seed }, 0);
    expect(digest).toBe(read.evidence.data.digest);
    expect(checkCertificate(read, again).ok).toBe(true);
    expect(checkCertificate({ ...read, claims: { ...read.claims, value: read.claims.value + 0.01 } }, again).claims.filter(({ ok }) => !ok).map(({ claim }) => claim)).toContain('value');
  });
});

it('where nothing is proved, there is nothing to check, and the reason says why', async () => {
  const composition: Composition = { ...firstComposition, objective: { id: 'double-well', options: {} }, generate: {}, methods: [lbfgs], track: [] };
  const found = await answer(registry, 'certificate', { composition, method: 0, point: Float64Array.of(1, 0), run: 'run-1', iteration: 0 }, { tolerance: 1e-6 });
  expect(found).toMatchObject({ why: expect.stringMatching(/./) as string });
});

it('of data that were generated and held back in part, the same part is fitted again', () => {
  const composition: Composition = { ...firstComposition, objective: { id: 'matrix-completion', options: { rank: 2 } }, generate: { rows: 12, cols: 10, rank: 2, density: 0.7 }, seed: 5 };
  const [all, part] = [fittedAgain(registry, composition, 0), fittedAgain(registry, composition, 0.2)];
  expect(part.data!.values.length).toBe(splitEntries(all.data as DataMap['entries'], 0.2, 5)!.training.values.length);
  expect(part.digest).not.toBe(all.digest);
});
