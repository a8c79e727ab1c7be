/**
 * The way from an objective, an optimizer and a backend to a solution.
 */
import type { AnyObjective, AnyOptimizer } from './any.ts';
import type { Capability, Closed } from './capability.ts';
import { Run } from './driver.ts';
import type { Objective } from './objective.ts';
import type { Optimizer } from './optimizer.ts';
import type { Observation, RunOptions, Solution } from './run.ts';

/**
 * Runs a method until a rule, the method itself, a signal or a number that is not finite ends it.
 *
 * @throws LOWLAND_E_CAPABILITY, LOWLAND_E_KERNEL, LOWLAND_E_MEMORY, LOWLAND_E_PRECISION, LOWLAND_E_COMPLEX when the plan is refused
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_POINT when the start does not fit or is not finite
 * @throws LOWLAND_E_CHECKPOINT when `resume` belongs to another run
 */
export async function solve<P extends Capability, R extends Closed<P>, U extends Capability = never>(
  objective: Objective<P>,
  optimizer: Optimizer<R, U>,
  options: RunOptions,
): Promise<Solution> {
  const run = await Run.open(objective as AnyObjective, optimizer as AnyOptimizer, options, false);
  try {
    while (run.outcome === undefined) {
      const pending = run.advance(false);
      if (pending !== undefined) await pending;
    }
    return await run.finish();
  } finally {
    run[Symbol.dispose]();
  }
}

/**
 * The same, one observation at a time; returns the solution. Leaving the loop early frees everything.
 * Every observation has its value and gradient norm.
 */
export async function* iterate<P extends Capability, R extends Closed<P>, U extends Capability = never>(
  objective: Objective<P>,
  optimizer: Optimizer<R, U>,
  options: RunOptions,
): AsyncGenerator<Observation, Solution> {
  const run = await Run.open(objective as AnyObjective, optimizer as AnyOptimizer, options, true);
  try {
    let seen: Observation | undefined;
    for (;;) {
      if (run.observation !== undefined && run.observation !== seen) yield (seen = run.observation);
      if (run.outcome !== undefined) return await run.finish();
      const pending = run.advance(true);
      if (pending !== undefined) await pending;
    }
  } finally {
    run[Symbol.dispose]();
  }
}
