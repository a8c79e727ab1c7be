/**
 * How the stationary points of a landscape hang together.
 */
import type { Analysis, Point } from '@lowland/core';
import { type Matrix, matrix, norm, symmetricEigen } from '@lowland/linalg';

import { type Census, censusAids, type CensusAids, type CensusContext, type CensusOptions, type CensusStage, type CensusTaken, takeCensus } from '../census/census.ts';
import type { StationaryOrbit } from '../census/stationary-orbit.ts';
import { toStationary } from '../census/levenberg-marquardt.ts';
import type { SecondOrder } from '../classify/hessian.ts';
import { descend } from './descend.ts';
import { type Leaf, type Link, mergeTree, type MergeTree } from './merge-tree.ts';

export interface ConnectOptions extends Omit<CensusOptions, 'progress'> {
  /** Random starts of the census; default 500, beyond 60 variables in proportion to 1/n^2 fewer, but 20, and in each fixed space a tenth of them, but 10. */
  readonly starts?: number;
  /** How far from a saddle descents start, in lengths of a point of the unit; default 1e-3. */
  readonly offset?: number;
  /** Directions of negative curvature that are followed from one saddle, the most negative first; default 12. */
  readonly directions?: number;
  /** Saddles from which ways down are followed, the lowest first; default 100. */
  readonly saddles?: number;
  /** Error allowed in a step of the flow, in lengths of a point of the unit; default 1e-4. */
  readonly accuracy?: number;
  /** Steps of a descent at most; default 5,000. */
  readonly steps?: number;
  /** Told how far the work is, from time to time. */
  readonly progress?: ((stage: CensusStage | 'saddles', done: number, of: number) => void) | undefined;
}

/** One way down. */
export interface Fall {
  /** Positions in the census: from a saddle (or maximum), to what the gradient flow ends at; null where it ended elsewhere or did not end. */
  readonly from: number;
  readonly to: number | null;
  /** Curvature at the start of the way: the eigenvalue, and its number from the lowest. */
  readonly curvature: number;
  readonly direction: number;
  readonly sign: 1 | -1;
  /** Which component of the orbit it ends in, as seen from where it starts. */
  readonly component: 0 | 1;
  /** Length of the way. */
  readonly length: number;
}

export interface Connections {
  readonly census: Census;
  /** The Morse graph: every way down that was followed. */
  readonly falls: readonly Fall[];
  /** Saddles that no way was followed from, as there are more than allowed: the highest. */
  readonly unfollowed: number;
  /** Random starts that a problem of few variables would have had beside: 0 where `starts` says how many. */
  readonly fewerStarts: number;
  /** Minima; both components of their orbits where these stand apart. */
  readonly leaves: readonly Leaf[];
  /** The disconnectivity graph. Heights are of ways that were found: no join is higher than it says, a lower one may have been missed. */
  readonly tree: MergeTree;
}

/**
 * The analysis `connect`: a census, then from each saddle both ways down along its directions of negative curvature, by the gradient flow, to the
 * orbits it joins. A flow keeps symmetries, so a way may end at a lower saddle, from which it goes on along that one's own ways.
 *
 * Points count modulo the group, but for one thing: orbits of O(r) and of signs may have two components, which no path in the orbit joins;
 * of minima both are leaves of the tree. Of very many saddles only the lowest are followed (`saddles`); `unfollowed` counts the others.
 *
 * @throws as `census`
 */
export function connect(options: ConnectOptions = {}): Analysis<SecondOrder, Connections, CensusAids> {
  return {
    id: 'connect',
    requires: ['value', 'gradient', 'hessianVectorProduct'],
    uses: censusAids,
    dtype: 'f64',
    run: (context, _point, host) => connections(context, host, options),
  };
}

const mostStarts = 500;

/** The work of a start grows as n^3, that of small ones is the overhead of it. */
const startsFor = (n: number): number => Math.max(20, Math.min(mostStarts, Math.round(mostStarts * (60 / n) ** 2)));

function connections(context: CensusContext, host: Point, options: ConnectOptions): Connections {
  const starts = options.starts ?? startsFor(host.data.length);
  const { saddles = 100, progress, fixedStarts = Infinity } = options;
  const inFixed = Math.min(fixedStarts, Math.max(10, Math.ceil(starts / 10)));
  const taken = takeCensus(context, host, options.starts === undefined ? { ...options, starts, fixedStarts: inFixed } : options);
  const { orbits } = taken.census;
  const descending = [...orbits.entries()].filter(([, { index }]) => index !== 0);
  const followed = descending.slice(0, saddles);
  const falls = followed.flatMap(([from, orbit], k) => {
    progress?.('saddles', k, followed.length);
    return fallsFrom(taken, orbit, from, options);
  });
  const { leaves, tree } = joined(orbits, falls);
  return { census: taken.census, falls, unfollowed: descending.length - followed.length, fewerStarts: options.starts === undefined ? mostStarts - starts : 0, leaves, tree };
}

function fallsFrom(taken: CensusTaken, { point, gradientNorm }: StationaryOrbit, from: number, { offset = 1e-3, directions = 12, accuracy = 1e-4, steps = 5000 }: ConnectOptions): Fall[] {
  const { model, size, goal, action, census } = taken;
  const hessian: Matrix = matrix(model.size, model.size);
  model.hessian(point.data, hessian);
  // Orbit directions are null directions: what is negative is off the orbit.
  const { values, vectors } = symmetricEigen(hessian);
  const cut = Math.max(1e-8 * Math.max(Math.abs(values[0]!), Math.abs(values.at(-1)!)), gradientNorm / size);
  const falls: Fall[] = [];
  const slope = new Float64Array(model.size);
  for (let k = model.size - 1, direction = 0; k >= 0 && values[k]! < -cut && direction < directions; k--, direction++) {
    for (const sign of [1, -1] as const) {
      const start = point.data.map((value, i) => value + sign * offset * size * vectors.data[i * model.size + k]!);
      model.gradient(start, slope);
      // Not so near the end that little is left of the way: Newton-like steps find the orbit.
      const way = descend(model, start, { goal: Math.min(1e4 * goal, norm(slope) / 10), accuracy: accuracy * size, far: 1e4 * size, maxSteps: steps });
      const end = way.arrived ? toStationary(model, way.x, { goal, far: 1e4 * size, maxIterations: 100 }) : undefined;
      const reached = end?.end === 'stationary' && norm(end.x.map((value, i) => value - way.x[i]!)) <= 0.05 * size ? taken.orbitOf(end.x) : undefined;
      const to = reached === from ? undefined : reached;
      const component = to === undefined ? 0 : action.align(end!.x, census.orbits[to]!.point.data).component;
      falls.push({ from, to: to ?? null, curvature: values[k]!, direction, sign, component, length: way.length });
    }
  }
  return falls;
}

/**
 * The tree over the minima. Where a way ends in the other component of an orbit, all that goes on from there is reflected; a saddle whose orbit
 * is connected joins both images of all it leads to.
 */
function joined(orbits: readonly StationaryOrbit[], falls: readonly Fall[]): { readonly leaves: readonly Leaf[]; readonly tree: MergeTree } {
  const isMinimum = ({ index, kind }: StationaryOrbit): boolean => index === 0 || kind === 'least';
  const apart = ({ orbit }: StationaryOrbit): boolean => orbit.twofold;
  const leaves = orbits.flatMap((orbit, k): Leaf[] => (isMinimum(orbit) ? ([0, 1] as const).slice(0, apart(orbit) ? 2 : 1).map((component) => ({ orbit: k, component })) : []));
  const number = new Map(leaves.map(({ orbit, component }, k) => [`${orbit} ${component}`, k]));
  const memory = new Map<string, readonly number[]>();
  /** Leaves below a component of an orbit. Values fall along every way, so this ends. */
  const below = (k: number, component: 0 | 1): readonly number[] => {
    const orbit = orbits[k]!;
    const key = `${k} ${component}`;
    const known = memory.get(key);
    if (known !== undefined) return known;
    memory.set(key, []);
    const own = number.get(`${k} ${apart(orbit) ? component : 0}`);
    const images: readonly (0 | 1)[] = apart(orbit) ? [component] : [0, 1];
    const found = new Set(own === undefined ? [] : [own]);
    for (const { from, to, component: end } of falls) {
      if (from !== k || to === null) continue;
      for (const image of images) for (const leaf of below(to, image === end ? 0 : 1)) found.add(leaf);
    }
    const all = [...found];
    memory.set(key, all);
    return all;
  };
  const links = orbits.flatMap((orbit, through): Link[] =>
    isMinimum(orbit) ? [] : ([0, 1] as const).slice(0, apart(orbit) ? 2 : 1).map((component) => ({ height: orbit.value, through, leaves: below(through, component) })),
  );
  return { leaves, tree: mergeTree(leaves.map(({ orbit }) => orbits[orbit]!.value), links) };
}

