import type { AnyObjective } from './any.ts';
import { bind, type Binding } from './bind.ts';
import type { EnsembleOps, EnsembleRuns, NoiseRule } from './capability.ts';
import type { Device } from './device.ts';
import type { Advance } from './ensemble.ts';
import { type Course, isDone, rowOf } from './ensemble-course.ts';
import { LowlandError } from './errors.ts';
import { macrotask } from './macrotask.ts';
import type { Objective } from './objective.ts';
import { choose } from './routes.ts';

/** How it went: the values at the points where the ensemble knows them, or why there is no ensemble of these runs. */
export interface Fused {
  readonly note?: string;
  readonly values?: Float64Array;
}

/** By the objectives' own ensemble, if they have one of this method. */
export async function runFused(course: Course, drive: (advance: Advance) => Promise<void>): Promise<Fused> {
  const { objectives, optimizers, backend } = course;
  const methods = new Set(optimizers.map(({ ensemble }) => ensemble?.method));
  const [method] = methods;
  if (optimizers.some((optimizer) => noiseOf({ optimizers: [optimizer] }) !== noiseOf(course))) return { note: 'the optimizers draw their noise by several rules' };
  if (methods.size > 1) return { note: `the optimizers are of several methods` };
  if (method === undefined) return { note: `"${optimizers[0]!.id}" names no ensemble method for these options` };
  for (const objective of objectives) {
    const { route, why } = choose(objective, backend.kernels, 'ensemble');
    if (route === undefined) return { note: why! };
  }
  using device = await backend.open();
  using bound = bindAll(objectives, device);
  const each = bound.ensembles;
  const first = each[0]!;
  const ensemble = each.length === 1 ? first : (first.together?.(each) ?? `the ensemble of "${objectives[0]!.id}" is of one objective`);
  if (typeof ensemble === 'string') return { note: ensemble };
  if (!ensemble.methods.includes(method)) return { note: `the ensemble of "${objectives[0]!.id}" has no method "${method}"` };
  if (course.exit !== undefined && ensemble.exits !== true) return { note: `the ensemble of "${objectives[0]!.id}" does not ask whether a run is to end` };
  if (course.limits !== undefined && ensemble.slots === undefined) return { note: `the ensemble of "${objectives[0]!.id}" looks at no bounds` };
  if (ensemble.slots === undefined && optimizers.some(({ ensemble: named }) => typeof named!.parameters === 'function')) {
    return { note: `the ensemble of "${objectives[0]!.id}" does not know values at the starts` };
  }
  return await new FusedCourse(course, device, ensemble, method).run(drive);
}

/** By which rule the first method draws. */
const noiseOf = ({ optimizers }: Pick<Course, 'optimizers'>): NoiseRule => optimizers[0]!.ensemble?.noise ?? 'normal';

function bindAll(objectives: readonly AnyObjective[], device: Device): Disposable & { readonly ensembles: readonly EnsembleOps[] } {
  const bindings: Binding<'ensemble'>[] = [];
  const dispose = () => { for (const binding of bindings) binding[Symbol.dispose](); };
  try {
    for (const objective of objectives) bindings.push(bind(objective as Objective<'ensemble'>, device, ['ensemble']));
  } catch (error) {
    dispose();
    throw error;
  }
  return { ensembles: bindings.map(({ problem }) => problem.ensemble), [Symbol.dispose]: dispose };
}

/** Steps of the first piece, and the milliseconds that a piece may take. */
const [firstPiece, noticed] = [16, 100];

class FusedCourse {
  readonly #course: Course;
  readonly #device: Device;
  readonly #ensemble: EnsembleOps;
  readonly #method: string;

  constructor(course: Course, device: Device, ensemble: EnsembleOps, method: string) {
    this.#course = course;
    this.#device = device;
    this.#ensemble = ensemble;
    this.#method = method;
  }

  async run(drive: (advance: Advance) => Promise<void>): Promise<Fused> {
    const { count, points, seed, limits, exit } = this.#course;
    const [device, ensemble, method] = [this.#device, this.#ensemble, this.#method];
    using memory = device.memory();
    const vector = (data: Float64Array) => {
      const made = memory.vector(Math.max(1, data.length));
      if (data.length > 0) device.write(made, data);
      return made;
    };
    const length = ensemble.stateLength(method);
    const start = new Float64Array(count * length);
    for (let k = 0; k < count; k++) start.set(rowOf(points, count, k), k * length);
    const states = vector(start);
    const bounds = limits && vector(limits);
    const runs = (more: Pick<EnsembleRuns, 'steps' | 'firstStep' | 'parameters'>): EnsembleRuns => ({
      method,
      count,
      seed,
      states,
      noise: noiseOf(this.#course),
      ...more,
      ...(bounds && { limits: bounds }),
      ...(exit && { exit }),
    });
    try {
      const parameters = vector(await this.#parameters(() => {
        const none = vector(new Float64Array(ensemble.parameterCount(method)));
        ensemble.run({ ...runs({ steps: 0, firstStep: 0, parameters: none }) });
        return device.read(states);
      }));
      let pieces = 0;
      await drive(this.#inPieces(async (steps, gone) => {
        pieces++;
        ensemble.run(runs({ steps, firstStep: gone, parameters }));
        this.#take(await device.read(states), gone + steps);
      }));
      // a signal before the first step: nothing has evaluated the starts
      if (pieces === 0 && ensemble.slots !== undefined) ensemble.run(runs({ steps: 0, firstStep: 0, parameters }));
    } catch (error) {
      if (error instanceof LowlandError && error.code === 'LOWLAND_E_ENSEMBLE') return { note: error.message.replace(/\.$/, '') };
      throw error;
    }
    if (ensemble.slots === undefined) return {};
    const last = await device.read(states);
    return { values: Float64Array.from({ length: count }, (_, k) => last[k * length + ensemble.slots!.value]!) };
  }

  /** Steps in pieces that take about as long as a person notices, so that signals are let in, and runs that are done are not waited for. */
  #inPieces(move: (steps: number, gone: number) => Promise<void>): Advance {
    let piece = firstPiece;
    return async (steps, gone) => {
      let taken = 0;
      while (taken < steps && !isDone(this.#course)) {
        const next = Math.min(piece, steps - taken);
        const before = performance.now();
        await move(next, gone + taken);
        taken += next;
        const milliseconds = performance.now() - before;
        if (milliseconds < noticed / 4 && next === piece) piece *= 4;
        else if (milliseconds > noticed) piece = Math.max(1, Math.floor(piece / 2));
        if (taken < steps) await macrotask();
      }
      return taken;
    };
  }

  /** The numbers of the method: one row, or one for each run where they differ. */
  async #parameters(statesAtStart: () => ReturnType<Device['read']>): Promise<Float64Array> {
    const { optimizers, count, points } = this.#course;
    const named = optimizers.map(({ ensemble }) => ensemble!.parameters);
    if (named.length === 1 && typeof named[0] !== 'function') return Float64Array.from(named[0]!);
    const variables = points.length / count;
    const length = this.#ensemble.stateLength(this.#method);
    const states = named.some((numbers) => typeof numbers === 'function') ? await statesAtStart() : undefined;
    const rows = Array.from({ length: count }, (_, k) => {
      const numbers = named[k] ?? named[0]!;
      return typeof numbers === 'function' ? numbers(variables, states![k * length + this.#ensemble.slots!.value]!) : numbers;
    });
    return Float64Array.from(rows.flat());
  }

  /** What the states say of each run. */
  #take(states: Float64Array, steps: number): void {
    const { count, points, taken, reached, diverged, ended, exit } = this.#course;
    const { slots } = this.#ensemble;
    const [length, variables] = [states.length / count, points.length / count];
    for (let k = 0; k < count; k++) {
      const state = states.subarray(k * length, (k + 1) * length);
      rowOf(points, count, k).set(state.subarray(0, variables));
      const marks = slots === undefined ? [0, 0, 0] : [state[slots.reached]!, state[slots.diverged]!, state[slots.ended]!];
      [reached, diverged, ended].forEach((flags, i) => (flags[k] = marks[i]! > 0 ? 1 : 0));
      const mark = Math.max(...marks);
      taken[k] = mark > 0 ? mark - 1 : exit !== undefined && exit.at[k]! >= 0 ? exit.at[k]! : steps;
    }
  }
}
