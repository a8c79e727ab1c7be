import { normals, type StreamKey } from '@lowland/core';
import { columns, matrix, type Matrix, multiply, scaleColumns, symmetricEigen, thinSvd } from '@lowland/linalg';

import { type Components, coordinates, matrixAt, type MeasuredForm } from './measured-form.ts';

/** A value of the form at a matrix of length 1 and of the rank asked for, which proves that the extreme is no less extreme. */
export interface Attained {
  readonly value: number;
  readonly at: Components;
}

export interface AlternatingOptions {
  readonly rank: number;
  readonly starts: number;
  readonly key: StreamKey;
  /** The form as a matrix, where it was made. */
  readonly gram: Matrix | undefined;
  /** An upper bound of the form. */
  readonly most: number;
}

const steps = 500;
const stall = 1e-12;

/**
 * The largest and the least value of <X, H X> over X of length 1 and rank k found from random starts, H = c a* a, by
 *
 *     X+ = P_k(H X) / |.|_F,     for the least   X+ = P_k((s I - H) X) / |.|_F,  s >= |H|,
 *
 * P_k the nearest matrix of rank k. Both forms are convex, so each step maximises a linear function below them over the same set: values only rise, whatever
 * else is a local matter (Journée, Nesterov, Richtárik, Sepulchre 2010, arXiv:0811.4724).
 */
export function alternate(form: MeasuredForm, { rank, starts, key, gram, most }: AlternatingOptions): { readonly largest: Attained; readonly least: Attained } {
  const { rows, cols, symmetric } = form;
  const image = (x: Components): Matrix => (gram === undefined ? form.image(x) : matrixAt(form, multiply(gram, matrix(form.dimension, 1, coordinates(form, denseOf(x)))).data));
  let [largest, least]: [Attained | undefined, Attained | undefined] = [undefined, undefined];
  for (let start = 0; start < starts; start++) {
    const drawn = matrix(rows, cols);
    normals({ ...key, index: key.index + start }, drawn.data);
    const from = nearest(symmetric ? symmetricPart(drawn) : drawn, rank, symmetric);
    const high = climb(from, image);
    const low = climb(from, (x) => minus(denseOf(x), most, image(x)));
    // its own value, taken once more
    const lowest = inner(denseOf(low.at), image(low.at));
    if (largest === undefined || high.value > largest.value) largest = high;
    if (least === undefined || lowest < least.value) least = { value: lowest, at: low.at };
  }
  return { largest: largest!, least: least! };

  function climb(from: Components, next: (x: Components) => Matrix): Attained {
    let at = from;
    let to = next(at);
    let value = inner(denseOf(at), to);
    for (let k = 0; k < steps; k++) {
      const moved = nearest(to, rank, symmetric);
      const after = next(moved);
      const risen = inner(denseOf(moved), after);
      if (!(risen > value * (1 + stall))) break;
      [at, to, value] = [moved, after, risen];
    }
    return { value, at };
  }
}

/** The nearest matrix of rank k, of length 1. */
function nearest(x: Matrix, rank: number, symmetric: boolean): Components {
  if (symmetric) {
    const { values, vectors } = symmetricEigen(x);
    const order = Array.from(values.keys()).sort((i, j) => Math.abs(values[j]!) - Math.abs(values[i]!)).slice(0, rank);
    const kept = Float64Array.from(order, (i) => values[i]!);
    const picked = matrix(x.rows, order.length, Float64Array.from({ length: x.rows * order.length }, (_, k) => vectors.data[Math.floor(k / order.length) * x.rows + order[k % order.length]!]!));
    return { values: normalised(kept), left: picked, right: picked };
  }
  const { u, s, v } = thinSvd(x);
  const count = Math.min(rank, s.length);
  return { values: normalised(s.slice(0, count)), left: columns(u, 0, count), right: columns(v, 0, count) };
}

function normalised(values: Float64Array): Float64Array {
  const length = Math.hypot(...values);
  return length === 0 ? values.map((_, k) => (k === 0 ? 1 : 0)) : values.map((value) => value / length);
}

const denseOf = ({ values, left, right }: Components): Matrix => multiply(scaleColumns(left, values), right, { transposeB: true });

function symmetricPart(x: Matrix): Matrix {
  return matrix(x.rows, x.rows, x.data.map((value, k) => (value + x.data[(k % x.rows) * x.rows + Math.floor(k / x.rows)]!) / 2));
}

const inner = (a: Matrix, b: Matrix): number => a.data.reduce((sum, value, k) => sum + value * b.data[k]!, 0);
const minus = (x: Matrix, factor: number, y: Matrix): Matrix => matrix(x.rows, x.cols, x.data.map((value, k) => factor * value - y.data[k]!));
