/**
 * An objective 1/2 |r|^2 with polynomial residuals, restricted to a plane: exact at any point of it from one small triangular factor.
 */
import type { Context, Problem, Vec } from '@lowland/core';
import { matrix, type Matrix, thinQr } from '@lowland/linalg';

import { lagrangeBasis, type LagrangeBasis } from './lagrange.ts';

export interface PlanePolynomial {
  readonly degree: number;
  readonly basis: LagrangeBasis;
  /** T: f(x + s u + t v) = 1/2 |T l(s, t)|^2, l the Lagrange basis of the residual's degree. */
  readonly factor: Matrix;
  /** f there. */
  at(s: number, t: number): number;
  /** T l(s, t), which is written over by what is asked next. */
  residual(s: number, t: number): Float64Array;
  /** Bound of the rounding of the residual at a node. */
  readonly residualError: number;
  /**
   * A bound of what rounding did to the last value that `at` gave: a sqrt(2 f) + a^2, a = 10 eps |T|_F |m| + residualError |l|_1 with m the
   * absolute values that are added up in l (rigour.md F1, where m = l and no rounding of the residual is seen: in a small window about an exact
   * fit that is all there is).
   */
  error(): number;
  /** The a of it: a bound of what rounding did to T l(s, t), in the norm. */
  rounding(): number;
  /** (df/ds, df/dt) */
  gradient(s: number, t: number): readonly [number, number];
}

type Residual = Problem<'residual'>['residual'];

/** Rows that are factorised at once: in the second-level cache for quartics. */
const blockRows = 4096;

/**
 * The residual at the nodes of the plane makes the columns of a tall matrix; T is the triangular factor of its QR, taken some rows at a time
 * below the triangle of those before. Never expanded in powers: a quartic's
 * coefficients lose everything near a minimum off the centre.
 *
 * @param place writes x + s u + t v
 * @param residualError bound of the rounding of the residual at a node
 */
export function planePolynomial(
  { device, scratch }: Pick<Context<never>, 'device' | 'scratch'>,
  residual: Residual,
  degree: number,
  place: (s: number, t: number, out: Vec) => void,
  residualError: number,
): PlanePolynomial {
  const basis = lagrangeBasis(degree);
  const count = basis.nodes.length;
  const rows = residual.length;
  const x = scratch();
  const residuals = basis.nodes.map(([s, t]) => {
    place(s, t, x);
    const values = scratch(rows);
    residual.evaluate(x, values);
    return values;
  });
  let factor = matrix(count, count);
  for (let from = 0; from < rows; from += blockRows) {
    const length = Math.min(blockRows, rows - from);
    const block = matrix(count + length, count);
    block.data.set(factor.data);
    residuals.forEach((values, k) => {
      // Anew for each block: memory may have grown.
      const host = device.host!(values);
      for (let i = 0; i < length; i++) block.data[(count + i) * count + k] = host[from + i]!;
    });
    factor = thinQr(block).r;
  }
  return fromFactor(factor, basis, residualError);
}

/** The polynomial of a factor, as a file may hold it. */
export function fromFactor(factor: Matrix, basis: LagrangeBasis, residualError = 0): PlanePolynomial {
  const count = basis.nodes.length;
  const size = Math.sqrt(factor.data.reduce((sum, entry) => sum + entry * entry, 0));
  const l = new Float64Array(count);
  const image = new Float64Array(count);
  const apply = (vector: Float64Array, out: Float64Array) => {
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let j = i; j < count; j++) sum += factor.data[i * count + j]! * vector[j]!;
      out[i] = sum;
    }
  };
  const square = (of: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += of[i]! * of[i]!;
    return sum;
  };
  const magnitudes = new Float64Array(count);
  let last = { s: 0, t: 0, value: 0 };
  const at = (s: number, t: number): number => {
    basis.at(s, t, l);
    apply(l, image);
    last = { s, t, value: square(image) / 2 };
    return last.value;
  };
  const rounding = (): number => {
    basis.magnitudes(last.s, last.t, magnitudes);
    return 10 * Number.EPSILON * size * Math.sqrt(square(magnitudes)) + residualError * l.reduce((sum, value) => sum + Math.abs(value), 0);
  };
  const [alongS, alongT, turned] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  return {
    degree: 2 * basis.degree,
    basis,
    factor,
    residualError,
    at,
    residual(s, t) {
      at(s, t);
      return image;
    },
    rounding,
    error() {
      const a = rounding();
      return a * Math.sqrt(2 * last.value) + a * a;
    },
    gradient(s, t) {
      at(s, t);
      basis.derivatives(s, t, alongS, alongT);
      const along = (direction: Float64Array) => {
        apply(direction, turned);
        return turned.reduce((sum, entry, i) => sum + entry * image[i]!, 0);
      };
      return [along(alongS), along(alongT)];
    },
  };
}
