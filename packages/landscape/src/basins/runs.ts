/**
 * One way down from each start: gradient flow, or the steps of a method as a run takes them.
 */
import { type AnyOptimizer, type Context, LowlandError } from '@lowland/core';
import { norm } from '@lowland/linalg';

import type { HostModel } from '../census/host-model.ts';
import { descend } from '../connections/descend.ts';

/** `diverged`: numbers that are not finite, or far away; `unfinished`: out of iterations, or the method stopped where the gradient is not 0. */
export type End = 'stationary' | 'unfinished' | 'diverged';

export interface Arrival {
  readonly x: Float64Array;
  readonly end: End;
  /** Steps taken. */
  readonly iterations: number;
}

export interface RunLimits {
  /** |grad f| that counts as 0. */
  readonly goal: number;
  /** Points longer than this have diverged. */
  readonly far: number;
  readonly iterations: number;
}

export type Walk = (start: Float64Array) => Promise<Arrival>;

/** x' = -grad f, to an error of `accuracy` a step. */
export function flowWalk(model: HostModel, accuracy: number, { goal, far, iterations }: RunLimits): Walk {
  return (start) => {
    const { x, arrived, steps } = descend(model, start, { goal, far, accuracy, maxSteps: iterations });
    const lost = !x.every(Number.isFinite) || norm(x) > far;
    return Promise.resolve({ x, end: arrived ? 'stationary' : lost ? 'diverged' : 'unfinished', iterations: steps });
  };
}

/**
 * The steps of a method, which is started anew at each point, with the same random streams: what `solve` does from there, to the same bits, but that
 * the gradient is looked at after every step.
 *
 * @throws LOWLAND_E_KERNEL where the device has not what the method calls
 */
export function optimizerWalk(context: Context<'gradient'>, optimizer: AnyOptimizer, { goal, far, iterations }: RunLimits): Walk {
  const { device, problem, random } = context;
  const missing = (optimizer.kernels ?? []).find((name) => !(name in device.kernels));
  if (missing !== undefined) throw new LowlandError('LOWLAND_E_KERNEL', `The method "${optimizer.id}" calls the kernel ${missing}, which this backend has not. Give another backend or method.`);
  const slope = context.scratch();
  const [numbers] = [context.scratch(1)];
  return async (start) => {
    // What a start allocates goes with it.
    using memory = device.memory();
    const lent = (length = start.length) => memory.vector(length);
    const stepper = optimizer.start({ problem, device, random, state: lent, scratch: lent });
    const { state } = stepper;
    device.write(state.point, start);
    await stepper.init?.();
    const read = (): { x: Float64Array; size: number } => {
      if (state.gradient === undefined) problem.gradient(state.point, slope);
      device.kernels.dot(state.gradient ?? slope, state.gradient ?? slope, numbers, 0);
      return { x: device.host!(state.point), size: Math.sqrt(device.scalar(numbers) as number) };
    };
    for (let step = 0; ; step++) {
      const { x, size } = read();
      const lost = !Number.isFinite(size) || !x.every(Number.isFinite) || norm(x) > far;
      if (lost || size <= goal || step >= iterations) return { x: x.slice(), end: lost ? 'diverged' : size <= goal ? 'stationary' : 'unfinished', iterations: step };
      const said = stepper.step();
      const result = said instanceof Promise ? await said : said;
      if (result !== undefined) {
        const last = read();
        const bad = !Number.isFinite(last.size) || !last.x.every(Number.isFinite);
        return { x: last.x.slice(), end: bad ? 'diverged' : last.size <= goal ? 'stationary' : 'unfinished', iterations: step + 1 };
      }
    }
  };
}
