/** `ensemble` takes the very steps of gradient descent, and knows value and gradient where it ends. */
import { claim, norm } from './check.ts';
import type { Probe } from './probe.ts';

const steps = 3;
/** So many that no device would rather have them one after another. */
const count = 16;

/** The states of the first and the last of many runs after a few steps of gradient descent from x, of `step` and of half of it in turn; undefined where the ensemble has not this method. */
export async function descended(probe: Probe, x: Float64Array, step: number): Promise<readonly [Float64Array, Float64Array] | undefined> {
  const ensemble = probe.problem.ensemble!;
  const method = 'gradient-descent';
  if (!ensemble.methods.includes(method)) return undefined;
  const length = ensemble.stateLength(method);
  const start = new Float64Array(count * length);
  for (let k = 0; k < count; k++) start.set(x, k * length);
  const states = probe.vector(start);
  const parameters = probe.vector(Float64Array.from({ length: count }, (_, k) => step / (1 + (k % 2))));
  const runs = { method, count, seed: 0, noise: 'normal', parameters, states } as const;
  // in two calls, which are one
  ensemble.run({ ...runs, steps: 1, firstStep: 0 });
  ensemble.run({ ...runs, steps: steps - 1, firstStep: 1 });
  const reached = await probe.read(states);
  return [reached.slice(0, length), reached.slice(-length)];
}

/** A step that moves x by a thousandth of its size at most. */
export const smallStep = async (probe: Probe, x: Float64Array): Promise<number> => (1e-3 * (1 + norm(x))) / (1 + norm(await probe.gradient(x)));

export async function checkEnsemble(probe: Probe, x: Float64Array): Promise<void> {
  const step = await smallStep(probe, x);
  const states = await descended(probe, x, step);
  if (states === undefined) return;
  const { slots } = probe.problem.ensemble!;
  for (const [k, state] of states.entries()) {
    let at = x;
    for (let taken = 0; taken < steps; taken++) {
      const gradient = await probe.gradient(at);
      at = at.map((entry, i) => entry - (step / (1 + k)) * gradient[i]!);
    }
    const apart = norm(at.map((entry, i) => entry - state[i]!));
    claim(apart <= 1e-12 * (1 + norm(at)), () => `Run ${k} of the ensemble is ${apart} away from where gradient descent is.`);
    if (slots === undefined) continue;
    const [value, slope] = [await probe.value(at), norm(await probe.gradient(at))];
    claim(Math.abs(state[slots.value]! - value) <= 1e-10 * Math.max(Math.abs(value), norm(at)), () => `The ensemble has the value ${state[slots.value]!} where f is ${value}.`);
    claim(Math.abs(state[slots.gradientNorm]! - slope) <= 1e-10 * (slope + norm(at)), () => `The ensemble has the gradient norm ${state[slots.gradientNorm]!} where it is ${slope}.`);
    claim(state[slots.reached] === 0 && state[slots.diverged] === 0 && state[slots.ended] === 0, () => 'The ensemble marks a run that neither has ended nor was to end.');
  }
}
