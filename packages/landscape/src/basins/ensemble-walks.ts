import { type AnyOptimizer, type Context, errorCode } from '@lowland/core';
import { norm } from '@lowland/linalg';

import type { Arrival, RunLimits } from './runs.ts';

/**
 * Runs of a method from many starts in one call, where the objective's ensemble has it, and looks at gradients; undefined elsewhere, and for methods
 * that draw noise or take their numbers from the start. Each ends as by `optimizerWalk`, but that points beyond `far` are found at the end alone. Where the
 * ensemble refuses the runs, as it does few large ones, there are no arrivals.
 */
export function ensembleWalks(context: Context<never, 'ensemble'>, optimizer: AnyOptimizer, { goal, far, iterations }: RunLimits): ((starts: readonly Float64Array[]) => Promise<Arrival[] | undefined>) | undefined {
  const { problem: { ensemble }, device } = context;
  const { claims, ensemble: named } = optimizer;
  if (ensemble?.slots === undefined || named === undefined || typeof named.parameters === 'function' || claims?.includes('deterministic') !== true) return undefined;
  const { method, parameters } = named;
  const { slots } = ensemble;
  if (!ensemble.methods.includes(method)) return undefined;
  return async (starts) => {
    using memory = device.memory();
    const vector = (data: Float64Array) => {
      const made = memory.vector(data.length);
      device.write(made, data);
      return made;
    };
    const [count, size, length] = [starts.length, starts[0]!.length, ensemble.stateLength(method)];
    const filled = new Float64Array(count * length);
    starts.forEach((start, k) => { filled.set(start, k * length); });
    const states = vector(filled);
    const runs = { method, parameters: vector(Float64Array.from(parameters)), states, limits: vector(Float64Array.of(-1, goal)), count, steps: iterations, firstStep: 0, seed: 0, noise: 'normal' } as const;
    try {
      ensemble.run(runs);
    } catch (error) {
      if (errorCode(error) === 'LOWLAND_E_ENSEMBLE') return undefined;
      throw error;
    }
    const reached = await device.read(states);
    return starts.map((_, k) => {
      const state = reached.subarray(k * length, (k + 1) * length);
      const x = state.slice(0, size);
      const [arrived, diverged] = [state[slots.reached]!, state[slots.diverged]!];
      const lost = diverged > 0 || !x.every(Number.isFinite) || norm(x) > far;
      const mark = Math.max(arrived, diverged);
      return { x, end: lost ? 'diverged' : arrived > 0 ? 'stationary' : 'unfinished', iterations: mark > 0 ? mark - 1 : iterations };
    });
  };
}
