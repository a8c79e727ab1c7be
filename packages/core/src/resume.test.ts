/** A run that has ended, or was broken off anywhere, and is resumed: as if it had never stopped. */
import { describe, expect, it } from 'vitest';
import { descent, doubleWell, factorization } from '../test/problems.ts';
import { anyOf, gradientNorm, gradientTolerance, maxIterations, solve, valueStalled } from './index.ts';
import type { Checkpoint, Observation, Optimizer, StopRule } from './index.ts';
import { asyncBackend, referenceBackend } from './testing/index.ts';

const json = (checkpoint: Checkpoint) => JSON.parse(JSON.stringify(checkpoint)) as Checkpoint;

/** Descent that says after `steps` steps in all that it is stuck. */
function stuck(steps: number): Optimizer<'valueAndGradient'> {
  const plain = descent(0.1);
  return {
    ...plain,
    start(context) {
      const stepper = plain.start(context);
      const state = Object.assign(stepper.state, { taken: 0 });
      return {
        ...stepper,
        step() {
          void stepper.step();
          return ++state.taken === steps ? { stop: 'stalled', rule: 'line-search', detail: 'no decrease' } : undefined;
        },
      };
    },
  };
}

describe('a run that has ended', () => {
  const ended: [name: string, optimizer: Optimizer<'valueAndGradient'>, stop: StopRule, make: typeof asyncBackend][] = [
    ['converged', descent(0.3), gradientTolerance(1e-6), referenceBackend],
    ['converged, observed each third iteration', descent(0.3), gradientTolerance(1e-6), referenceBackend],
    ['stalled by a rule with a memory', descent(0.3), valueStalled({ relative: 1e-3, window: 4 }), referenceBackend],
    ['stalled by its own word', stuck(5), maxIterations(1000), referenceBackend],
    ['budget', descent(0.1), maxIterations(7), referenceBackend],
  ];
  it.each(ended)('is at its end at once when resumed: %s', async (name, optimizer, stop, make) => {
    const every = name.includes('third') ? 3 : 1;
    const whole = await solve(doubleWell(), optimizer, { backend: make(), stop, every });
    const recorded: Observation[] = [];
    const again = await solve(doubleWell(), optimizer, { backend: make(), stop, every, resume: json(whole.checkpoint()), record: (o) => recorded.push(o) });
    expect(again.stop).toEqual(whole.stop);
    expect([again.iterations, again.value, again.gradientNorm, again.counts.method]).toEqual([whole.iterations, whole.value, whole.gradientNorm, whole.counts.method]);
    expect(recorded).toEqual([]);
    expect(json(again.checkpoint()).state).toEqual(json(whole.checkpoint()).state);
    expect(json(again.checkpoint()).stop).toEqual(json(whole.checkpoint()).stop);
  });

  it('at the rounding floor is there at once too', async () => {
    const options = { stop: anyOf(gradientNorm(1e-12), maxIterations(5000)), every: 1 };
    const backend = asyncBackend({ reads: 'microtask' });
    const whole = await solve(factorization(4, 1), descent(0.05), { backend, ...options });
    expect(whole.stop.rule).toBe('precision-floor');
    const again = await solve(factorization(4, 1), descent(0.05), { backend, ...options, resume: json(whole.checkpoint()) });
    expect([again.iterations, again.stop]).toEqual([whole.iterations, whole.stop]);
  });

  it('goes on under a tighter tolerance', async () => {
    const backend = referenceBackend();
    const loose = await solve(doubleWell(), descent(0.3), { backend, stop: gradientTolerance(1e-3) });
    const whole = await solve(doubleWell(), descent(0.3), { backend, stop: gradientTolerance(1e-9) });
    const rest = await solve(doubleWell(), descent(0.3), { backend, stop: gradientTolerance(1e-9), resume: json(loose.checkpoint()) });
    expect(rest.iterations).toBeGreaterThan(loose.iterations);
    expect(rest.point.data).toEqual(whole.point.data);
    expect(rest.counts.method).toEqual(whole.counts.method);
  });

  it('is not resumed when it diverged, for its state is lost', async () => {
    const backend = referenceBackend();
    const solution = await solve(factorization(5, 2), descent(10), { backend });
    expect(solution.stop.reason).toBe('diverged');
    await expect(solve(factorization(5, 2), descent(10), { backend, resume: json(solution.checkpoint()) })).rejects.toMatchObject({ code: 'LOWLAND_E_CHECKPOINT' });
    expect(backend.usage).toMatchObject({ live: 0, devices: 0 });
  });
});

describe('a run broken off between observations', () => {
  // values of the valley fall by less than a hundredth from some iteration on; a rule that counts is put off by one extra look
  const rule = valueStalled({ relative: 1e-2, window: 3 });

  it.each([5, 6, 7, 9])('in iteration %i ends where it would have ended', async (at) => {
    const controller = new AbortController();
    const aborting: Optimizer<'valueAndGradient'> = {
      ...descent(0.1),
      start(context) {
        const stepper = descent(0.1).start(context);
        let steps = 0;
        return {
          ...stepper,
          step: () => {
            void stepper.step();
            if (++steps === at) controller.abort();
          },
        };
      },
    };
    const options = { backend: referenceBackend(), stop: rule, every: 4 };
    const whole = await solve(doubleWell(), descent(0.1), options);
    const broken = await solve(doubleWell(), aborting, { ...options, signal: controller.signal });
    expect([broken.iterations, broken.stop.reason]).toEqual([at, 'aborted']);
    const rest = await solve(doubleWell(), descent(0.1), { ...options, resume: json(broken.checkpoint()) });
    expect([rest.iterations, rest.stop]).toEqual([whole.iterations, whole.stop]);
    expect(rest.point.data).toEqual(whole.point.data);
    expect(rest.counts.method).toEqual(whole.counts.method);
  });
});

describe('what a checkpoint cannot keep', () => {
  it('is named: the slot', async () => {
    const odd: Optimizer<'valueAndGradient'> = {
      ...descent(0.1),
      start(context) {
        const stepper = descent(0.1).start(context);
        return { ...stepper, state: Object.assign(stepper.state, { cache: new Map() as never }) };
      },
    };
    const solution = await solve(doubleWell(), odd, { backend: referenceBackend(), stop: maxIterations(1) });
    expect(() => solution.checkpoint()).toThrow(expect.objectContaining({ code: 'LOWLAND_E_STATE' }));
    expect(() => solution.checkpoint()).toThrow(/"cache"/);
  });
});
