/**
 * A run that can be held and stepped: observations are told in batches, points kept as far as memory goes.
 */
import { analyse, type AnyAnalysis, type AnyTracker, type Checkpoint, type Context, errorCode, iterate, layoutLength, type Observation, type Point, type Registry, type Solution } from '@lowland/core';
import { polish } from '@lowland/optimizers';

import type { Composition } from '../model/composition.ts';
import type { Tracked, VerdictView } from '../model/types.ts';
import { counted } from '../panels/words/count.ts';
import { faultOf } from './fault.ts';
import { type Prepared, prepare } from './prepare.ts';
import type { Kept, Pace, RunEvent } from './protocol.ts';
import { judge } from './verdict.ts';

/** Kept points at most, and the numbers that they may have together. */
const mostKept = 240;
const mostNumbers = 4_000_000;
/** Milliseconds between messages. */
const interval = 50;

/** Trackers whose answer is a matter of the point alone: they are asked where points are kept, others at each observation. */
const ofThePoint: ReadonlySet<string> = new Set(['singular-values', 'effective-rank', 'balancedness', 'distance', 'alignment', 'sharpness', 'region']);

/** The valve of a run: how fast it may go, and steps that are let through while it is held. */
export class Valve {
  /** Milliseconds that the run was held. */
  held = 0;
  #pace: Pace;
  #steps = 0;
  #next = 0;
  #wake: (() => void) | undefined;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  set pace(pace: Pace) {
    this.#pace = pace;
    this.#steps = 0;
    this.#wake?.();
  }

  step(count: number): void {
    this.#steps += count;
    this.#wake?.();
  }

  get open(): boolean {
    return this.#pace === Infinity;
  }

  /** Whether the person takes steps one by one. */
  get stepping(): boolean {
    return this.#pace === 0;
  }

  /** Waits until the next observation may be made. `before` is called once where there is something to wait for, and for how long is worth a message. */
  async pass(before: () => void): Promise<void> {
    if (this.open) return;
    const since = performance.now();
    // at a fast pace what there is to tell waits for its turn: a message for each observation would drown the page
    if (this.stepping || 1000 / this.#pace >= interval) before();
    while (this.stepping && this.#steps === 0) await this.#sleep(undefined);
    if (this.stepping) this.#steps--;
    else await this.#keepPace();
    this.held += performance.now() - since;
  }

  async #keepPace(): Promise<void> {
    if (this.open) return;
    await this.#sleep(this.#next - performance.now());
    this.#next = Math.max(performance.now(), this.#next) + 1000 / this.#pace;
  }

  async #sleep(milliseconds: number | undefined): Promise<void> {
    if (milliseconds !== undefined && milliseconds <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

/**
 * Runs the method at `position` to its end, and judges where it ended.
 *
 * @throws what core throws for plans that are refused, and what plugins throw
 */
export async function run(registry: Registry, composition: Composition, position: number, valve: Valve, tell: (event: RunEvent) => void): Promise<Solution> {
  const prepared = await prepare(registry, composition, position, () => valve.held / 1000);
  const { objective, optimizer, backend, init, stop, plan } = prepared;
  tell({ kind: 'planned', plan });
  // where each look is a wait, as core does by default
  const every = backend.kernels.has('host') ? 1 : 32;
  const log = new Log(layoutLength(objective.layout), every, () => valve.held / 1000, () => valve.stepping, tell);
  const options = { backend, every, stop, trackers: [...prepared.trackers.map((tracker) => log.thinned(tracker)), log.pointTracker] };
  const anew = { ...options, seed: composition.seed, ...(init !== undefined && { init }) };
  /** What a GPU may not give back: where a run can go on from when it is lost. */
  let safe: { readonly checkpoint: Checkpoint; readonly held: number } | undefined;
  const keep = backend.kernels.has('host') ? {} : { checkpointEvery: secondsAtRisk, checkpoint: (checkpoint: Checkpoint) => { safe = { checkpoint, held: valve.held }; } };
  for (;;) {
    const observations = iterate(objective, optimizer, { ...(safe === undefined ? anew : { ...options, resume: safe.checkpoint }), ...keep });
    try {
      for (;;) {
        const { done, value } = await observations.next();
        if (done === true) return await conclude(prepared, value, composition.seed, log, tell);
        log.add(value);
        await valve.pass(() => { log.flush(); });
      }
    } catch (error) {
      if (errorCode(error) !== 'LOWLAND_E_WEBGPU_LOST') throw error;
      const iteration = safe?.checkpoint.iteration ?? 0;
      log.back(iteration);
      valve.pace = 0;
      tell({ kind: 'lost', iteration, message: faultOf(error).message });
      await valve.pass(() => undefined);
      valve.held = safe?.held ?? 0;
    }
  }
}

/** Seconds of work between two checkpoints of a run on a GPU. */
const secondsAtRisk = 0.5;

async function conclude(prepared: Prepared, solution: Solution, seed: number, log: Log, tell: (event: RunEvent) => void): Promise<Solution> {
  const { point, value, gradientNorm, iterations, stop, counts, plan } = solution;
  log.flush();
  const seconds = log.seconds;
  const tracked = { ...log.tracked, ...flat(await trackedAt(prepared, point, seed)) };
  tell({
    kind: 'ended',
    stop,
    work: { iterations, seconds, method: counts.method, driver: counts.driver, reads: counts.reads, bytes: plan.bytes },
    last: { iteration: iterations, seconds, value, gradientNorm, tracked, point: point.data.slice() },
  });
  tell({ kind: 'judged', verdict: await verdictOf(prepared, solution, seed) });
  return solution;
}

/** In f64, whatever the run used: where it came to an end by itself in f32, of a point a few steps on, as on the command line. */
async function verdictOf({ objective, backend, judge: exact }: Prepared, { point, stop }: Solution, seed: number): Promise<VerdictView> {
  const ask = { seed, tolerance: 1e-6 };
  if (backend === exact) return judge(objective, point, exact, ask);
  const found = stop.reason === 'converged' || stop.reason === 'stalled' ? await polish(objective, point, { backend: exact }) : undefined;
  const { adapter } = backend.details ?? {};
  const reached = `the run reached on ${backend.id}${adapter === undefined || adapter === '' ? '' : ` (${adapter})`} in ${backend.dtype}`;
  const at = found === undefined ? `the point that ${reached}` : `a point polished there: ${counted(found.polish.steps, 'step')} of ${found.polish.method} from the one that ${reached}, ${found.polish.relative.toExponential(1)} of its length away`;
  return { ...(await judge(objective, found?.point ?? point, exact, ask)), provenance: `Decided on the ${exact.id} in ${exact.dtype}, at ${at}.` };
}

/** What trackers that look at the point alone say of this one. */
async function trackedAt({ objective, backend, trackers }: Prepared, point: Point, seed: number): Promise<Record<string, unknown>> {
  const said: Record<string, unknown> = {};
  for (const tracker of trackers.filter(({ id }) => ofThePoint.has(id))) {
    const look: AnyAnalysis = { id: tracker.id, requires: tracker.requires, dtype: 'any', run: (context, x) => tracker.start(context as Context<never>)({ point: x }) };
    said[tracker.id] = await analyse(objective, look, point, backend, { seed });
  }
  return said;
}

/** Collects what is to be told. */
class Log {
  /** Of work: without pauses. */
  seconds = 0;
  /** At the last observation. */
  tracked: Readonly<Record<string, Tracked>> = {};
  /** Reads the point where it is kept. */
  readonly pointTracker: AnyTracker;
  readonly #held: () => number;
  readonly #stepping: () => boolean;
  readonly #tell: (event: RunEvent) => void;
  readonly #most: number;
  readonly #every: number;
  /** Iterations between kept points. */
  #stride: number;
  #count = 0;
  #asked = -1;
  #point: Float64Array | undefined;
  #rows: number[] = [];
  #kept: Kept[] = [];
  #told = performance.now();

  /** @param every iterations between observations */
  constructor(length: number, every: number, held: () => number, stepping: () => boolean, tell: (event: RunEvent) => void) {
    this.#every = every;
    this.#stride = every;
    this.#held = held;
    this.#stepping = stepping;
    this.#tell = tell;
    this.#most = Math.max(16, Math.min(mostKept, Math.floor(mostNumbers / length)));
    this.pointTracker = {
      id: ' point',
      requires: [],
      start: ({ device }) => async ({ point }) => {
        this.#point = this.#keeps ? (await device.read(point)).slice() : undefined;
        this.#asked++;
      },
    };
  }

  /** Whether the point of the observation that is being made is kept. */
  get #keeps(): boolean {
    return ((this.#asked + 1) * this.#every) % this.#stride === 0 || this.#stepping();
  }

  thinned(tracker: AnyTracker): AnyTracker {
    if (!ofThePoint.has(tracker.id)) return tracker;
    return {
      ...tracker,
      start: (context) => {
        const read = tracker.start(context);
        return (state) => (this.#keeps ? read(state) : undefined);
      },
    };
  }

  add({ iteration, seconds, value, gradientNorm, tracked = {} }: Observation): void {
    this.seconds = seconds - this.#held();
    this.#rows.push(iteration, this.seconds, value, gradientNorm);
    const said = flat(tracked);
    this.tracked = said;
    if (this.#point !== undefined) {
      this.#kept.push({ iteration, seconds: this.seconds, value, gradientNorm, tracked: said, point: this.#point });
      this.#point = undefined;
      if (iteration % this.#stride === 0) this.#count++;
      if (this.#count > this.#most) {
        this.#stride *= 2;
        this.#count = Math.ceil(this.#count / 2);
      }
    }
    if (performance.now() - this.#told >= interval) this.flush();
  }

  /** What was after an iteration is told again. */
  back(iteration: number): void {
    this.#rows = [];
    this.#kept = [];
    this.#point = undefined;
    // a run that resumes looks first where it has gone on from there
    this.#asked = iteration === 0 ? -1 : Math.floor(iteration / this.#every);
    this.#count = Math.ceil(iteration / this.#stride);
  }

  flush(): void {
    this.#told = performance.now();
    if (this.#rows.length === 0) return;
    this.#tell({ kind: 'progress', rows: Float64Array.from(this.#rows), kept: this.#kept.filter(({ iteration }) => iteration % this.#stride === 0 || this.#stepping()), stride: this.#stride });
    this.#rows = [];
    this.#kept = [];
  }
}

/** Numbers, lists and names; what trackers say in objects has dotted names. */
function flat(tracked: Readonly<Record<string, unknown>>, prefix = ''): Record<string, Tracked> {
  return Object.fromEntries(
    Object.entries(tracked).flatMap(([key, said]): [string, Tracked][] => {
      const name = `${prefix}${key}`;
      if (typeof said === 'number' || typeof said === 'string') return [[name, said]];
      if (typeof said === 'boolean') return [[name, said ? 1 : 0]];
      if (ArrayBuffer.isView(said)) return [[name, Array.from(said as Float64Array)]];
      if (Array.isArray(said)) return said.every((part) => typeof part === 'number') ? [[name, said]] : [];
      return typeof said === 'object' && said !== null ? Object.entries(flat(said as Record<string, unknown>, `${name}.`)) : [];
    }),
  );
}
