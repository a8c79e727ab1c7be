/**
 * What every method must do, and what it claims: run on both kinds of devices, go on from a checkpoint with the same bits,
 * keep its slots true, free its memory, read no more than it says.
 */
import type { AnyObjective, AnyOptimizer } from '../any.ts';
import type { Tracker } from '../analysis.ts';
import type { Capability } from '../capability.ts';
import type { Backend } from '../device.ts';
import { createPoint, type Point } from '../layout.ts';
import type { Route } from '../objective.ts';
import { streamKey } from '../philox.ts';
import { plan } from '../plan.ts';
import type { Checkpoint, Observation, RunOptions, Solution } from '../run.ts';
import { solve } from '../solve.ts';
import { maxIterations } from '../stop.ts';
import { asyncBackend, type TestBackend } from './backends.ts';
import { claim, claimSameBits, isPlain, type Check } from './check.ts';
import { offered } from './offered.ts';

export interface OptimizerSuite {
  readonly optimizer: AnyOptimizer;
  readonly objective: AnyObjective;
  /** A synchronous f64 backend. */
  readonly backend: Backend;
  /** Default `asyncBackend({ reads: 'microtask' })`: lend it the extra kernels that the objective needs. */
  readonly asynchronous?: TestBackend;
  /** Default the objective's own start. */
  readonly point?: Point;
  /** Default 0. */
  readonly seed?: number;
  /** Steps of each run; default 8. */
  readonly iterations?: number;
  /** A strict saddle with a gradient of exactly zero, for methods that claim `escapesSaddles`; default the zero point. */
  readonly saddle?: Point;
  /** Steps in which such a method must have left it; default 1000. */
  readonly escapeWithin?: number;
  /** Reads a step, on average, for trials of a line search beyond the first; default 0. */
  readonly trialReads?: number;
}

export function optimizerChecks(suite: OptimizerSuite): readonly Check[] {
  const { optimizer, objective, backend, seed = 0, iterations = 8, trialReads = 0 } = suite;
  const asynchronous = suite.asynchronous ?? asyncBackend({ reads: 'microtask' });
  const point = suite.point ?? objective.initial(streamKey(seed, 'init', 0));
  const claims = optimizer.claims ?? [];

  /** A run whose every iteration is recorded. */
  async function run(on: Backend, n: number, options: Partial<RunOptions> = {}): Promise<{ solution: Solution; trace: Observation[] }> {
    const trace: Observation[] = [];
    const start = options.resume === undefined ? { seed, point } : {};
    const solution = await solve(objective, optimizer, { backend: on, every: 1, stop: maxIterations(n), record: (o) => trace.push(o), ...start, ...options });
    return { solution, trace };
  }
  /** All memory of test devices is given back by `body`, whether it throws or not. */
  async function freed(on: Backend, body: () => Promise<void>): Promise<void> {
    const { usage } = on as Partial<TestBackend>;
    const before = { live: usage?.live, devices: usage?.devices };
    await body();
    claim(usage?.live === before.live && usage?.devices === before.devices, () => `${String(usage?.live)} allocations and ${String(usage?.devices)} devices are left.`);
  }
  const sameTrace = (what: string, given: readonly Observation[], expected: readonly Observation[]) => {
    const numbers = (trace: readonly Observation[]) => trace.flatMap(({ iteration, value, gradientNorm }) => [iteration, value, gradientNorm]);
    claimSameBits(what, numbers(given), numbers(expected));
  };
  const on = (name: string, body: (device: Backend) => Promise<void>): Check[] =>
    [backend, asynchronous].map((device) => ({ name: `${name} ("${device.id}")`, run: () => freed(device, () => body(device)) }));

  const checks: Check[] = [
    {
      name: 'says of itself what is plain and possible',
      run: () => {
        claim(isPlain(optimizer.options), () => 'Its options are no plain JSON: a checkpoint could not name it.');
        claim(Number.isFinite(optimizer.readsPerStep) && optimizer.readsPerStep >= 0, () => `readsPerStep is ${String(optimizer.readsPerStep)}.`);
        for (const device of [backend, asynchronous]) {
          const { ok, refusals } = plan(objective, optimizer, device, { stop: maxIterations(1) });
          claim(ok, () => refusals.map(({ message }) => message).join(' '));
        }
      },
    },
    ...on('steps without becoming infinite, its slots true to its point', async (device) => {
      const { trace, solution } = await run(device, iterations, { trackers: [slots(device, offered(objective, device).map(({ name }) => name))] });
      claim(solution.stop.reason !== 'diverged', () => 'It diverged.');
      claim(solution.iterations > 0, () => `It ended before its first step: ${solution.stop.rule}. Give it a start that is not stationary.`);
      for (const { iteration, tracked } of trace) {
        const complaint = tracked?.['slots'] as string | undefined;
        claim(complaint === undefined, () => `At iteration ${String(iteration)} ${complaint ?? ''}`);
      }
    }),
    ...on('gives the same bits from the same seed', async (device) => {
      const [once, again] = [await run(device, iterations), await run(device, iterations)];
      sameTrace('the trace, again', again.trace, once.trace);
      claimSameBits('the point, again', again.solution.point.data, once.solution.point.data);
      if (!claims.includes('deterministic')) return;
      const other = await run(device, iterations, { seed: seed + 1 });
      claimSameBits('the point from another seed, of a deterministic method', other.solution.point.data, once.solution.point.data);
    }),
    ...on('taken down to JSON and rebuilt after every step, takes the same steps with the same counts', async (device) => {
      const whole = await run(device, iterations);
      let checkpoint = (await run(device, 0)).solution.checkpoint();
      for (let n = 1; n <= whole.solution.iterations; n++) {
        const { solution, trace } = await run(device, n, { resume: JSON.parse(JSON.stringify(checkpoint)) as Checkpoint });
        sameTrace(`step ${String(n)} after a resume`, trace, whole.trace.slice(n, n + 1));
        checkpoint = solution.checkpoint();
      }
      const [given, expected] = [JSON.stringify(checkpoint.state), JSON.stringify(whole.solution.checkpoint().state)];
      claim(given === expected, () => 'The state in the end is another one: something is kept outside of it.');
      const counts = [checkpoint, whole.solution].map(({ counts: { method } }) => JSON.stringify(method));
      claim(counts[0] === counts[1], () => `Its oracle calls are ${String(counts[0])}, without resuming ${String(counts[1])}.`);
    }),
    ...on('ends within a step when aborted', async (device) => {
      const controller = new AbortController();
      const { solution } = await run(device, 1000, {
        signal: controller.signal,
        record: ({ iteration }) => {
          if (iteration === 1) controller.abort();
        },
      });
      claim(solution.iterations <= 2, () => `It went on to iteration ${String(solution.iterations)}.`);
    }),
    ...on('frees its memory when an oracle throws', async (device) => {
      for (const after of [0, 3]) {
        const broken = throwing(objective, after);
        let thrown: unknown;
        try {
          await solve(broken, optimizer, { backend: device, point, seed, stop: maxIterations(1000) });
        } catch (error) {
          thrown = error;
        }
        claim(thrown instanceof Error && thrown.message === 'the oracle throws', () => 'An error of an oracle did not come through.');
      }
    }),
    {
      name: 'reads no more than it says',
      run: async () => {
        const readsOf = async (n: number) => {
          const solution = await solve(objective, optimizer, { backend: asynchronous, point, seed, every: 2 ** 30, stop: maxIterations(n) });
          return { reads: solution.counts.reads, steps: solution.iterations };
        };
        // both are looked at twice, at the start and at the end
        const [short, long] = [await readsOf(1), await readsOf(1 + iterations)];
        const perStep = (long.reads - short.reads) / Math.max(1, long.steps - short.steps);
        claim(perStep <= optimizer.readsPerStep + trialReads, () => `It reads ${String(perStep)} times a step, and says ${String(optimizer.readsPerStep)}${trialReads > 0 ? ` and ${String(trialReads)} for trials` : ''}.`);
      },
    },
  ];
  if (claims.includes('monotone')) {
    checks.push({
      name: 'never raises the value beyond rounding, as it claims',
      run: async () => {
        const { trace } = await run(backend, 4 * iterations);
        trace.slice(1).forEach(({ value, iteration }, k) => {
          const before = trace[k]!.value;
          // of a value near zero only what cancels in it says how it was rounded: the value at the start stands for that
          const rounding = 1e-12 * Math.abs(before) + 1e-14 * Math.abs(trace[0]!.value);
          claim(value <= before + rounding, () => `The value rose from ${String(before)} to ${String(value)} at iteration ${String(iteration)}.`);
        });
      },
    });
  }
  if (claims.includes('escapesSaddles')) {
    const { saddle = createPoint(objective.layout), escapeWithin = 1000 } = suite;
    checks.push({
      name: 'leaves a strict saddle, as it claims',
      run: async () => {
        const { trace } = await run(backend, escapeWithin, { point: saddle });
        const { value: start, gradientNorm } = trace[0]!;
        claim(gradientNorm === 0, () => 'The saddle given is not stationary to the bit. Give one that is.');
        claim(trace.at(-1)!.value < start - 1e-6 * Math.abs(start), () => `After ${String(trace.length - 1)} steps from a saddle of value ${String(start)} its value is ${String(trace.at(-1)!.value)}.`);
        const { stop } = await solve(objective, optimizer, { backend, seed, point: saddle });
        claim(stop.rule !== 'gradient-tolerance', () => 'The default stopping rule ends it at the saddle.');
      },
    });
  }
  return checks;
}

/** Compares the slots `value` and `gradient` of the live state with the oracles at its point; tells what is wrong. */
function slots(device: Backend, names: readonly Capability[]): Tracker<Capability, string | undefined> {
  const requires = (['value', 'gradient'] as const).filter((name) => names.includes(name));
  const tolerance = device.dtype === 'f64' ? 1e-9 : 1e-3;
  return {
    id: 'slots',
    requires,
    start({ problem, device: on, scratch }) {
      const [value, gradient] = [scratch(1), scratch()];
      // near a minimum what is left of both is rounding: what counts is the size that they had on the way
      const largest = { value: 0, gradient: 0 };
      return async (state) => {
        if (state.value !== undefined && requires.includes('value')) {
          problem.value(state.point, value);
          const [kept, true_] = [await on.scalar(state.value), await on.scalar(value)];
          largest.value = Math.max(largest.value, Math.abs(true_));
          if (Math.abs(kept - true_) > tolerance * Math.abs(true_) + 1e-3 * tolerance * largest.value) return `the slot "value" holds ${String(kept)}, at its point it is ${String(true_)}.`;
        }
        if (state.gradient !== undefined && requires.includes('gradient')) {
          problem.gradient(state.point, gradient);
          const [kept, true_] = [await on.read(state.gradient), await on.read(gradient)];
          const error = Math.sqrt(kept.reduce((sum, x, i) => sum + (x - true_[i]!) ** 2, 0));
          const size = Math.sqrt(true_.reduce((sum, x) => sum + x * x, 0));
          largest.gradient = Math.max(largest.gradient, size);
          if (error > tolerance * largest.gradient) return `the slot "gradient" is ${String(error)} away from the gradient at its point.`;
        }
        return undefined;
      };
    },
  };
}

/** Capabilities that are objects of oracles. */
const groups: readonly string[] = ['residual', 'constraints', 'proximal', 'spectral', 'stochasticGradient'];

/** The same objective, but its oracles, those in groups too, throw after so many calls in all. */
function throwing(objective: AnyObjective, after: number): AnyObjective {
  let calls = 0;
  const broken = (oracle: (...given: unknown[]) => unknown, self: unknown) => (...args: unknown[]) => {
    if (calls++ >= after) throw new Error('the oracle throws');
    return oracle.apply(self, args);
  };
  const breaking = (name: string) => (route: Route<Capability, unknown>): Route<Capability, unknown> => ({
    ...route,
    bind: (data, device, memory) => {
      const capability: unknown = route.bind(data, device, memory);
      if (typeof capability === 'function') return broken(capability as never, undefined);
      if (!groups.includes(name)) return capability as never;
      const members = Object.entries(capability as object).map(([key, member]: [string, unknown]) => [key, typeof member === 'function' ? broken(member as never, capability) : member]);
      return Object.fromEntries(members) as never;
    },
  });
  const routes = Object.fromEntries(Object.entries(objective.routes as Record<string, readonly Route<Capability, unknown>[]>).map(([name, list]) => [name, list.map(breaking(name))]));
  return { ...objective, routes } as AnyObjective;
}
