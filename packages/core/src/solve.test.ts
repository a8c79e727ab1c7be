import { describe, expect, it } from 'vitest';
import { descent, doubleWell, factorization, noisyMomentum } from '../test/problems.ts';
import { anyOf, createPoint, gradientNorm, gradientTolerance, iterate, maxIterations, maxSeconds, solve, valueBelow } from './index.ts';
import type { Checkpoint, Observation, Optimizer, Solution, Tracker } from './index.ts';
import { asyncBackend, referenceBackend } from './testing/index.ts';

const json = (checkpoint: Checkpoint) => JSON.parse(JSON.stringify(checkpoint)) as Checkpoint;

/** A trace without times. */
const bits = (observations: readonly Observation[]) => observations.map(({ iteration, value, gradientNorm: norm }) => ({ iteration, value, norm }));

describe('solve', () => {
  it('goes to a minimum and says why it stopped', async () => {
    const backend = referenceBackend();
    const solution = await solve(doubleWell(), descent(0.3), { backend });
    expect(solution.stop).toEqual({ reason: 'converged', rule: 'gradient-tolerance' });
    expect(Array.from(solution.point.data, (x) => Math.round(x * 1e6) / 1e6 + 0)).toEqual([1, 0]);
    expect(solution.value).toBeLessThan(1e-15);
    expect(solution.counts.method).toEqual({ valueAndGradient: solution.iterations + 1 });
    expect(solution.counts.driver).toEqual({}); // the method's slots have it all
    expect(solution.plan.ok).toBe(true);
    expect(backend.usage).toMatchObject({ live: 0, devices: 0 });
  });

  it.each([referenceBackend, asyncBackend])('runs the same method on %o and frees its memory', async (make) => {
    const backend = make();
    const solution = await solve(factorization(5, 2), descent(0.05), { backend, seed: 3, stop: anyOf(valueBelow(1e-6), maxIterations(2000)) });
    expect(solution.stop).toEqual({ reason: 'converged', rule: 'value-below' });
    expect(solution.value).toBeLessThan(1e-6);
    expect(Number.isFinite(solution.gradientNorm)).toBe(true);
    expect(backend.usage).toMatchObject({ live: 0, devices: 0 });
  });

  it('evaluates value and gradient once more when no rule needed them', async () => {
    const solution = await solve(doubleWell(), descent(0.1), { backend: referenceBackend(), stop: maxIterations(3) });
    expect(solution.iterations).toBe(3);
    expect(solution.stop).toEqual({ reason: 'budget', rule: 'max-iterations' });
    expect(solution.value).toBeGreaterThan(0);
    expect(solution.gradientNorm).toBeGreaterThan(0);
  });

  it('stops before the first step at a stationary start', async () => {
    const objective = doubleWell();
    const solution = await solve(objective, descent(0.1), { backend: referenceBackend(), point: createPoint(objective.layout) });
    expect(solution.iterations).toBe(0);
    expect(solution.stop.reason).toBe('converged');
  });

  it('keeps budgets to the iteration on an asynchronous device, and observes at multiples of `every`', async () => {
    const seen: Observation[] = [];
    const backend = asyncBackend();
    const solution = await solve(factorization(4, 1), descent(0.01), { backend, stop: maxIterations(70), record: (o) => seen.push(o) });
    expect(solution.iterations).toBe(70);
    expect(seen.map(({ iteration }) => iteration)).toEqual([0, 32, 64, 70]);
    // one read an observation, the state and the final look
    expect(solution.counts.reads).toBe(5);
  });

  it('ends a divergent run with the last finite point', async () => {
    const backend = referenceBackend();
    const solution = await solve(factorization(5, 2), descent(10), { backend });
    expect(solution.stop).toMatchObject({ reason: 'diverged', rule: 'not-finite' });
    expect(solution.point.data.every(Number.isFinite)).toBe(true);
    expect(backend.usage.live).toBe(0);
  });

  it('takes what a method says about itself, but a tolerance goes first', async () => {
    const stuck = (at: number): Optimizer<'valueAndGradient'> => ({
      ...descent(0.3),
      start(context) {
        const stepper = descent(0.3).start(context);
        let k = 0;
        return {
          ...stepper,
          step: () => {
            void stepper.step();
            return ++k === at ? { stop: 'stalled' as const, rule: 'line-search', detail: 'no decrease' } : undefined;
          },
        };
      },
    });
    const backend = referenceBackend();
    const early = await solve(doubleWell(), stuck(2), { backend });
    expect(early.stop).toEqual({ reason: 'stalled', rule: 'line-search', detail: 'no decrease' });
    const full = await solve(doubleWell(), descent(0.3), { backend });
    const late = await solve(doubleWell(), stuck(full.iterations), { backend });
    expect(late.stop.reason).toBe('converged');
  });

  it('refuses a start that does not fit or is not finite, and frees everything', async () => {
    const backend = referenceBackend();
    const objective = doubleWell();
    const other = createPoint({ blocks: [{ name: 'y', shape: [2] }] });
    await expect(solve(objective, descent(0.1), { backend, point: other })).rejects.toMatchObject({ code: 'LOWLAND_E_SHAPE' });
    const nan = createPoint(objective.layout, Float64Array.of(Number.NaN, 0));
    await expect(solve(objective, descent(0.1), { backend, point: nan })).rejects.toMatchObject({ code: 'LOWLAND_E_POINT' });
    const large = createPoint(objective.layout, Float64Array.of(1e300, 0));
    await expect(solve(factorization(2, 1), descent(0.1), { backend: asyncBackend(), point: { ...large, layout: factorization(2, 1).layout } })).rejects.toThrow(/Number 0 .*1e\+300.*f32/);
    await expect(solve(objective, descent(0.1), { backend, seed: -1, point: createPoint(objective.layout) })).rejects.toMatchObject({ code: 'LOWLAND_E_SEED' });
    await expect(solve(objective, descent(0.1), { backend, every: 0 })).rejects.toMatchObject({ code: 'LOWLAND_E_OPTIONS' });
    expect(backend.usage).toMatchObject({ live: 0, devices: 0 });
  });

  it.each(['start', 'init', 'step', 'record'] as const)('frees everything when %s throws', async (where) => {
    const boom = () => {
      throw new Error('boom');
    };
    const throwing: Optimizer<'valueAndGradient'> = {
      ...descent(0.1),
      start(context) {
        const stepper = descent(0.1).start(context);
        if (where === 'start') boom();
        return { ...stepper, ...((where === 'init' || where === 'step') && { [where]: boom }) };
      },
    };
    for (const backend of [referenceBackend(), asyncBackend()]) {
      const objective = factorization(3, 1);
      await expect(solve(objective, throwing, { backend, ...(where === 'record' && { record: boom }) })).rejects.toThrow('boom');
      expect(backend.usage).toMatchObject({ live: 0, devices: 0 });
    }
  });

  it('stalls at the rounding floor when an absolute tolerance lies below it', async () => {
    const solution = await solve(factorization(4, 1), descent(0.05), {
      backend: asyncBackend({ reads: 'microtask' }),
      stop: anyOf(gradientNorm(1e-12), maxIterations(5000)),
      every: 1,
    });
    expect(solution.stop).toMatchObject({ reason: 'stalled', rule: 'precision-floor' });
    expect(solution.plan.warnings.join()).toContain('f32');
  });

  it('keeps the seed: same seed, same bits; another seed, others', async () => {
    const run = (seed: number) => solve(factorization(4, 2), noisyMomentum(0.02), { backend: referenceBackend(), seed, stop: maxIterations(20) });
    const [a, b, c] = [await run(1), await run(1), await run(2)];
    expect(a.point.data).toEqual(b.point.data);
    expect(a.point.data).not.toEqual(c.point.data);
  });

  it('runs trackers on the live state at observations, counted under the driver', async () => {
    const seen: unknown[] = [];
    const norm: Tracker<'gradient', number> = {
      id: 'gradient-squared',
      requires: ['gradient'],
      start({ problem, device, scratch }) {
        const gradient = scratch();
        const out = scratch(1);
        return async ({ point }) => {
          problem.gradient(point, gradient);
          device.kernels.dot(gradient, gradient, out);
          return await device.scalar(out);
        };
      },
    };
    const backend = asyncBackend();
    const solution = await solve(factorization(4, 1), descent(0.01), {
      backend,
      stop: maxIterations(4),
      every: 2,
      trackers: [norm],
      record: (o) => seen.push([o.iteration, Math.sqrt(o.tracked!['gradient-squared'] as number) / o.gradientNorm]),
    });
    expect(seen.map((row) => (row as number[])[0])).toEqual([0, 2, 4]);
    for (const [, ratio] of seen as [number, number][]) expect(ratio).toBeCloseTo(1, 5);
    expect(solution.counts.method).toEqual({ valueAndGradient: 5 });
    expect(backend.usage.live).toBe(0);
  });
});

describe('abort', () => {
  it('ends a loop that never awaits a timer within 50 ms', async () => {
    let least = Infinity;
    // Other work on the machine may come between; it does not each time.
    for (let attempt = 0; attempt < 5 && least >= 50; attempt++) {
      const controller = new AbortController();
      let aborted = Infinity;
      setTimeout(() => {
        aborted = performance.now();
        controller.abort();
      }, 30);
      const solution = await solve(doubleWell(), descent(1e-9), { backend: referenceBackend(), signal: controller.signal, stop: maxIterations(1e12) });
      least = Math.min(least, performance.now() - aborted);
      expect(solution.stop).toEqual({ reason: 'aborted', rule: 'signal' });
      expect(solution.iterations).toBeGreaterThan(0);
    }
    expect(least).toBeLessThan(50);
  });

  it('ends within a step when steps become slow after many quick ones', async () => {
    const controller = new AbortController();
    let slow = 0;
    const slowing: Optimizer<'valueAndGradient'> = {
      ...descent(1e-9),
      start(context) {
        const stepper = descent(1e-9).start(context);
        let k = 0;
        return {
          ...stepper,
          step() {
            void stepper.step();
            if (++k < 100) return;
            if (slow++ === 0) setTimeout(() => { controller.abort(); }, 1);
            const until = performance.now() + 60;
            while (performance.now() < until);
          },
        };
      },
    };
    const solution = await solve(doubleWell(), slowing, { backend: referenceBackend(), signal: controller.signal, stop: maxIterations(1e12) });
    expect(solution.stop.reason).toBe('aborted');
    expect(slow).toBe(1);
  });

  it('ends an asynchronous run, and one that was aborted before it began', async () => {
    const signal = AbortSignal.timeout(20);
    const solution = await solve(factorization(4, 1), noisyMomentum(1e-6), { backend: asyncBackend({ reads: 'microtask' }), signal, stop: maxIterations(1e12) });
    expect(solution.stop.reason).toBe('aborted');
    const none = await solve(doubleWell(), descent(0.1), { backend: referenceBackend(), signal: AbortSignal.abort() });
    expect(none).toMatchObject({ iterations: 0, stop: { reason: 'aborted' } });
  });
});

describe('checkpoints', () => {
  const stop = (n: number) => anyOf(gradientTolerance(1e-6), maxIterations(n));
  const cases = [
    ['descent', () => descent(0.02)],
    ['noisy momentum', () => noisyMomentum(0.02)],
  ] as const;

  it.each(cases)('%s resumes with the same bits and method counts, also rebuilt after every step', async (_, method) => {
    for (const make of [referenceBackend, asyncBackend]) {
      const objective = factorization(4, 2);
      const run = async (n: number, resume?: Checkpoint) => {
        const seen: Observation[] = [];
        const backend = make();
        const solution: Solution = await solve(objective, method(), { backend, every: 1, stop: stop(n), record: (o) => seen.push(o), ...(resume ? { resume } : { seed: 5 }) });
        expect(backend.usage.live).toBe(0);
        return { solution, seen };
      };
      const whole = await run(12);
      let checkpoint = (await run(0)).solution.checkpoint();
      for (let n = 1; n <= 12; n++) {
        const { solution, seen } = await run(n, json(checkpoint));
        expect(bits(seen)).toEqual(bits(whole.seen.slice(n, n + 1)));
        checkpoint = solution.checkpoint();
      }
      expect(checkpoint.state).toEqual(whole.solution.checkpoint().state);
      expect(checkpoint.counts.method).toEqual(whole.solution.counts.method);
      expect(JSON.stringify(json(checkpoint).stop)).toBe(JSON.stringify(whole.solution.checkpoint().stop));
    }
  });

  it('does no step more when the budget is already used up', async () => {
    const { solution } = { solution: await solve(doubleWell(), descent(0.1), { backend: referenceBackend(), stop: maxIterations(4) }) };
    const again = await solve(doubleWell(), descent(0.1), { backend: referenceBackend(), stop: maxIterations(4), resume: json(solution.checkpoint()) });
    expect(again.iterations).toBe(4);
    expect(again.value).toBe(solution.value);
    expect(again.counts.method).toEqual(solution.counts.method);
    expect(again.seed).toBe(solution.seed);
  });

  it('are handed out in the middle of a run and let it be finished elsewhere', async () => {
    const taken: Checkpoint[] = [];
    const options = { backend: referenceBackend(), stop: maxIterations(30) };
    const whole = await solve(factorization(4, 2), descent(0.02), { ...options, checkpointEvery: 0, checkpoint: (c) => void taken.push(json(c)) });
    expect(taken.length).toBe(29);
    const middle = taken[13]!;
    expect(middle.iteration).toBe(14);
    const rest = await solve(factorization(4, 2), descent(0.02), { ...options, resume: middle });
    expect(rest.point.data).toEqual(whole.point.data);
    expect(rest.counts.method).toEqual(whole.counts.method);
    expect(rest.seconds).toBeGreaterThanOrEqual(middle.seconds);
  });

  it('are refused by another objective, other options, data, method, number type, seed or rules', async () => {
    const backend = referenceBackend();
    const base = { backend, stop: stop(3) };
    const checkpoint = json((await solve(factorization(4, 2), descent(0.02), base)).checkpoint());
    const resume = { ...base, resume: checkpoint };
    const refused = { code: 'LOWLAND_E_CHECKPOINT' };
    await expect(solve(factorization(4, 1), descent(0.02), resume)).rejects.toMatchObject(refused);
    await expect(solve(factorization(4, 2), descent(0.03), resume)).rejects.toThrow(/options.*0\.02.*0\.03/);
    await expect(solve(factorization(4, 2), noisyMomentum(0.02), resume)).rejects.toMatchObject(refused);
    await expect(solve({ ...factorization(4, 2), data: 'other' }, descent(0.02), resume)).rejects.toThrow(/data/);
    await expect(solve({ ...factorization(4, 2), id: 'other' }, descent(0.02), resume)).rejects.toMatchObject(refused);
    await expect(solve(factorization(4, 2), descent(0.02), { ...resume, backend: asyncBackend() })).rejects.toThrow(/f64.*f32/);
    await expect(solve(factorization(4, 2), descent(0.02), { ...resume, seed: 9 })).rejects.toThrow(/seed/);
    await expect(solve(factorization(4, 2), descent(0.02), { ...resume, stop: maxIterations(3) })).rejects.toThrow(/rules/);
    await expect(solve(factorization(4, 2), descent(0.02), { ...resume, resume: { ...checkpoint, format: 2 as never } })).rejects.toThrow(/format/);
    for (const wrong of [null, [], { ...(checkpoint.stop as object), memory: [{ number: 'one' }] }, { ...(checkpoint.stop as object), floor: null }]) {
      await expect(solve(factorization(4, 2), descent(0.02), { ...resume, resume: { ...checkpoint, stop: wrong } })).rejects.toMatchObject(refused);
    }
    for (const state of [null, {}, { point: { vector: '!' } }, { point: { vector: 'AAAA' } }, { point: { same: 3 } }, { point: { same: 'length' } }, { point: { number: '7' } }, { point: null }]) {
      await expect(solve(factorization(4, 2), descent(0.02), { ...resume, resume: { ...checkpoint, state } })).rejects.toMatchObject(refused);
    }
    const more = await solve(factorization(4, 2), descent(0.02), { ...resume, stop: anyOf(stop(6), maxSeconds(100)) });
    expect(more.iterations).toBe(6);
    expect(backend.usage).toMatchObject({ live: 0, devices: 0 });
  });
});

describe('iterate', () => {
  it('yields the observations that solve records, and returns the solution', async () => {
    const recorded: Observation[] = [];
    const options = { backend: referenceBackend(), stop: maxIterations(6) };
    const solution = await solve(doubleWell(), descent(0.1), { ...options, record: (o) => recorded.push(o) });
    const run = iterate(doubleWell(), descent(0.1), options);
    const yielded: Observation[] = [];
    for (;;) {
      const next = await run.next();
      if (next.done) {
        expect(next.value.point.data).toEqual(solution.point.data);
        break;
      }
      yielded.push(next.value);
    }
    expect(bits(yielded)).toEqual(bits(recorded));
    expect(yielded).toHaveLength(7);
  });

  it('frees everything when the loop is left early', async () => {
    const backend = asyncBackend();
    for await (const { iteration } of iterate(factorization(4, 1), descent(0.01), { backend, every: 1 })) {
      expect(backend.usage.live).toBeGreaterThan(0);
      if (iteration === 3) break;
    }
    expect(backend.usage).toMatchObject({ live: 0, devices: 0 });
  });
});
