/**
 * A point of a lifted problem by its singular triples: X = U diag(s) Vᵀ, balanced factors, G = ∇φ(X).
 */
import { createPoint, type Factors, type Layout, type Lift, type Lifted } from '@lowland/core';
import { applyToColumns, dot, type LinearOperator, type Matrix } from '@lowland/linalg';

import { balancedFactors, pointOf, type ThinProduct } from './factored.ts';

/** A bound lift, with what is needed to make its points. */
export interface LiftedProblem {
  readonly layout: Layout;
  readonly factors: Factors;
  readonly lift: Lift;
  /** Columns of its factors: every point of this problem has so many. */
  readonly rank: number;
}

/** The lift at X, its factors balanced and filled up with zero columns. */
export function liftAt(problem: LiftedProblem, product: ThinProduct): Lifted {
  return problem.lift.at(pointOf(problem.layout, problem.factors, balancedFactors(product, problem.rank)));
}

/** a(X) for the linear map a of φ(X) = ½|a(X) − b|² (+ ⟨C, X⟩): the residual and the data added up. */
export function imageOf(problem: LiftedProblem, product: ThinProduct): Float64Array {
  const { residual, data } = liftAt(problem, product);
  return residual.map((value, i) => value + data[i]!);
}

/** φ(0): ½|b|² for least squares, whatever the point; else what the loss is there. */
export function zeroValueOf({ layout, lift }: Pick<LiftedProblem, 'layout' | 'lift'>, { data }: Lifted): number {
  return lift.leastSquares ? dot(data, data) / 2 : lift.at(createPoint(layout)).value;
}

/** G = ∇φ(X) as an operator. */
export function gradientOperator(lift: Lift, lifted: Lifted): LinearOperator {
  return {
    rows: lift.rows,
    cols: lift.cols,
    apply: (x, out) => {
      lifted.apply(x, out, false);
    },
    applyTransposed: (x, out) => {
      lifted.apply(x, out, true);
    },
  };
}

/** G V and Gᵀ U, one column for each singular triple. */
export interface GradientImages {
  readonly gv: Matrix;
  readonly gtu: Matrix;
}

export function gradientImages(lift: Lift, lifted: Lifted, { symmetric, u, v }: ThinProduct): GradientImages {
  const operator = gradientOperator(lift, lifted);
  const gv = applyToColumns(operator, v);
  return { gv, gtu: symmetric ? gv : applyToColumns(operator, u, true) };
}

/**
 * |∇f| of the factored objective at balanced factors: f = φ(UVᵀ) + penalty (|U|² + |V|²)/2 has the gradient
 * (G V + penalty U, GᵀU + penalty V); f = φ(XXᵀ) + penalty |X|² has 2(G + penalty I) X.
 */
export function factoredGradientNorm(penalty: number, product: ThinProduct, { gv, gtu }: GradientImages): number {
  const squares = (images: Matrix, vectors: Matrix): number => {
    let sum = 0;
    for (let i = 0; i < images.data.length; i++) {
      const root = Math.sqrt(product.s[i % images.cols]!);
      sum += ((images.data[i]! + penalty * vectors.data[i]!) * root) ** 2;
    }
    return sum;
  };
  if (product.symmetric) return 2 * Math.sqrt(squares(gv, product.u));
  return Math.sqrt(squares(gv, product.u) + squares(gtu, product.v));
}
