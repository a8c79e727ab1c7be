import { type AnyObjective, type AnyOptimizer, createRegistry, layoutLength, LowlandError, options, type ObjectiveDefinition } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { defineObjective } from '@lowland/objectives';
import { fixed, gradientDescent, lbfgs, scaledGradientDescent, trustRegion } from '@lowland/optimizers';
import { describe, expect, it } from 'vitest';

import { matrix, registry } from '../registered.ts';
import { needFiles } from './columns.ts';
import { type Outcome, pair } from './pair.ts';
import { mostTiny, rowsOf, tiny } from './rows.ts';

const backend = cpu();

it('every objective runs with every optimizer that it has what for, and is refused by the others', () => {
  const { rows, columns, outcomes } = matrix;
  const wrong = rows.flatMap(({ name }, i) =>
    columns.flatMap((column, j) => {
      const outcome = outcomes[i]![j]!;
      return outcome.kind === 'wrong' ? [`${name} with ${column.name}: ${outcome.why}`] : [];
    }),
  );
  expect(wrong).toEqual([]);
  // what stops everywhere, or never runs, is not tested at all
  const falls = (own: readonly Outcome[]): boolean => own.some(({ kind }) => kind === 'falls');
  expect(rows.filter((_, i) => !falls(outcomes[i]!)).map(({ name }) => `the value of ${name} falls with no optimizer`)).toEqual([]);
  const whole = columns.filter(({ name }, j) => !name.includes(',') && !falls(outcomes.map((row) => row[j]!)));
  expect(whole.map(({ name }) => `${name} runs on no objective`)).toEqual([]);
  expect(rows.filter(({ objective }) => layoutLength(objective.layout) > mostTiny).map(({ name }) => `${name} is not tiny: name its sizes as rows.ts does`)).toEqual([]);
  for (const { id } of registry.all('objectives')) expect(rows.map(({ name }) => name)).toContain(id);
  for (const loss of ['huber', 'logistic', 'poisson', 'poisson-identity']) {
    for (const id of ['matrix-factorization', 'matrix-completion', 'matrix-sensing']) expect(rows.map(({ name }) => name)).toContain(`${id}, loss ${loss}`);
  }
  for (const { id } of registry.all('optimizers')) expect(columns.map(({ name }) => name)).toContain(id);
  for (const { id } of registry.all('initializers')) if (!needFiles.includes(id)) expect(columns.map(({ name }) => name)).toContain(`start ${id}`);
});

/** |at|^2 on the plane, with a gradient that is `slope` times its own. */
const bowl = (slope = 1): AnyObjective =>
  defineObjective({
    id: 'bowl',
    blocks: { at: [2] },
    start: (_key, { at }) => {
      at.set([1, 2]);
    },
    value: ({ at }) => at[0]! ** 2 + at[1]! ** 2,
    gradient: ({ at }, out) => {
      at.forEach((entry, i) => (out.at[i] = 2 * slope * entry));
    },
  });
const outcome = (objective: AnyObjective, optimizer: AnyOptimizer) => pair(objective, { create: () => ({ optimizer }) }, backend);

describe('a pair', () => {
  it('is right where the value falls, where it rests, and where what is missing is named', async () => {
    expect(await outcome(bowl(), lbfgs())).toEqual({ kind: 'falls' });
    expect(await outcome(bowl(0), gradientDescent())).toMatchObject({ kind: 'stops', why: expect.stringContaining('converged') as string });
    expect(await outcome(bowl(), trustRegion())).toEqual({ kind: 'refused', lacks: ['hessianVectorProduct'] });
  });

  it('is wrong where the value rises and nothing says why, or against a claim', async () => {
    const down = gradientDescent({ step: fixed({ step: 0.1 }) });
    expect(await outcome(bowl(-1), down)).toMatchObject({ kind: 'wrong', why: expect.stringContaining('never falls') as string });
    expect(await outcome(bowl(-1), { ...down, claims: ['monotone'] })).toMatchObject({ kind: 'wrong', why: expect.stringContaining('monotone') as string });
  });

  it('is wrong where it breaks, and shown where it diverges', async () => {
    const step = () => {
      throw new Error('broken');
    };
    expect(await outcome(bowl(), { ...lbfgs(), start: (context) => ({ state: { point: context.state() }, step }) })).toEqual({ kind: 'wrong', why: 'Error: broken' });
    expect(await outcome(bowl(NaN), gradientDescent({ step: fixed({ step: 0.1 }) }))).toEqual({ kind: 'stops', why: 'diverged, not-finite' });
  });

  it('is wrong where a refusal names nothing that is missing', async () => {
    const unwilling: AnyOptimizer = { ...lbfgs(), refuses: () => ({ code: 'LOWLAND_E_OTHER', message: 'No.' }) };
    expect(await outcome(bowl(), unwilling)).toMatchObject({ kind: 'wrong', why: expect.stringContaining('nothing is missing') as string });
    expect(await outcome(bowl(), scaledGradientDescent())).toEqual({ kind: 'refused', lacks: ['factors'] });
  });

  it('is wrong where it is refused as it starts, and not by the plan', async () => {
    const late: AnyOptimizer = {
      ...lbfgs(),
      start: () => {
        throw new LowlandError('LOWLAND_E_OPTIMUM', 'Too late.');
      },
    };
    expect(await outcome(bowl(), late)).toEqual({ kind: 'wrong', why: 'LowlandError: Too late.' });
    expect(await outcome({ ...bowl(), facts: ['optimum'] }, { ...lbfgs(), needs: ['optimum'] })).toEqual({ kind: 'falls' });
    expect(await outcome(bowl(), { ...lbfgs(), needs: ['optimum'] })).toEqual({ kind: 'refused', lacks: ['optimum'] });
  });
});

it('an objective of which no problem can be made is found, and what to add is said', async () => {
  using device = await backend.open();
  const definition: ObjectiveDefinition<object, 'matrix'> = { apiVersion: 1, id: 'unmade', summary: '', data: 'matrix', options: options({}), create: () => bowl() };
  const made = createRegistry({ apiVersion: 1, name: 'test', version: '1', objectives: [definition] });
  expect(() => rowsOf(made, device, tiny)).toThrow(/unmade cannot be made small: .* give its definition a generator.*rows, cols, size/);
});
