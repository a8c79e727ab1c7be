/**
 * The problem of a certificate as sums of losses of measurements, from the data and from nothing else:
 *
 *     phi(X) = sum over parts of sum over k of w_k psi(<A_k, X>) + <C, X>,   f = phi + (penalty/2)(|U|^2 + |V|^2) + balance |U^T U - V^T V|^2
 */
import { type DataMap, type Measurements } from '@lowland/core';
import { matrix, type Matrix } from '@lowland/linalg';

import { blocksOf, isEntries, isMatrix, isMeasurements, numbersOf, type CertifiedData } from './data.ts';
import type { CertificateDocument } from './document.ts';
import { measuredMap, requireNumbers } from './ensembles.ts';
import { hinge } from './hinge.ts';
import { lossOf, quadratic, type Loss } from './losses.ts';
import { cellsMap, rankOneMap, sparseMap, type MeasuredMap, type Pair } from './maps.ts';
import type { Means } from './means.ts';
import type { CompletionProblem, ConstrainedProblem, FactorizationProblem, PhaseProblem, SensingProblem } from './problem.ts';
import { wrong } from './wrong.ts';

export interface Part {
  readonly map: MeasuredMap;
  readonly loss: Loss;
  /** w, at least 0. */
  readonly weight: Float64Array;
}

export interface Model {
  readonly symmetric: boolean;
  readonly rows: number;
  readonly cols: number;
  readonly pair: Pair;
  readonly parts: readonly Part[];
  /** C, row-major. */
  readonly linear: Float64Array | undefined;
  /** Weight of |X|_*, or of tr X over psd X. */
  readonly penalty: number;
  readonly balance: number;
  /** M where every entry is fitted by least squares without a penalty. */
  readonly target: Matrix | undefined;
}

/** All problems but phase retrieval, whose unknown is no product of factors. */
export type FactoredDocument = CertificateDocument & { readonly problem: Exclude<CertificateDocument['problem'], PhaseProblem> };

/** @throws LOWLAND_E_CERTIFICATE when the data are no data of this problem. */
export function modelOf(document: FactoredDocument, data: CertifiedData, offsets: Means | undefined): Model {
  const { problem, evidence } = document;
  if (evidence.multipliers !== null && !('merit' in problem && problem.merit === 'augmented')) throw wrong('only augmented Lagrangians have multipliers');
  switch (problem.objective) {
    case 'matrix-factorization':
      return factorization(document, problem, data);
    case 'matrix-completion':
      return completion(document, problem, data, offsets);
    case 'matrix-sensing':
      return sensing(document, problem, data);
    case 'quadratic-network': {
      const { rows, lambda } = problem;
      if (!isMatrix(data) || data.cols !== rows + 1) throw wrong(`a network of ${rows} inputs has samples of ${rows + 1} numbers`);
      requireNumbers(data.values, data.rows * data.cols);
      const x = matrix(data.rows, rows);
      const y = new Float64Array(data.rows);
      for (let i = 0; i < data.rows; i++) {
        x.data.set(data.values.subarray(i * data.cols, i * data.cols + rows), i * rows);
        y[i] = data.values[i * data.cols + rows]!;
      }
      return psd(document, 'X', rows, { parts: [part(rankOneMap(x, x), quadratic(y, undefined, 1), 1 / (2 * data.rows))], penalty: lambda / 2 });
    }
    case 'constrained-factorization':
    case 'max-cut':
    case 'orthogonal-cut':
      return constrained(document, problem, data);
    case 'beta-family': {
      requireNone(data);
      const [root, off] = [Math.SQRT2, Math.SQRT2 * (Math.sqrt(3) / 2) * problem.parameter];
      const matrices = Float64Array.of(root, 0, 0, root / 2, 0, off, off, 0, 0, 0, 0, Math.SQRT2 * (Math.sqrt(3) / 2));
      const map = measuredMap({ rows: 2, cols: 2, values: new Float64Array(3), ensemble: { kind: 'dense', matrices } });
      return psd(document, 'X', 2, { parts: [part(map, quadratic(Float64Array.of(root, 0, 0), undefined, 1), 1)] });
    }
    case 'ring': {
      requireNone(data);
      const { rows: n, parameter } = problem;
      const linear = new Float64Array(n * n);
      for (let i = 0; i < n; i++) for (const j of [(i + 1) % n, (i + n - 1) % n]) linear[i * n + j] = -1;
      return psd(document, 'X', n, { parts: [part(diagonalMap(n), quadratic(new Float64Array(n).fill(1), undefined, parameter), 1)], linear });
    }
    case 'weighted-two-by-two': {
      requireNone(data);
      const map = cellsMap(Int32Array.of(0, 0, 1, 1), Int32Array.of(0, 1, 0, 1));
      const weight = Float64Array.of(1, problem.parameter, problem.parameter, 1);
      return psd(document, 'X', 2, { parts: [{ map, loss: quadratic(new Float64Array(4).fill(1), undefined, 1), weight }] });
    }
  }
}

const part = (map: MeasuredMap, loss: Loss, weight: number): Part => ({ map, loss, weight: new Float64Array(map.length).fill(weight) });

/** z_i = X_ii */
function diagonalMap(n: number): MeasuredMap {
  const index = Int32Array.from({ length: n }, (_, i) => i);
  return cellsMap(index, index);
}

type Terms = Pick<Model, 'parts'> & Partial<Pick<Model, 'linear' | 'penalty' | 'balance' | 'target'>>;

const none = { linear: undefined, penalty: 0, balance: 0, target: undefined };

function psd(document: FactoredDocument, name: string, rows: number, terms: Terms): Model {
  const [left] = blocksOf(document, [[name, rows]]);
  return finished({ ...none, symmetric: true, rows, cols: rows, pair: { left: left!, right: left! }, ...terms });
}

function product(document: FactoredDocument, { symmetric, rows, cols }: { readonly symmetric: boolean; readonly rows: number; readonly cols: number }, terms: Terms): Model {
  if (symmetric) {
    if (rows !== cols) throw wrong(`X X^T is square, but the certificate is about ${rows} x ${cols}`);
    return psd(document, 'X', rows, terms);
  }
  const [left, right] = blocksOf(document, [['U', rows], ['V', cols]]);
  return finished({ ...none, symmetric, rows, cols, pair: { left: left!, right: right! }, ...terms });
}

function finished(model: Model): Model {
  for (const { loss, weight } of model.parts) {
    const at = weight.findIndex((w, k) => !(w >= 0 && w < Infinity) || !loss.takes(k));
    if (at !== -1) throw wrong(`number ${at} of the data, or its weight, is none of this problem`);
  }
  return model;
}

/** All cells of M: of X X^T the symmetric part of M counts, and half of the sum. */
function factorization(document: FactoredDocument, problem: FactorizationProblem, data: CertifiedData): Model {
  const { symmetric, rows, cols, lambda, balance, loss } = problem;
  if (!isMatrix(data)) throw wrong('factorisation is about a full matrix');
  requireShape(data, rows, cols);
  if (symmetric && balance > 0) throw wrong('only U V^T is balanced');
  const { values } = data;
  const cells = Int32Array.from(values.keys());
  const map = cellsMap(cells.map((k) => Math.floor(k / cols)), cells.map((k) => k % cols));
  const b = symmetric ? values.map((value, k) => (value + values[(k % cols) * cols + Math.floor(k / cols)]!) / 2) : values;
  const parts = [part(map, lossOf(problem, b), symmetric ? 1 / 2 : 1)];
  return product(document, problem, { parts, penalty: symmetric ? lambda / 2 : lambda, balance, target: loss === 'least-squares' && lambda === 0 ? matrix(rows, cols, b) : undefined });
}

function completion(document: FactoredDocument, problem: CompletionProblem, data: CertifiedData, offsets: Means | undefined): Model {
  const { symmetric, rows, cols, lambda, incoherence, alpha } = problem;
  if (!isEntries(data)) throw wrong('completion is about entries');
  requireShape(data, rows, cols);
  if (incoherence > 0 && !symmetric) throw wrong('a penalty on rows is no function of U V^T');
  if (incoherence === 0 && alpha !== 0) throw wrong('alpha belongs to a penalty on rows, and there is none');
  const { row, col, values, weights } = data;
  requireCells(data, true);
  const kept = Int32Array.from(values.keys()).filter((k) => weights?.[k] !== 0);
  const left = (k: number): number => values[k]! - (offsets === undefined ? 0 : offsets.global + offsets.rows[row[k]!]! + offsets.cols[col[k]!]!);
  const fit = {
    map: cellsMap(kept.map((k) => row[k]!), kept.map((k) => col[k]!)),
    loss: lossOf(problem, Float64Array.from(kept, left)),
    weight: Float64Array.from(kept, (k) => weights?.[k] ?? 1),
  };
  return product(document, problem, { parts: incoherence > 0 ? [fit, part(diagonalMap(rows), hinge(alpha), incoherence)] : [fit], penalty: lambda });
}

function sensing(document: FactoredDocument, problem: SensingProblem, data: CertifiedData): Model {
  const { rows, cols, lambda, normalisation } = problem;
  const { values, weights, linear } = requireMeasurements(data, rows, cols);
  const c = normalisation === 'sum' ? 1 : 1 / values.length;
  const weight = weights?.map((w) => c * w) ?? new Float64Array(values.length).fill(c);
  return product(document, problem, { parts: [{ map: measuredMap(data as Measurements), loss: lossOf(problem, values), weight }], penalty: lambda, linear });
}

/** c = 0 stands for the constraints; C = s I, s > 0, is a penalty on the trace (rigour.md A10). */
function constrained(document: FactoredDocument, problem: ConstrainedProblem, data: CertifiedData): Model {
  const { objective, rows, merit, weight, size } = problem;
  const { map, bounds, cost } = objective === 'constrained-factorization' ? general(data, rows) : objective === 'max-cut' ? cut(data, rows) : blocks(data, rows, size);
  if (objective !== 'orthogonal-cut' && size !== 1) throw wrong('only an orthogonal-cut has blocks');
  const encoded = document.evidence.multipliers;
  if ((encoded === null) === (merit === 'augmented')) throw wrong('an augmented Lagrangian has multipliers');
  const l = encoded === null ? undefined : numbersOf(encoded, map.length, 'evidence.multipliers');
  const scalar = cost?.every((value, k) => value === (k % (rows + 1) === 0 ? cost[0]! : 0)) === true && cost[0]! > 0;
  const parts = [part(map, quadratic(bounds, l, weight), 1)];
  return psd(document, 'U', rows, scalar ? { parts, penalty: cost[0]! } : { parts, linear: cost });
}

interface Constraints {
  readonly map: MeasuredMap;
  readonly bounds: Float64Array;
  readonly cost: Float64Array | undefined;
}

function general(data: CertifiedData, n: number): Constraints {
  const { values, linear, weights } = requireMeasurements(data, n, n);
  if (weights !== undefined) throw wrong('constraints have no weights');
  return { map: measuredMap(data as Measurements), bounds: values, cost: linear === undefined ? undefined : symmetrised(linear, n) };
}

/** C_ij: half of what is listed between i and j. */
function cut(data: CertifiedData, n: number): Constraints {
  if (!isEntries(data)) throw wrong('a cut is one of a graph');
  requireShape(data, n, n);
  requireCells(data, false);
  const cost = new Float64Array(n * n);
  data.values.forEach((value, k) => {
    cost[data.row[k]! * n + data.col[k]!]! += value / 2;
    cost[data.col[k]! * n + data.row[k]!]! += value / 2;
  });
  return { map: diagonalMap(n), bounds: new Float64Array(n).fill(1), cost };
}

/** X_aa = 1 and sqrt 2 X_ab = 0, a < b, within each block. */
function blocks(data: CertifiedData, n: number, d: number): Constraints {
  if (!isMatrix(data)) throw wrong('an orthogonal-cut is one of a matrix');
  requireShape(data, n, n);
  if (n % d !== 0) throw wrong(`blocks of ${d} rows do not make up ${n}`);
  const places: (readonly [row: number, col: number])[] = [];
  for (let from = 0; from < n; from += d) for (let a = from; a < from + d; a++) for (let b = a; b < from + d; b++) places.push([a, b]);
  const map = sparseMap(places.length, {
    measurement: Int32Array.from(places.keys()),
    row: Int32Array.from(places, ([a]) => a),
    col: Int32Array.from(places, ([, b]) => b),
    value: Float64Array.from(places, ([a, b]) => (a === b ? 1 : Math.SQRT2)),
  });
  return { map, bounds: Float64Array.from(places, ([a, b]) => (a === b ? 1 : 0)), cost: symmetrised(data.values, n) };
}

const symmetrised = (c: Float64Array, n: number): Float64Array => c.map((value, k) => (value + c[(k % n) * n + Math.floor(k / n)]!) / 2);

function requireNone(data: CertifiedData): void {
  if (data !== undefined) throw wrong('this instance takes no data');
}

function requireShape(data: NonNullable<CertifiedData>, rows: number, cols: number): void {
  if (data.rows !== rows || data.cols !== cols) throw wrong(`the data are ${data.rows} x ${data.cols}, the certificate is about ${rows} x ${cols}`);
  const { values } = data;
  requireNumbers(values, isMatrix(data) ? rows * cols : values.length);
}

function requireMeasurements(data: CertifiedData, rows: number, cols: number): Measurements {
  if (!isMeasurements(data)) throw wrong('the certificate is about measurements');
  requireShape(data, rows, cols);
  const { values, weights, linear } = data;
  if (weights !== undefined) requireNumbers(weights, values.length);
  if (linear !== undefined) requireNumbers(linear, rows * cols);
  return data;
}

function requireCells({ rows, cols, row, col, values, weights }: DataMap['entries'], once: boolean): void {
  if (row.length !== values.length || col.length !== values.length || (weights !== undefined && weights.length !== values.length)) throw wrong('its lists differ in length');
  const seen = new Set<number>();
  for (let k = 0; k < values.length; k++) {
    const [i, j] = [row[k]!, col[k]!];
    if (!(i >= 0 && i < rows && j >= 0 && j < cols)) throw wrong(`entry ${k} lies outside the matrix`);
    if (once && seen.has(i * cols + j)) throw wrong(`cell (${i}, ${j}) is given twice`);
    seen.add(i * cols + j);
  }
}
