/** One step of each method, in place, each operation rounded. */
import { type StreamKey, streamKey } from '@lowland/core';

import { addScaled } from './add-scaled.ts';
import { type EnsembleMethod, variablesOf } from './contract.ts';
import type { Shape } from './family.ts';
import type { Round } from './rounding.ts';
import { gramSolver } from './small-solve.ts';
import { type Heap, sumOfSquares } from './heap.ts';

/** A run between two steps: what it knows at its point. */
export interface Moving {
  readonly x: Float64Array;
  readonly gradient: Float64Array;
  value: number;
  gradientNorm: number;
  /** The numbers of the method, this run's row. */
  readonly parameters: Float64Array;
  /** What the method keeps in the run's state. */
  readonly own: Float64Array;
  readonly seed: number;
  /** Steps taken before this one. */
  steps: number;
  /** Brings value, gradient and its norm up to date with the point. */
  evaluate(): void;
}

/** Moves the run by one step. `ended`: the method ends the run with it; `undefined step`: there is none, and the point is what it was. */
export type Step = (run: Moving) => 'ended' | 'undefined step' | undefined;

/** Numbers of a stream, in f64, by the noise rule of the ensemble. */
export type Draw = (key: StreamKey, out: Float64Array) => void;

/** The same for the runs of all lanes, on the heap. */
export interface StepTogether {
  /** Takes a run with these parameters into a lane. */
  place(lane: number, parameters: Float64Array): void;
  /** Moves all lanes; what a lane without a run has after it is of no meaning. */
  step(runs: readonly (Pick<Moving, 'seed' | 'steps'> | undefined)[]): void;
}

/** Methods that move a run by itself, and such as move all lanes. */
type Maker = (shape: Shape, round: Round, draw: Draw) => Step;
type TogetherMaker = (shape: Shape, round: Round, draw: Draw, heap: Heap, places: { readonly x: number; readonly g: number }) => StepTogether;

/** x_k + (-step) g_k */
const gradientDescent: TogetherMaker = (shape, _round, _draw, heap, { x, g }) => {
  const [variables, back] = [variablesOf(shape), heap.place(1)];
  return {
    place(lane, parameters) {
      heap.numbers[back + lane] = -parameters[0]!;
    },
    step() {
      heap.addScaled(back, g, x, variables);
    },
  };
};

/**
 * Each after the other for all entries: x_k + (-step) g_k; with s = round(step strength), x_k + (-s) g_(half + k) in the first half and
 * x_(half + k) + s g_k in the second, where the strength is not 0; x_k + spread xi_k.
 */
const langevin: TogetherMaker = (shape, round, draw, heap, { x, g }) => {
  const { lanes } = heap;
  const variables = variablesOf(shape);
  const half = Math.floor(variables / 2);
  const [back, spread, turn, turnBack, noise] = [heap.place(1), heap.place(1), heap.place(1), heap.place(1), heap.place(variables)];
  const drawn = new Float64Array(variables);
  let turning = false;
  const { purpose } = streamKey(0, 'langevin');
  return {
    place(lane, parameters) {
      const [step, strength] = [parameters[0]!, parameters[1]!];
      const { numbers } = heap;
      turning ||= strength !== 0;
      [numbers[back + lane], numbers[spread + lane]] = [-step, parameters[2]!];
      [numbers[turn + lane], numbers[turnBack + lane]] = [round(step * strength), -round(step * strength)];
    },
    step(runs) {
      const { numbers } = heap;
      heap.addScaled(back, g, x, variables);
      if (turning) {
        heap.addScaled(turnBack, g + half * lanes, x, half);
        heap.addScaled(turn, g, x + half * lanes, half);
      }
      runs.forEach((run, lane) => {
        if (run === undefined) return;
        draw({ seed: run.seed, purpose, index: run.steps }, drawn);
        for (let k = 0, p = noise + lane; k < variables; k++, p += lanes) numbers[p] = drawn[k]!;
      });
      heap.addScaled(spread, noise, x, variables);
    },
  };
};

/**
 * The damping of a step is l = damping + adaptive sqrt(max(0, f - optimum)). The gradient in U is multiplied by (V^T V + l I)^-1, that in V by
 * (U^T U + l I)^-1, that in X by (X^T X + l I)^-1 (`small-solve.ts`), then comes the step: x_k + (-step) d_k. Where a Gram matrix has no Cholesky
 * factor the step is undefined.
 */
const scaledGradientDescent: Maker = (shape, round) => {
  const { symmetric, rows, cols, rank } = shape;
  const solve = gramSolver(rank, round);
  const direction = new Float64Array(variablesOf(shape));
  return ({ x, gradient, value, parameters }) => {
    const [step, damping, adaptive, optimum] = [parameters[0]!, parameters[1]!, parameters[2]!, parameters[3]!];
    const shift = adaptive === 0 ? damping : round(damping + round(adaptive * round(Math.sqrt(Math.max(0, round(value - optimum))))));
    const v = symmetric ? 0 : rows * rank;
    if (!solve(x, v, cols, shift, gradient, 0, rows, direction)) return 'undefined step';
    if (!symmetric && !solve(x, 0, rows, shift, gradient, v, cols, direction)) return 'undefined step';
    addScaled(x, -step, direction, round);
    return undefined;
  };
};

/** Places among what the method keeps: 1 + the steps since the last noise, the number of noises, the value before the last one; then the point there. */
const [sinceNoise, noises, valueBefore, pointBefore] = [0, 1, 2, 3] as const;

/**
 * In this order: where |grad f| <= gradient and more than `steps` steps have gone since the last noise, value and point are kept, x_k + f b_k with
 * f = radius / sqrt(sum of squares of variables + 2 numbers of the stream), b the first of them, and value and gradient are evaluated there. Else, where
 * exactly `steps` have gone, `stop` is 1 and value - valueBefore > -value threshold, the point is that before the noise, and the run ends there. Then the
 * step: x_k + (-step) g_k.
 */
const perturbedGradientDescent: Maker = (shape, round, draw) => {
  const variables = variablesOf(shape);
  const noise = new Float64Array(variables + 2);
  const { purpose } = streamKey(0, 'perturbation');
  return (run) => {
    const { x, gradient, parameters, own, seed } = run;
    const [step, radius, slope, drop, steps, stop] = [parameters[0]!, parameters[1]!, parameters[2]!, parameters[3]!, parameters[4]!, parameters[5]!];
    const since = own[sinceNoise]! - 1;
    if (run.gradientNorm <= slope && (since < 0 || since > steps)) {
      own.set(x, pointBefore);
      own[valueBefore] = run.value;
      own[sinceNoise] = 1;
      draw({ seed, purpose, index: own[noises]! }, noise);
      own[noises] = own[noises]! + 1;
      for (let k = 0; k < noise.length; k++) noise[k] = round(noise[k]!);
      const factor = round(radius / round(Math.sqrt(sumOfSquares(noise, 0, noise.length, round))));
      for (let k = 0; k < variables; k++) x[k] = round(x[k]! + round(factor * noise[k]!));
      run.evaluate();
    } else if (stop === 1 && since === steps && round(run.value - own[valueBefore]!) > -drop) {
      x.set(own.subarray(pointBefore, pointBefore + variables));
      run.evaluate();
      return 'ended';
    }
    addScaled(x, -step, gradient, round);
    if (own[sinceNoise]! > 0) own[sinceNoise] = own[sinceNoise]! + 1;
    return undefined;
  };
};

export const methods: Readonly<Record<EnsembleMethod, { readonly together: TogetherMaker } | { readonly alone: Maker }>> = {
  'gradient-descent': { together: gradientDescent },
  'scaled-gradient-descent': { alone: scaledGradientDescent },
  'perturbed-gradient-descent': { alone: perturbedGradientDescent },
  langevin: { together: langevin },
};
