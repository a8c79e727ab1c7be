/**
 * Where a method ends from each point of a grid on a plane: all runs at once, as an ensemble, told as they go.
 */
import { type AnyAnalysis, analyse, type Backend, bind, type Capability, createPoint, type EnsembleView, layoutLength, type Objective, type Optimizer, type Point, type Registry, solveEnsemble, streamKey } from '@lowland/core';
import { type Action, actionOf, randomDirection, spectrum, type Spectrum } from '@lowland/landscape';
import { norm } from '@lowland/linalg';

import type { Composition } from '../../model/composition.ts';
import type { BasinMapView } from '../../model/types.ts';
import { prepare } from '../prepare.ts';
import type { BasinRequest } from '../protocol.ts';

/** Steps between two pictures, at most so many pictures. */
const pictures = 60;
/** Ends closer than this part of the size of a solution are the same. */
const same = 0.02;
/** Orbits that are told apart at most: the rest is counted as such. */
const most = 8;

/** What stands in `labels` where there is no end. */
export const going = -1, diverged = -2, beyond = -3;

/** Told after every few steps; the last one, when all have ended or the steps are taken, is given back. */
export async function basinMap(registry: Registry, composition: Composition, { radius, grid }: BasinRequest, tell: (map: BasinMapView) => void): Promise<BasinMapView> {
  const { objective, optimizer, backend, judge } = await prepare(registry, { ...composition, track: [] }, 0);
  const start = objective.initial(streamKey(composition.seed, 'init', 0));
  const variables = start.data.length;
  const [u, v] = axesOf(start, composition.seed);
  const s = Float64Array.from({ length: grid }, (_, j) => radius * (-1 + (2 * j) / (grid - 1)));
  const count = grid * grid;
  const points = Float64Array.from({ length: count * variables }, (_, k) => {
    const [run, i] = [Math.floor(k / variables), k % variables];
    return s[run % grid]! * u[i]! + s[Math.floor(run / grid)]! * v[i]!;
  });
  using look = await looking(objective, judge);
  const tolerance = (composition.limits.gradientTolerance ?? 1e-5) * (await look.gradientNorm(start.data));
  const ends = new Ends(look.action, norm(start.data), count);
  const of = composition.limits.iterations;
  const began = performance.now();
  /** Of each end, asked for once. */
  const seen: { readonly value: Promise<number>; readonly down: Promise<number | null> }[] = [];
  /** Basins by value, those of one orbit by their first variable: so that colours stay when something is dragged. */
  const pictured = async (view: EnsembleView, note: string | null): Promise<BasinMapView> => {
    const labelled = ends.labels.slice();
    for (const { point } of ends.found.slice(seen.length)) seen.push({ value: look.value(point), down: look.down(point) });
    const found = ends.found.slice();
    const [values, downs] = await Promise.all([Promise.all(seen.map(({ value }) => value)), Promise.all(seen.map(({ down }) => down))]);
    const order = inOrder(found, values);
    const place = found.map((_, k) => order.indexOf(k));
    const labels = labelled.map((label) => (label < 0 ? label : place[label]!));
    return {
      method: optimizer.id,
      backend: backend.id,
      dtype: backend.dtype,
      adapter: adapterOf(backend),
      names: variables === 2 ? ['along variable 1', 'along variable 2'] : ['towards the start', 'across it, at random'],
      s,
      labels,
      steps: view.taken,
      taken: view.steps,
      of,
      tolerance,
      seconds: (performance.now() - began) / 1000,
      basins: order.map((k, rank) => ({ point: found[k]!.point, component: found[k]!.component, value: values[k]!, down: downs[k] ?? null, starts: labels.reduce((sum, label) => sum + (label === rank ? 1 : 0), 0) })),
      note,
    };
  };
  const solution = await solveEnsemble(objective as Objective<'value' | 'gradient'>, optimizer as Optimizer<'gradient'>, {
    backend,
    steps: of,
    points,
    count,
    seed: composition.seed,
    every: Math.max(1, Math.ceil(of / pictures)),
    reach: { gradientNorm: tolerance },
    observe: (view) => {
      ends.take(view);
      // what is told is as the runs are now
      void pictured({ ...view, taken: view.taken.slice() }, null).then(tell);
      return undefined;
    },
  });
  ends.take(solution);
  return await pictured(solution, solution.note ?? null);
}

/** Positions by value, equal ones by the first variable in which their points differ, the larger first. */
function inOrder(found: readonly Found[], values: readonly number[]): number[] {
  const room = 1e-4 * Math.max(...values.map(Math.abs));
  const first = (a: Float64Array, b: Float64Array): number => {
    const i = a.findIndex((x, k) => Math.abs(x - b[k]!) > 1e-3 * norm(a));
    return i < 0 ? 0 : b[i]! - a[i]!;
  };
  return [...found.keys()].sort((a, b) => (Math.abs(values[a]! - values[b]!) > room ? values[a]! - values[b]! : first(found[a]!.point, found[b]!.point)));
}

const adapterOf = ({ details }: Backend): string | null => (typeof details?.['adapter'] === 'string' ? details['adapter'] : null);

/** Two variables are axes themselves; of more the way to the problem's own start, and a random one across it, of the same length. */
function axesOf(start: Point, seed: number): readonly [Float64Array, Float64Array] {
  const { data } = start;
  if (data.length === 2) return [Float64Array.of(1, 0), Float64Array.of(0, 1)];
  const random = randomDirection(start, streamKey(seed, 'direction'));
  const part = dot(random, data) / dot(data, data);
  const across = random.map((x, i) => x - part * data[i]!);
  const scale = norm(data) / norm(across);
  return [data, across.map((x) => scale * x)];
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** What is asked of single points, on the cpu in f64. */
async function looking(objective: Objective<Capability>, judge: Backend) {
  const device = await judge.open();
  const wanted = (['symmetry', 'factors'] as const).filter((name) => name in objective.routes);
  const bound = bind<Capability, Capability>(objective, device, ['value', 'gradient', ...wanted]);
  const memory = device.memory();
  const { problem } = bound;
  const length = layoutLength(objective.layout);
  const [x, gradient, out] = [memory.vector(length), memory.vector(length), memory.vector(1)];
  return {
    action: actionOf(objective.layout, problem.symmetry, problem.factors),
    value: async (point: Float64Array): Promise<number> => {
      // what computes is synchronous: nobody writes between
      device.write(x, point);
      problem.value(x, out);
      return await device.scalar(out);
    },
    gradientNorm: async (point: Float64Array): Promise<number> => {
      device.write(x, point);
      problem.gradient(x, gradient);
      return norm(await device.read(gradient));
    },
    /** Directions down; null where the Hessian does not say. */
    down: async (point: Float64Array): Promise<number | null> => {
      const found = (await analyse(objective, spectrum() as AnyAnalysis, createPoint(objective.layout, point), judge, { seed: 0 })) as Spectrum;
      return found.signs?.negative ?? null;
    },
    [Symbol.dispose]: () => {
      memory[Symbol.dispose]();
      bound[Symbol.dispose]();
      device[Symbol.dispose]();
    },
  };
}

interface Found {
  readonly point: Float64Array;
  readonly invariant: Float64Array;
  readonly component: 0 | 1;
}

/** Orbits of stationary points as runs come to them, the two parts of such as have two apart. */
class Ends {
  readonly labels: Int16Array;
  readonly found: Found[] = [];
  readonly #action: Action;
  readonly #size: number;

  constructor(action: Action, size: number, count: number) {
    this.#action = action;
    this.#size = size;
    this.labels = new Int16Array(count).fill(going);
  }

  take({ points, reached, diverged: lost }: EnsembleView): void {
    const length = points.length / this.labels.length;
    this.labels.forEach((label, k) => {
      if (label !== going) return;
      if (lost[k] === 1) this.labels[k] = diverged;
      else if (reached?.[k] === 1) this.labels[k] = this.#place(points.subarray(k * length, (k + 1) * length));
    });
  }

  #place(x: Float64Array): number {
    const action = this.#action;
    const near = same * this.#size ** action.degree;
    const invariant = action.invariant(x);
    const orbit = this.found.filter((each) => distance(each.invariant, invariant) <= near);
    const first = orbit[0];
    const component = first !== undefined && action.orbit(first.point, 1e-3 * this.#size).twofold ? action.align(first.point, x).component : 0;
    const known = orbit.find((each) => each.component === component);
    if (known !== undefined) return this.found.indexOf(known);
    return this.found.length < most ? this.found.push({ point: x.slice(), invariant, component }) - 1 : beyond;
  }
}

function distance(a: Float64Array, b: Float64Array): number {
  return Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0));
}
