import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createPoint, gradientTolerance, maxIterations, parseOptions, plan, solve, valueBelow } from '@lowland/core';
import { asyncBackend, optimizerChecks } from '@lowland/core/testing';
import { cpu } from '@lowland/linalg';
import { matrixFactorization } from '@lowland/objectives';

import plugin, { polyak } from '../src/index.ts';

/** The matrix of ones, plus twice the identity: symmetric, eigenvalues 2 + size and 2. Its best rank-1 fit leaves 2 (size − 1). */
const target = (size: number) => ({
  rows: size,
  cols: size,
  values: Float64Array.from({ length: size * size }, (_, k) => (k % (size + 1) === 0 ? 3 : 1)),
});
const objective = matrixFactorization({ target: target(5), rank: 1 });
const backend = cpu();

test('reaches an optimum that the objective knows', async () => {
  const { value, stop } = await solve(objective, polyak(), { backend, stop: gradientTolerance(1e-6) });
  assert.equal(stop.reason, 'converged');
  assert.ok(Math.abs(value - 8) < 1e-9);
});

test('runs unchanged on an asynchronous f32 device', async () => {
  const { value } = await solve(objective, polyak({ optimum: 8 }), { backend: asyncBackend(), stop: valueBelow(8.001) });
  assert.ok(value <= 8.001);
});

test('stalls where the gradient vanishes above the optimum', async () => {
  const { stop } = await solve(objective, polyak(), { backend, point: createPoint(objective.layout), stop: maxIterations(9) });
  assert.deepEqual([stop.reason, stop.rule], ['stalled', 'zero-gradient']);
});

test('asks for the optimum where nobody knows it', async () => {
  const { facts: _, ...silent } = objective;
  assert.match(plan(silent, polyak(), backend).refusals[0]!.message, /needs optimum/);
  await assert.rejects(solve(silent, polyak(), { backend }), { code: 'LOWLAND_E_OPTIMUM' });
  assert.ok(plan(silent, polyak({ optimum: 8 }), backend).ok);
});

test('its definition makes it, options checked', async () => {
  const [definition] = plugin.optimizers!;
  assert.deepEqual(definition!.create(parseOptions(definition!.options, { optimum: 8 }, 'polyak')).options, { optimum: 8 });
  assert.throws(() => parseOptions(definition!.options, { optimum: 'low' }, 'polyak'), { code: 'LOWLAND_E_OPTIONS' });
});

// What Lowland asks of every optimizer: resumed from JSON after every step, bit for bit, and the rest of it.
for (const { name, run } of optimizerChecks({ optimizer: polyak(), objective, backend })) test(name, () => run());
