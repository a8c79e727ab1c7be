import { describe, expect, it } from 'vitest';

import { analyse } from './analyse.ts';
import type { AnyAnalysis, AnyInitializer, AnyObjective, AnyOptimizer } from './any.ts';
import type { Backend } from './device.ts';
import { createPoint } from './layout.ts';
import { requireMembers } from './members.ts';
import { plan } from './plan.ts';
import { solve } from './solve.ts';
import { startingPoint } from './starting-point.ts';
import { maxIterations } from './stop.ts';
import { referenceBackend } from './testing/index.ts';

const backend = referenceBackend();
const objective = {
  id: 'bowl',
  layout: { blocks: [{ name: 'x', shape: [1] }] },
  options: {},
  routes: { valueAndGradient: [{ kernels: [], label: 'composed', bind: () => () => undefined }] },
  upload: () => undefined,
  bytes: () => 0,
  initial: () => createPoint({ blocks: [{ name: 'x', shape: [1] }] }),
};
const optimizer = { id: 'still', requires: [], options: {}, readsPerStep: 0, start: (context: { state(): object }) => ({ state: { point: context.state() }, step: () => undefined }) };
const planned = (o: object, m: object, b: object = backend) => plan(o as AnyObjective, m as AnyOptimizer, b as Backend);
const refusal = (...members: string[]) => expect.objectContaining({ code: 'LOWLAND_E_CONTRACT', details: expect.objectContaining({ members }) as object }) as Error;

describe('values that lack a member', () => {
  it('pass where they lack none', () => {
    expect(planned(objective, optimizer).ok).toBe(true);
  });

  it.each<[string, unknown]>([
    ['upload', undefined], ['initial', {}], ['bytes', 3], ['routes', { value: [{ label: 'composed', bind: () => undefined }] }], ['layout', { blocks: [{ name: 'x', shape: ['3'] }] }], ['options', null], ['facts', 'convex'],
  ])('objective: %s', (member, value) => {
    expect(() => planned({ ...objective, [member]: value }, optimizer)).toThrow(refusal(member));
    expect(() => planned({ ...objective, [member]: value }, optimizer)).toThrow(`"bowl" lacks what one has: \`${member}\` is `);
  });

  it.each<[string, unknown]>([['requires', undefined], ['readsPerStep', '3'], ['start', undefined], ['uses', 'lift'], ['claims', [1]]])('optimizer: %s', (member, value) => {
    expect(() => planned(objective, { ...optimizer, [member]: value })).toThrow(refusal(member));
  });

  it('all of them in one message, with what was found', () => {
    expect(() => planned(objective, { id: 'empty' })).toThrow(refusal('requires', 'options', 'readsPerStep', 'start'));
    expect(() => planned(objective, { ...optimizer, readsPerStep: 'three' })).toThrow('`readsPerStep` is a number, 0 or more, not "three"');
    expect(() => planned(objective, { ...optimizer, id: undefined })).toThrow('An optimizer lacks what one has: `id` is a text, not missing');
  });

  it('a promise of one, and nothing at all', () => {
    expect(() => planned(objective, Promise.resolve(optimizer))).toThrow('await it first');
    expect(() => { requireMembers('optimizer', undefined as unknown as AnyOptimizer); }).toThrow('An optimizer is an object; missing was given.');
  });

  it('backend, initializer and analysis at their doors', async () => {
    expect(() => planned(objective, optimizer, { ...backend, kernels: ['dot'] })).toThrow(refusal('kernels'));
    const init = { id: 'odd', requires: [], options: {} } as unknown as AnyInitializer;
    expect(() => plan(objective as unknown as AnyObjective, optimizer as unknown as AnyOptimizer, backend, { init })).toThrow(refusal('point'));
    await expect(startingPoint(objective as unknown as AnyObjective, init, { backend })).rejects.toThrow(refusal('point'));
    await expect(analyse(objective as unknown as AnyObjective, { id: 'odd', requires: [], dtype: 'f16' } as unknown as AnyAnalysis, objective.initial(), backend)).rejects.toThrow(refusal('dtype', 'run'));
  });

  it('what a method starts with', async () => {
    const run = (start: () => unknown) => solve(objective as unknown as AnyObjective, { ...optimizer, start } as unknown as AnyOptimizer, { backend, stop: maxIterations(1) });
    await expect(run(() => ({ state: {}, step: () => undefined }))).rejects.toThrow(refusal('state'));
    await expect(run(() => ({ state: { point: {} } }))).rejects.toThrow('Stepper of optimizer "still" lacks what one has: `step`');
  });

  it('are looked at once', () => {
    let reads = 0;
    const watched = { ...optimizer, get claims() { reads++; return undefined; } };
    planned(objective, watched);
    const first = reads;
    planned(objective, watched);
    // the plan itself reads it for the default stopping rule
    expect(reads - first).toBeLessThan(first);
  });
});
