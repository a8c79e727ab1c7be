/**
 * One run: it starts a method, lets it step, looks now and then, and says when and why it ends.
 *
 * It keeps the last point that it saw to be finite. All memory is freed by disposing the run, however it ended.
 */
import type { AnyObjective, AnyOptimizer } from './any.ts';
import { bindChoices, type Binding } from './bind.ts';
import type { Capability } from './capability.ts';
import { capture, checkSameRun, decodeState, encodeState, type Captured } from './checkpoint.ts';
import { countedDevice, countedProblem, restoreTotals, totals, type Tally } from './counting.ts';
import type { Device, MaybePromise, Memory, Vec } from './device.ts';
import { LowlandError } from './errors.ts';
import { createPoint, layoutLength, type Point } from './layout.ts';
import { requireMembers } from './members.ts';
import { Judge } from './judge.ts';
import { Look } from './look.ts';
import { macrotask } from './macrotask.ts';
import type { Context, State, StepResult, Stepper } from './optimizer.ts';
import { streamKey } from './philox.ts';
import { defaultStop, gradientFloor, prepare, refused, type Planned } from './plan.ts';
import { isPromise } from './promise.ts';
import type { Checkpoint, Named, Observation, RunOptions, Solution, StopRule } from './run.ts';
import { checkedStart } from './start.ts';

/** Milliseconds of work after which a macrotask is let run. */
const breath = 12;
/** Where nobody waits for the time, and steps are short, the clock (40 ns a reading) is read once in so many iterations. */
const stride = 8;
const nothing = { value: Number.NaN, gradientNorm: Number.NaN };

const named = ({ id, options, data }: Named): Named => ({ id, options, ...(data !== undefined && { data }) });

export class Run {
  /** What was seen last; a resumed run has seen nothing yet. */
  observation: Observation | undefined;
  /** Why the run ended; undefined while it goes on. */
  outcome: Solution['stop'] | undefined;

  readonly #objective: AnyObjective;
  readonly #optimizer: AnyOptimizer;
  readonly #options: RunOptions;
  readonly #planned: Planned;
  readonly #init: Named | undefined;
  readonly #seed: number;
  readonly #every: number;
  readonly #rule: StopRule;
  readonly #judge: Judge;
  readonly #wants: { readonly value: boolean; readonly gradient: boolean; readonly clock: boolean };

  readonly #device: Device;
  readonly #binding: Binding<Capability>;
  readonly #memory: Memory;
  readonly #stepper: Stepper;
  readonly #state: State;
  readonly #look: Look;
  readonly #trackers: readonly { readonly id: string; readonly read: (state: State) => unknown }[];
  readonly #finitePoint: Vec;
  readonly #startContext: (names: readonly Capability[], arena: Memory) => Context<Capability>;
  readonly #methodCalls: Tally = new Map();
  readonly #driverCalls: Tally = new Map();
  readonly #reads = { calls: 0 };

  #iteration = 0;
  #aborted = false;
  readonly #onAbort = () => {
    this.#aborted = true;
  };

  #origin = performance.now();
  #now = this.#origin;
  #lastBreath = this.#origin;
  #lastCheckpoint = this.#origin;
  #untilClock = 0;

  private constructor(objective: AnyObjective, optimizer: AnyOptimizer, options: RunOptions, planned: Planned, device: Device, watch: boolean) {
    this.#objective = objective;
    this.#optimizer = optimizer;
    this.#options = options;
    this.#planned = planned;
    this.#device = device;
    this.#init = options.resume === undefined ? options.init && named(options.init) : options.resume.init;
    this.#seed = streamKey(options.resume?.seed ?? options.seed ?? 0, 'init').seed;
    this.#every = options.every ?? (device.sync ? 1 : 32);
    this.#rule = options.stop ?? defaultStop(device.dtype, optimizer);
    this.#judge = new Judge(this.#rule);
    const { needs } = this.#rule;
    const all = watch || options.record !== undefined;
    this.#wants = {
      value: all || needs.includes('value'),
      gradient: all || needs.includes('gradientNorm'),
      // a signal ends the run within a step, whatever the steps before took
      clock: all || needs.includes('seconds') || options.checkpoint !== undefined || options.signal !== undefined,
    };

    const length = layoutLength(objective.layout);
    const binding = bindChoices(objective, device, planned.choices);
    const memory = device.memory();
    this.#binding = binding;
    this.#memory = memory;
    try {
      const counted = countedDevice(device, this.#reads);
      const give = (names: readonly Capability[], tally: Tally) =>
        countedProblem(binding.problem, counted, names.filter((name) => name in binding.problem), tally);
      const context = (names: readonly Capability[], tally: Tally, arena = memory): Context<Capability> => ({
        problem: give(names, tally),
        device: counted,
        state: (n = length) => arena.vector(n),
        scratch: (n = length) => arena.vector(n),
        random: (purpose, index) => streamKey(this.#seed, purpose, index),
      });
      this.#startContext = (names, arena) => context(names, this.#driverCalls, arena);
      this.#look = new Look(counted, memory, length, give(['value', 'gradient', 'valueAndGradient'], this.#driverCalls));
      this.#finitePoint = memory.vector(length);
      const asked = [...(optimizer.requires as readonly Capability[]), ...((optimizer.uses ?? []) as readonly Capability[])];
      this.#stepper = optimizer.start(context(asked, this.#methodCalls));
      requireMembers('stepper', this.#stepper, `of optimizer "${optimizer.id}"`);
      this.#state = this.#stepper.state;
      this.#trackers = (options.trackers ?? []).map((tracker) => ({
        id: tracker.id,
        read: tracker.start(context(tracker.requires as readonly Capability[], this.#driverCalls)),
      }));
    } catch (error) {
      memory[Symbol.dispose]();
      binding[Symbol.dispose]();
      throw error;
    }
  }

  /** Plans, opens a device, binds, starts or resumes. `watch`: every observation has its value, gradient norm and time. */
  static async open(objective: AnyObjective, optimizer: AnyOptimizer, options: RunOptions, watch: boolean): Promise<Run> {
    const { every } = options;
    if (every !== undefined && !(Number.isInteger(every) && every > 0)) {
      throw new LowlandError('LOWLAND_E_OPTIONS', `every counts iterations between observations, an integer from 1; ${String(every)} was given.`);
    }
    if (options.point !== undefined && options.init !== undefined) {
      throw new LowlandError('LOWLAND_E_OPTIONS', `A run starts at a point or where the initializer "${options.init.id}" says; both were given. Leave one of them out.`);
    }
    const { init, ...rest } = options;
    // a resumed run has started already
    const planned = prepare(objective, optimizer, options.backend, options.resume === undefined && init !== undefined ? { ...rest, init } : rest);
    if (!planned.plan.ok) throw refused(planned.plan);
    const device = await options.backend.open();
    let run: Run | undefined;
    try {
      run = new Run(objective, optimizer, options, planned, device, watch);
      options.signal?.addEventListener('abort', run.#onAbort, { once: true });
      run.#aborted = options.signal?.aborted ?? false;
      await (options.resume === undefined ? run.#begin() : run.#resume(options.resume));
      run.#decide(run.#judge.said);
      return run;
    } catch (error) {
      if (run === undefined) device[Symbol.dispose]();
      else run[Symbol.dispose]();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const point = checkedStart(this.#objective, this.#options.point ?? (await this.#initial()), this.#device.dtype);
    this.#device.write(this.#state.point, point.data);
    this.#device.write(this.#finitePoint, point.data);
    await this.#stepper.init?.();
    await this.#observe();
    const absolute = (this.#rule.gradientTolerances ?? []).filter(({ relative }) => !relative).map(({ value }) => value);
    const floor = gradientFloor(this.#device.dtype, this.#look.gradientNorm);
    if (absolute.length > 0 && Math.max(...absolute) < floor) this.#judge.floor = floor;
  }

  /** The start that `init` makes, its memory freed at once, or the objective's own. */
  async #initial(): Promise<Point> {
    const { init } = this.#options;
    const key = streamKey(this.#seed, 'init');
    if (init === undefined) return this.#objective.initial(key);
    using arena = this.#device.memory();
    return await init.point(this.#startContext(init.requires as readonly Capability[], arena), key);
  }

  async #resume(checkpoint: Checkpoint): Promise<void> {
    const { init } = this.#options;
    checkSameRun(checkpoint, { objective: named(this.#objective), optimizer: named(this.#optimizer), dtype: this.#device.dtype, ...(init && { init: named(init) }) });
    const { seed } = this.#options;
    if (seed !== undefined && seed !== checkpoint.seed) {
      throw new LowlandError('LOWLAND_E_CHECKPOINT', `The checkpoint has seed ${String(checkpoint.seed)}, seed ${String(seed)} was asked for. Leave the seed out.`);
    }
    const lookAgain = this.#judge.restore(checkpoint.stop);
    if (lookAgain === undefined) {
      throw new LowlandError(
        'LOWLAND_E_CHECKPOINT',
        'The checkpoint was made under other stopping rules. Those with a memory (tolerances relative to the start, stalled values) must be the same; budgets may change.',
      );
    }
    decodeState(checkpoint.state, this.#state, this.#device, this.#memory);
    restoreTotals(this.#methodCalls, checkpoint.counts.method);
    restoreTotals(this.#driverCalls, checkpoint.counts.driver);
    this.#reads.calls += checkpoint.counts.reads;
    this.#iteration = checkpoint.iteration;
    this.#origin -= checkpoint.seconds * 1000;
    await this.#look.at(this.#state.point, this.#state, lookAgain && this.#wants.value, lookAgain && this.#wants.gradient);
    if (!this.#look.finite) {
      throw new LowlandError('LOWLAND_E_CHECKPOINT', 'The run of this checkpoint has diverged: its state is not finite. Start a new run, for instance from the point of its solution.');
    }
    this.#device.kernels.copy(this.#state.point, this.#finitePoint);
    if (lookAgain) this.#judge.observe(this.#seen(), true);
    else this.#judge.askBudgets(this.#iteration, this.#seconds());
  }

  /** Steps until there is something to wait for, an observation was made (with `once`), or the run has ended. */
  advance(once: boolean): Promise<void> | undefined {
    const before = this.observation;
    while (this.outcome === undefined) {
      const result = this.#stepper.step();
      if (isPromise(result)) return this.#afterPromise(result);
      const pending = this.#after(result);
      if (pending !== undefined) return pending;
      if (once && this.observation !== before) return undefined;
    }
    return undefined;
  }

  async #afterPromise(result: Promise<StepResult>): Promise<void> {
    await this.#after(await result);
  }

  /** What follows a step: the clock, an observation where one is due, the decision. */
  #after(result: StepResult): Promise<void> | undefined {
    this.#iteration++;
    if (this.#wants.clock || --this.#untilClock <= 0) {
      const now = performance.now();
      this.#untilClock = now - this.#now < 1 ? stride : 1;
      this.#now = now;
    }
    if (this.#iteration % this.#every === 0 || result !== undefined || this.#aborted || this.#judge.askBudgets(this.#iteration, this.#seconds())) {
      const pending = this.#observe();
      if (pending !== undefined) return this.#afterObservation(pending, result);
      this.#decide(result);
    }
    return this.#rest();
  }

  async #afterObservation(pending: Promise<void>, result: StepResult): Promise<void> {
    await pending;
    this.#decide(result);
    await this.#rest();
  }

  /** Hands out a checkpoint when it is time, and lets signals in after some work. */
  #rest(): Promise<void> | undefined {
    if (this.outcome !== undefined) return undefined;
    const { checkpoint, checkpointEvery = 10 } = this.#options;
    if (checkpoint !== undefined && this.#now - this.#lastCheckpoint >= checkpointEvery * 1000) return this.#handOut(checkpoint);
    return this.#now - this.#lastBreath > breath ? this.#breathe() : undefined;
  }

  async #handOut(receive: NonNullable<RunOptions['checkpoint']>): Promise<void> {
    this.#lastCheckpoint = this.#now;
    await receive(this.#checkpoint(await capture(this.#state, this.#device), this.#counts()));
    await this.#breathe();
  }

  async #breathe(): Promise<void> {
    await macrotask();
    this.#lastBreath = performance.now();
    if (!this.#aborted) return;
    if (this.observation?.iteration !== this.#iteration) await this.#observe();
    this.#decide(undefined);
  }

  /** Seconds at the last reading of the clock. */
  #seconds(): number {
    return (this.#now - this.#origin) / 1000;
  }

  /** Looks, remembers, records, and asks the rule: at once on a synchronous device without trackers. */
  #observe(): Promise<void> | undefined {
    const looked = this.#look.at(this.#state.point, this.#state, this.#wants.value, this.#wants.gradient);
    if (isPromise(looked) || this.#trackers.length > 0) return this.#observeSlowly(looked);
    this.#conclude(undefined);
    return undefined;
  }

  async #observeSlowly(looked: MaybePromise<void>): Promise<void> {
    await looked;
    const tracked: Record<string, unknown> = {};
    for (const { id, read } of this.#trackers) tracked[id] = await read(this.#state);
    this.#conclude(this.#trackers.length > 0 ? tracked : undefined);
  }

  #conclude(tracked: Record<string, unknown> | undefined): void {
    const seen = this.#seen();
    this.observation = tracked === undefined ? seen : { ...seen, tracked };
    if (this.#look.finite) this.#device.kernels.copy(this.#state.point, this.#finitePoint);
    this.#judge.observe(this.observation, this.#iteration % this.#every === 0);
    this.#options.record?.(this.observation);
  }

  #seen(): Observation {
    const { value, gradientNorm } = this.#look;
    return { iteration: this.#iteration, seconds: this.#seconds(), value, gradientNorm };
  }

  #decide(result: StepResult): void {
    const { finite, gradientNorm } = this.#look;
    this.outcome = this.#judge.decide({ finite, gradientNorm, result, aborted: this.#aborted, dtype: this.#device.dtype });
  }

  #checkpoint(captured: Captured, counts: Checkpoint['counts']): Checkpoint {
    return {
      format: 1,
      objective: named(this.#objective),
      optimizer: named(this.#optimizer),
      ...(this.#init && { init: this.#init }),
      dtype: this.#device.dtype,
      seed: this.#seed,
      iteration: this.#iteration,
      seconds: this.#seconds(),
      counts,
      state: encodeState(captured),
      stop: this.#judge.encode(this.#iteration),
    };
  }

  #counts(): Checkpoint['counts'] {
    return { method: totals(this.#methodCalls), driver: totals(this.#driverCalls), reads: this.#reads.calls };
  }

  /** The solution: the point on the host, its value and gradient norm, the reason. */
  async finish(): Promise<Solution> {
    this.#now = performance.now();
    // before the final evaluation, so that a resumed run counts as if it had never stopped
    const counts = this.#counts();
    const captured = await capture(this.#state, this.#device);
    const look = this.#look;
    let stop = this.outcome!;
    if (stop.reason === 'diverged') await look.at(this.#finitePoint, {}, true, true);
    else {
      const { value, gradientNorm } = this.observation?.iteration === this.#iteration ? this.observation : nothing;
      await look.at(this.#state.point, this.#state, Number.isNaN(value), Number.isNaN(gradientNorm));
      if (!Number.isNaN(value)) look.value = value;
      if (!Number.isNaN(gradientNorm)) look.gradientNorm = gradientNorm;
      if (!look.finite) stop = { reason: 'diverged', rule: 'not-finite', detail: 'The value or the gradient at the last point is not finite.' };
    }
    const data = stop.reason === 'diverged' ? await this.#device.read(this.#finitePoint) : captured.numbers.get(this.#state.point)!;
    return {
      point: createPoint(this.#objective.layout, data),
      value: look.value,
      gradientNorm: look.gradientNorm,
      iterations: this.#iteration,
      seconds: this.#seconds(),
      stop,
      counts: this.#counts(),
      plan: this.#planned.plan,
      seed: this.#seed,
      checkpoint: () => this.#checkpoint(captured, counts),
    };
  }

  [Symbol.dispose](): void {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#memory[Symbol.dispose]();
    this.#binding[Symbol.dispose]();
    this.#device[Symbol.dispose]();
  }
}
