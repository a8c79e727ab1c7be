/**
 * What is known of a linear network in closed form: its least value, and the stationary points that keep singular directions.
 *
 * With X = P S Q^T (thin) and Z = Y Q the fit is 1/2 |W P S - Z|^2 + 1/2 |Y (I - Q Q^T)|^2 + constant: the best map of rank r is a
 * truncated SVD of Z (reduced-rank regression), r the least width. Keeping a set of at most r singular triples of Z instead gives a
 * stationary map W_kept; its balanced factors (A G^(1/N), G^(1/N), …, G^(1/N) B^T), padded with zeros, are a stationary point of the
 * network. For two layers these are all balanced ones; for more there are others beside them (rigour.md C4).
 */
import { createPoint, type Point } from '@lowland/core';
import { frobeniusNorm, matrix, multiply, scaleColumns, subtract, thinSvd, type Matrix } from '@lowland/linalg';

import { keptSets } from '../matrix-factorization/stationary.ts';
import { depthOf, type Network } from './network.ts';
import { root } from './root.ts';

/** Singular values below this part of the largest are taken for zero. */
const cut = 1e-12;

export interface Levels {
  /** Singular values of Z, those taken for zero exactly 0. */
  readonly values: Float64Array;
  /** What no map can fit. */
  readonly rest: number;
  /** The map that keeps these. */
  map(kept: readonly number[]): Matrix;
}

export function levelsOf({ inputs, outputs, constant }: Network): Levels {
  const x = inputs && thinSvd(inputs);
  const known = x === undefined ? 0 : x.s.filter((value) => value > cut * x.s[0]!).length;
  const q = x && leading(x.v, known);
  const z = q === undefined ? outputs : multiply(outputs, q);
  const { u, s, v } = thinSvd(z);
  const outside = q === undefined ? 0 : frobeniusNorm(subtract(outputs, multiply(z, q, { transposeB: true }))) ** 2 / 2;
  const values = s.map((value) => (value > cut * s[0]! ? value : 0));
  /** Right singular vectors as maps from inputs: P S^-1 v. */
  const right = x === undefined ? v : multiply(scaleColumns(leading(x.u, known), x.s.subarray(0, known).map((value) => 1 / value)), v);
  return {
    values,
    rest: outside + constant,
    map: (kept) => multiply(scaleColumns(pick(u, kept), kept.map((k) => values[k]!)), pick(right, kept), { transposeB: true }),
  };
}

/** 1/2 the squares of all but the r largest, and what no map can fit. */
export function leastValue({ values, rest }: Levels, rank: number): number {
  return values.subarray(rank).reduce((sum, value) => sum + value * value, 0) / 2 + rest;
}

export function* stationaryPoints(network: Network, levels: Levels): Generator<Point> {
  const rank = Math.min(...network.sizes);
  for (const kept of keptSets(levels.values, rank)) yield balancedPoint(network, levels.map(kept), kept.length);
}

/** The balanced factors of a map of given rank, in the first coordinates of every hidden layer. */
function balancedPoint({ sizes, layout }: Network, map: Matrix, rank: number): Point {
  const depth = depthOf({ sizes });
  const point = createPoint(layout);
  if (rank === 0) return point;
  const { u, s, v } = thinSvd(map);
  let offset = 0;
  for (let i = 1; i <= depth; i++) {
    const [rows, cols] = [sizes[i]!, sizes[i - 1]!];
    for (let k = 0; k < rank; k++) {
      const size = root(s[k]!, depth);
      if (i === 1) for (let j = 0; j < cols; j++) point.data[offset + k * cols + j] = size * v.data[j * v.cols + k]!;
      else if (i === depth) for (let j = 0; j < rows; j++) point.data[offset + j * cols + k] = size * u.data[j * u.cols + k]!;
      else point.data[offset + k * cols + k] = size;
    }
    offset += rows * cols;
  }
  return point;
}

function pick(a: Matrix, columns: readonly number[]): Matrix {
  const out = matrix(a.rows, columns.length);
  for (let i = 0; i < a.rows; i++) columns.forEach((from, to) => (out.data[i * columns.length + to] = a.data[i * a.cols + from]!));
  return out;
}

const leading = (a: Matrix, count: number): Matrix => pick(a, Array.from({ length: count }, (_, k) => k));
