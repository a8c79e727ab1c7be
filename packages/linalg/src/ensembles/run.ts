/** The runs of an ensemble, one after another: what happens in each, in which order. */
import { LowlandError } from '@lowland/core';

import { type FactoredEnsemble, ownAt, parameterCount, slotsOf, stateLength, variablesOf } from './contract.ts';
import { type Coefficients, Evaluator, type Family, type Terms } from './family.ts';
import { type Draw, methods, type Moving, type Step } from './methods.ts';
import type { Heap } from './heap.ts';
import type { Round } from './rounding.ts';

/** The vectors of an ensemble, on the host. */
export interface EnsembleNumbers {
  readonly coefficients: Float64Array;
  readonly parameters: Float64Array;
  readonly limits: Float64Array;
  readonly states: Float64Array;
}

/** The runs that do not rest. */
export function restless(ensemble: FactoredEnsemble, states: Float64Array): number[] {
  const variables = variablesOf(ensemble);
  const { reached, diverged, ended } = slotsOf(variables);
  const length = stateLength(ensemble.method, variables);
  return Array.from({ length: ensemble.count }, (_, k) => k).filter((k) => [reached, diverged, ended].every((slot) => !(states[k * length + slot]! > 0)));
}

/** A run in a lane. */
interface Placed extends Moving {
  readonly state: Float64Array;
  readonly limits: readonly [value: number, gradientNorm: number];
  taken: number;
}

/**
 * Moves all runs, as many side by side as there are lanes: where one rests the next one takes its lane. In each, until it rests or the steps are taken:
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
  const { lanes } = heap;
  const variables = variablesOf(ensemble);
  const [slots, own, length, width] = [slotsOf(variables), ownAt(variables), stateLength(method, variables), parameterCount(method)];
  requireRows('coefficients', coefficients, 3, count);
  requireRows('parameters', parameters, width, count);
  requireRows('limits', limits, 2, count);
  if (states.length !== count * length) throw new LowlandError('LOWLAND_E_SHAPE', `The states of ${count} runs have ${count * length} numbers; ${states.length} were given.`);

  const evaluator = new Evaluator(family, ensemble, heap, round);
  const maker = methods[method];
  const together = 'together' in maker ? maker.together(ensemble, round, draw, heap, evaluator) : undefined;
  const alone = 'alone' in maker ? maker.alone(ensemble, round, draw) : undefined;
  const coefficientsOf = (k: number): Coefficients => {
    const at = coefficients.length === 3 ? 0 : 3 * k;
    return { weight: coefficients[at]!, ridge: coefficients[at + 1]!, balance: coefficients[at + 2]! };
  };
  const none = new Float64Array(0);
  const gradients = Array.from({ length: lanes }, () => new Float64Array(variables));

  const place = (k: number, lane: number, terms: Terms): Placed => {
    const state = states.subarray(k * length, (k + 1) * length);
    const limit = limits.length === 2 ? 0 : 2 * k;
    const run: Placed = {
      x: state.subarray(0, variables),
      gradient: gradients[lane]!,
      value: NaN,
      gradientNorm: NaN,
      parameters: parameters.length === width ? parameters : parameters.subarray(k * width, (k + 1) * width),
      own: state.subarray(own),
      seed: seed + k,
      steps: firstStep,
      evaluate() {
        evaluator.put(lane, run.x);
        evaluator.evaluate(terms);
        evaluator.take(lane, run);
        evaluator.takeGradient(lane, run.gradient);
      },
      state,
      limits: [limits[limit]!, limits[limit + 1]!],
      taken: 0,
    };
    evaluator.select(lane, k, coefficientsOf(k));
    evaluator.put(lane, run.x);
    together?.place(lane, run.parameters);
    return run;
  };

  const keep = ({ state, value, gradientNorm }: Placed): void => {
    state[slots.value] = value;
    state[slots.gradientNorm] = gradientNorm;
  };

  /** Whether a run, whose point has been evaluated, goes on from it. */
  const goesOn = (run: Placed): boolean => {
    const { state } = run;
    keep(run);
    run.steps = firstStep + run.taken;
    const mark = 1 + run.steps;
    if (!(Number.isFinite(run.value) && Number.isFinite(run.gradientNorm))) {
      state[slots.diverged] = mark;
      return false;
    }
    if (run.value <= run.limits[0] || run.gradientNorm <= run.limits[1]) {
      state[slots.reached] = mark;
      return false;
    }
    return run.taken++ < steps;
  };

  /** One step of a run by itself; whether it goes on from where it leads. */
  const move = (run: Placed, step: Step, lane: number): boolean => {
    evaluator.takeGradient(lane, run.gradient);
    const said = step(run);
    if (said === undefined) {
      evaluator.put(lane, run.x);
      return true;
    }
    keep(run);
    run.state[said === 'ended' ? slots.ended : slots.diverged] = 2 + run.steps;
    return false;
  };

  const waiting = restless(ensemble, states);
  for (const ridge of [false, true]) {
    for (const balance of [false, true]) {
      const queue = waiting.filter((k) => (coefficientsOf(k).ridge !== 0) === ridge && (coefficientsOf(k).balance !== 0) === balance).values();
      const terms = { ridge, balance };
      const next = (lane: number): Placed | undefined => {
        const { done, value } = queue.next();
        return done === true ? undefined : place(value, lane, terms);
      };
      const placed = Array.from({ length: lanes }, (_, lane) => next(lane));
      const moving = new Array<Placed | undefined>(lanes).fill(undefined);
      while (placed.some((run) => run !== undefined)) {
        evaluator.evaluate(terms);
        // before a step of one run may evaluate again
        for (let lane = 0; lane < lanes; lane++) {
          const run = placed[lane];
          if (run !== undefined) evaluator.take(lane, run);
        }
        for (let lane = 0; lane < lanes; lane++) {
          const run = placed[lane];
          moving[lane] = run !== undefined && goesOn(run) && (alone === undefined || move(run, alone, lane)) ? run : undefined;
        }
        if (together !== undefined) {
          for (let lane = 0; lane < lanes; lane++) if (moving[lane] === undefined) evaluator.get(lane, placed[lane]?.x ?? none);
          together.step(moving);
        }
        for (let lane = 0; lane < lanes; lane++) if (moving[lane] === undefined && placed[lane] !== undefined) placed[lane] = next(lane);
      }
    }
  }
}

function requireRows(name: string, given: Float64Array, width: number, count: number): void {
  if (given.length === width || given.length === count * width) return;
  throw new LowlandError('LOWLAND_E_SHAPE', `The ${name} of an ensemble of ${count} runs have ${width} numbers, or ${width} for each run; ${given.length} were given.`);
}
