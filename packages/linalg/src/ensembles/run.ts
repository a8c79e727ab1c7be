/** The runs of an ensemble, one after another: what happens in each, in which order. */
import { LowlandError } from '@lowland/core';

import { type FactoredEnsemble, ownAt, parameterCount, slotsOf, stateLength, variablesOf } from './contract.ts';
import { evaluator, type Family } from './family.ts';
import { type Draw, methods, type Moving } from './methods.ts';
import type { Heap } from './heap.ts';
import type { Round } from './rounding.ts';

/** The vectors of an ensemble, on the host. */
export interface EnsembleNumbers {
  readonly coefficients: Float64Array;
  readonly parameters: Float64Array;
  readonly limits: Float64Array;
  readonly states: Float64Array;
}

/**
 * Moves all runs. In each, until it rests or the steps are taken:
 *
 * 1. value and gradient at the point, |grad f| = sqrt(sum of squares); they go into their slots
 * 2. where one of the two is no finite number: `diverged`, and the run rests
 * 3. where value <= first limit or |grad f| <= second: `reached`, and the run rests
 * 4. one step; where the method says so, `ended` or `diverged` with that step counted, and the run rests
 *
 * 1 to 3 once more after the last step. So the slots are those of the point, and steps in one call are those of several.
 */
export function runEnsemble(ensemble: FactoredEnsemble, family: Family, heap: Heap, { coefficients, parameters, limits, states }: EnsembleNumbers, round: Round, draw: Draw): void {
  const { method, count, steps, firstStep, seed } = ensemble;
  const variables = variablesOf(ensemble);
  const [slots, own, length, width] = [slotsOf(variables), ownAt(variables), stateLength(method, variables), parameterCount(method)];
  requireRows('coefficients', coefficients, 3, count);
  requireRows('parameters', parameters, width, count);
  requireRows('limits', limits, 2, count);
  if (states.length !== count * length) throw new LowlandError('LOWLAND_E_SHAPE', `The states of ${count} runs have ${count * length} numbers; ${states.length} were given.`);

  const step = methods[method](ensemble, round, draw);
  const evaluate = evaluator(family, ensemble, heap, round);
  const gradient = new Float64Array(variables);
  const problem = { weight: 1, ridge: 0, balance: 0 };

  for (let k = 0; k < count; k++) {
    const state = states.subarray(k * length, (k + 1) * length);
    if (state[slots.reached]! > 0 || state[slots.diverged]! > 0 || state[slots.ended]! > 0) continue;
    family.select(k);
    const at = coefficients.length === 3 ? 0 : 3 * k;
    [problem.weight, problem.ridge, problem.balance] = [coefficients[at]!, coefficients[at + 1]!, coefficients[at + 2]!];
    const limit = limits.length === 2 ? 0 : 2 * k;
    const run: Moving = {
      x: state.subarray(0, variables),
      gradient,
      value: NaN,
      gradientNorm: NaN,
      parameters: parameters.length === width ? parameters : parameters.subarray(k * width, (k + 1) * width),
      own: state.subarray(own),
      seed: seed + k,
      steps: firstStep,
      evaluate() {
        evaluate(run.x, problem, gradient, run);
      },
    };
    const keep = () => {
      state[slots.value] = run.value;
      state[slots.gradientNorm] = run.gradientNorm;
    };
    for (let taken = 0; ; taken++) {
      run.evaluate();
      keep();
      run.steps = firstStep + taken;
      const mark = 1 + run.steps;
      if (!(Number.isFinite(run.value) && Number.isFinite(run.gradientNorm))) {
        state[slots.diverged] = mark;
        break;
      }
      if (run.value <= limits[limit]! || run.gradientNorm <= limits[limit + 1]!) {
        state[slots.reached] = mark;
        break;
      }
      if (taken === steps) break;
      const said = step(run);
      if (said === undefined) continue;
      keep();
      state[said === 'ended' ? slots.ended : slots.diverged] = mark + 1;
      break;
    }
  }
}

function requireRows(name: string, given: Float64Array, width: number, count: number): void {
  if (given.length === width || given.length === count * width) return;
  throw new LowlandError('LOWLAND_E_SHAPE', `The ${name} of an ensemble of ${count} runs have ${width} numbers, or ${width} for each run; ${given.length} were given.`);
}
