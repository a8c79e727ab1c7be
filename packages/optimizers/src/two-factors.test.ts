import { plan, solve } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { expect, it } from 'vitest';

import { withSpectrum } from '../test/fixtures.ts';
import { alternatingConjugateGradients, alternatingGradientDescent, lbfgs, lmafit, rectangularNesterov, sketched, wardKolda } from './index.ts';

const product = matrixFactorization({ target: withSpectrum([3, 2], 5, 5, 1), rank: 2 });
const square = symmetricFactorization({ target: withSpectrum([3, 2], 5, 5, 1, true), rank: 2 });

it.each([lmafit(), alternatingConjugateGradients(), rectangularNesterov(), alternatingGradientDescent({ start: 'sketch' })])('a plan refuses $id for X X^T', async (method) => {
  const refusals = [{ code: 'LOWLAND_E_FACTORS', message: expect.stringContaining(`"${method.id}" needs the two factors`) as string }];
  expect(plan(square, method, cpu())).toMatchObject({ ok: false, refusals });
  await expect(solve(square, method, { backend: cpu() })).rejects.toMatchObject({ code: 'LOWLAND_E_FACTORS' });
  expect(plan(product, method, cpu()).ok).toBe(true);
});

it.each([sketched(), wardKolda()])('and the start $id', (init) => {
  const refusals = [{ code: 'LOWLAND_E_FACTORS', message: expect.stringContaining(`Initializer "${init.id}" needs`) as string }];
  expect(plan(square, lbfgs(), cpu(), { init })).toMatchObject({ ok: false, refusals });
  expect(plan(product, lbfgs(), cpu(), { init }).ok).toBe(true);
});
