/**
 * How two points are joined: straight, along the orbit, and by an elastic band.
 */
import { type Analysis, LowlandError, type Point } from '@lowland/core';
import { multiply } from '@lowland/linalg';

import { requireFlat } from '../classify/walk.ts';
import { type HostModel, hostModel } from '../census/host-model.ts';
import type { SecondOrder } from '../classify/hessian.ts';
import { actionOf } from '../groups/action.ts';
import { procrustes, stacked, unstacked } from '../groups/columns.ts';
import { turnedBy, turnsOf } from '../groups/rotation.ts';
import { polynomialOn } from '../slice/slice.ts';
import { type Band, elasticBand } from './elastic-band.ts';

export interface BetweenOptions {
  /** The other end, which there must be. */
  readonly to?: Point | undefined;
  /** Points of a path at which f is looked at; default 201. */
  readonly samples?: number;
  /** Images of the elastic band, ends included; default 15. 0: no band. */
  readonly images?: number;
  /** Steps of the band at most; default 2,000. */
  readonly steps?: number;
}

/** A path and how high it goes. */
export interface Path {
  /** From 0 to 1. */
  readonly at: Float64Array;
  readonly values: Float64Array;
  /** The largest value on the path, and where. */
  readonly highest: { readonly value: number; readonly at: number };
  /** That above the higher end: 0 where the path never rises above both. */
  readonly barrier: number;
}

export interface Between {
  /** As they are. */
  readonly straight: Path;
  /** To the point of the orbit of `to` that is nearest to the start. */
  readonly aligned: Path;
  /** Between `to` and that nearest point: 1 where these are in components of the orbit that no path in it joins. */
  readonly component: 0 | 1;
  /** By rotations, along which f does not change, from the start as near as they get to `to`, then straight; null where the group is none on columns or the nearest point is a reflection. */
  readonly rotated: Path | null;
  readonly band: Band | null;
}

/**
 * The analysis `between`, of a point and another: mode connectivity (catalogue A5). Straight ways between copies of a minimum lead over hills that
 * symmetry alone has made: between X and -X over f(0); aligned first (Procrustes), there are none.
 *
 * @throws LOWLAND_E_OPTIONS where there is no other end; LOWLAND_E_SHAPE for one of another layout
 * @throws LOWLAND_E_CAPABILITY where orbits of the symmetry group cannot be told apart
 */
export function between({ to, samples = 201, images = 15, steps = 2000 }: BetweenOptions = {}): Analysis<SecondOrder, Between, 'symmetry' | 'factors' | 'residual'> {
  return {
    id: 'between',
    requires: ['value', 'gradient', 'hessianVectorProduct'],
    uses: ['symmetry', 'factors', 'residual'],
    dtype: 'f64',
    async run(context, _point, host): Promise<Between> {
      requireFlat(context, 'between');
      if (to === undefined) throw new LowlandError('LOWLAND_E_OPTIONS', 'There is no other end: give the point to reach as `to`.');
      if (to.data.length !== host.data.length) throw new LowlandError('LOWLAND_E_SHAPE', `The other end has ${to.data.length} numbers, the point ${host.data.length}.`, { details: { expected: host.data.length, given: to.data.length } });
      const { layout, data: from } = host;
      const { symmetry, factors } = context.problem;
      const model = hostModel(context, from.length);
      const action = actionOf(layout, symmetry, factors);
      const nearest = action.align(to.data, from);
      const line = (end: Float64Array): Promise<Path> => straightPath(context, model, from, end, samples);
      return {
        straight: await line(to.data),
        aligned: await line(nearest.point),
        component: nearest.component,
        rotated: factors !== undefined && /^O\(\d+\)$/.test(action.group) ? rotatedPath(model, host, to, factors, samples) : null,
        band: images === 0 ? null : elasticBand(model, from, to.data, { images, steps }),
      };
    },
  };
}

const onLine = (a: Float64Array, b: Float64Array, t: number): Float64Array => a.map((value, i) => (1 - t) * value + t * b[i]!);

/** Exact where f is a polynomial on lines: then its values are those of one small factor. */
async function straightPath(context: Parameters<typeof polynomialOn>[0], model: HostModel, a: Float64Array, b: Float64Array, samples: number): Promise<Path> {
  const { device } = context;
  const polynomial = await polynomialOn(context, (s, _t, out) => { device.write(out, onLine(a, b, (1 + s) / 2)); });
  return pathOf(samples, (t) => polynomial?.at(2 * t - 1, 0) ?? model.value(onLine(a, b, t)));
}

/** First turn by turn (W Psi, Psi the best rotation), then straight for what is left. */
function rotatedPath(model: HostModel, from: Point, to: Point, factors: Parameters<typeof stacked>[1], samples: number): Path | null {
  const w = stacked(from.layout, factors, from.data);
  const { rotation } = procrustes(w, stacked(from.layout, factors, to.data));
  const turns = turnsOf(rotation);
  if (turns === undefined) return null;
  const end = unstacked(from.layout, factors, multiply(w, rotation));
  return pathOf(samples, (t) => model.value(t <= 0.5 ? unstacked(from.layout, factors, turnedBy(w, turns, 2 * t)) : onLine(end, to.data, 2 * t - 1)));
}

function pathOf(samples: number, value: (t: number) => number): Path {
  const at = Float64Array.from({ length: samples }, (_, k) => k / (samples - 1));
  const values = at.map(value);
  const best = values.reduce((most, entry, k) => (entry > values[most]! ? k : most), 0);
  const top = best > 0 && best < samples - 1 ? peak(value, at[best - 1]!, at[best]!, at[best + 1]!) : { value: values[best]!, at: at[best]! };
  return { at, values, highest: top, barrier: Math.max(0, top.value - Math.max(values[0]!, values[samples - 1]!)) };
}

/** Golden section between the neighbours of the highest sample. */
function peak(value: (t: number) => number, left: number, middle: number, right: number): { readonly value: number; readonly at: number } {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [left, right];
  let best = { value: value(middle), at: middle };
  for (let round = 0; round < 40; round++) {
    const [c, d] = [b - golden * (b - a), a + golden * (b - a)];
    const [atC, atD] = [value(c), value(d)];
    if (atC > best.value) best = { value: atC, at: c };
    if (atD > best.value) best = { value: atD, at: d };
    if (atC > atD) b = d;
    else a = c;
  }
  return best;
}
