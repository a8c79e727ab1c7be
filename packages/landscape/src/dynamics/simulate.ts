/** Langevin paths in an analysis, by the objective's ensemble. */
import type { Context } from '@lowland/core';

export interface PathOptions {
  readonly step: number;
  readonly temperature: number;
  /** a of the rotation; default 0. */
  readonly strength?: number;
  /** gamma: with inertia. */
  readonly friction?: number | undefined;
}

/** The name of the ensemble's method and its numbers, as those of the optimizers `langevin` and `underdamped-langevin`. */
function methodOf({ step, temperature, strength = 0, friction }: PathOptions): { readonly method: string; readonly parameters: readonly number[] } {
  if (friction === undefined) return { method: 'langevin', parameters: [step, strength, Math.sqrt(2 * step * temperature)] };
  const decay = -Math.expm1(-friction * step);
  const [psi0, psi1] = [1 - decay, decay / friction];
  const c00 = -Math.expm1(-2 * friction * step) / (2 * friction);
  const c01 = psi1 ** 2 / 2;
  const c11 = (step - 2 * psi1 + c00) / friction ** 2;
  const spread = Math.sqrt(2 * friction * temperature);
  return { method: 'underdamped-langevin', parameters: [psi0, psi1, (step - psi1) / friction, spread * Math.sqrt(c00), (spread * c01) / Math.sqrt(c00), spread * Math.sqrt(c11 - c01 ** 2 / c00)] };
}

export interface Paths {
  readonly at: Float64Array;
  readonly points: Float64Array;
}

/**
 * Paths from `starts`, each until it is where `until` holds or has taken `steps` steps, with zero velocity at their start; path k draws from
 * seed + k. Returns the steps of each, -1 where it has not ended, and where it was then; undefined where the objective's ensemble does not
 * know the dynamics.
 */
export function pathsUntil(context: Context<never, 'ensemble'>, size: number, starts: Float64Array, until: (x: Float64Array) => boolean, steps: number, options: PathOptions, seed: number): Paths | undefined {
  const { problem, device, scratch } = context;
  const { method, parameters } = methodOf(options);
  const { ensemble } = problem;
  if (ensemble?.exits !== true || !ensemble.methods.includes(method)) return undefined;
  const count = starts.length / size;
  const length = ensemble.stateLength(method);
  const [numbers, states] = [scratch(parameters.length), scratch(count * length)];
  const filled = new Float64Array(count * length);
  for (let k = 0; k < count; k++) filled.set(starts.subarray(k * size, (k + 1) * size), k * length);
  device.write(numbers, Float64Array.from(parameters));
  device.write(states, filled);
  const at = new Float64Array(count).fill(-1);
  ensemble.run({ method, parameters: numbers, states, count, steps, firstStep: 0, seed, noise: 'normal', exit: { test: until, at } });
  const ends = device.read(states) as Float64Array;
  const points = new Float64Array(starts.length);
  for (let k = 0; k < count; k++) points.set(ends.subarray(k * length, k * length + size), k * size);
  return { at, points };
}
