import { type Context, type Mat, type Optimizer, options, type State, type Stepper, type Vec } from '@lowland/core';

import { blockGradientOf } from '../block-gradient.ts';
import type { OptimizerDefinition } from '../definition.ts';
import { partners } from '../scaled/gram.ts';
import { unlessTwoFactors } from '../two-factors.ts';

type Required = 'gradient' | 'factors' | 'lift' | 'smoothness';

interface Balanced extends State {
  /** Orthonormal columns: the factors are U diag(d) and V diag(d). */
  left: Vec;
  right: Vec;
  /** d */
  values: number[];
}

/**
 * softImpute-ALS (Hastie, Mazumder, Lee and Zadeh 2015, arXiv:1410.2596): Soft-Impute for large problems, by ridge regressions on the filled-in
 * matrix. With factors A = U D and B = V D of X = A B^T, balanced,
 *
 *     B+ = argmin_B 1/2 |Z - A B^T|^2 + lambda/2 |B|^2 = Z^T A (D^2 + lambda)^-1,   Z = P(M) + P^(A B^T) = X - grad phi(X),
 *
 * then A B+^T = U diag(d+^2) V^T balanced anew by the decomposition of B+ D, and the same for A. Z is never formed: Z^T A = B D^2 - G^T A, so that
 *
 *     B+ = B - grad_B f (L D^2 + lambda)^-1,
 *
 * where any loss with a Lipschitz constant L of grad phi (`smoothness`) stands for completion. The value never rises: each half minimises a bound of f,
 * balancing lowers the penalty. Where the rank suffices it tends to what Soft-Impute tends to, at O(nnz r + (m + n) r^2) a step; a fixed point is
 * certified as any other.
 *
 * Two reads of r numbers a step. The start is balanced first. A zero factor stays zero.
 *
 * @throws LOWLAND_E_FACTORS by the plan, unless the variables are the two factors of one product U V^T
 * @throws LOWLAND_E_PENALTY by the plan, without a penalty
 */
export function softImputeAls(): Optimizer<Required, 'blockGradient'> {
  return {
    id: 'soft-impute-als',
    requires: ['gradient', 'factors', 'lift', 'smoothness'],
    uses: ['blockGradient'],
    options: {},
    kernels: ['gesvd'],
    needs: ['penalty'],
    refuses: unlessTwoFactors('soft-impute-als'),
    claims: ['monotone', 'deterministic'],
    readsPerStep: 2,
    start,
  };
}

export const softImputeAlsDefinition: OptimizerDefinition<object, Required, 'blockGradient'> = {
  apiVersion: 1,
  id: 'soft-impute-als',
  summary: 'Soft-impute in factors, for large completion problems with a penalty: ridge regressions on the filled-in matrix.',
  whenToUse: 'Completion with a penalty, too large for the matrix itself: cheap steps, no step size, the value never rises. `lbfgs` takes fewer steps.',
  formula: 'B+ = Z^T A (D^2 + lambda)^-1, Z = P(M) + P^(A B^T), A = U D; A likewise',
  reference: 'Hastie, Mazumder, Lee and Zadeh 2015, arXiv:1410.2596',
  requires: ['gradient', 'factors', 'lift', 'smoothness'],
  options: options({}),
  create: softImputeAls,
};

function start(context: Context<Required, 'blockGradient'>): Stepper<Balanced> {
  const { device, problem } = context;
  const { factors, layout, smoothness } = problem;
  const { penalty } = problem.lift;
  const blockGradient = blockGradientOf(context);
  const { copy, gemm } = device.kernels;
  // The plan lets no device pass without it.
  const gesvd = device.kernels.gesvd!;
  const point = context.state();
  const gradient = context.scratch();
  const [at, slopes] = [device.blocks(point, layout), device.blocks(gradient, layout)];
  const sides = partners(factors.pairs).map(([name]) => {
    const { rows, cols } = at[name]!;
    const basis = context.state(rows * cols);
    return { name, block: at[name]!, slope: slopes[name]!, slot: basis, basis: device.matrix(basis, 0, rows, cols), scratch: device.matrix(context.scratch(rows * cols), 0, rows, cols) };
  });
  type Side = (typeof sides)[number];
  const [left, right] = sides as [Side, Side];
  const rank = left.block.cols;
  const state: Balanced = { point, left: left.slot, right: right.slot, values: new Array<number>(rank).fill(0) };
  const square = (): Mat => device.matrix(context.scratch(rank * rank), 0, rank, rank);
  const [rotation, diagonal] = [square(), square()];
  const singular = context.scratch(rank);
  const numbers = new Float64Array(rank * rank);

  /** diagonal = diag(of(d)) */
  const writeDiagonal = (of: (d: number) => number): Mat => {
    for (let k = 0; k < rank; k++) numbers[k * (rank + 1)] = of(state.values[k]!);
    device.write(diagonal, numbers);
    return diagonal;
  };
  /** From U and any B, X = U D B^T: the decomposition of B D gives V, d and the turn of U. */
  const balance = async (fixed: Side, moved: Side) => {
    gemm('N', 'N', 1, moved.block, writeDiagonal((d) => d), 0, moved.scratch);
    gesvd(moved.scratch, moved.basis, singular, rotation);
    gemm('N', 'N', 1, fixed.basis, rotation, 0, fixed.scratch);
    copy(fixed.scratch, fixed.basis);
    state.values = Array.from(await device.read(singular), Math.sqrt);
    const roots = writeDiagonal((d) => d);
    for (const { basis, block } of sides) gemm('N', 'N', 1, basis, roots, 0, block);
  };
  const regress = async (fixed: Side, moved: Side) => {
    blockGradient(point, moved.name, gradient);
    gemm('N', 'N', -1, moved.slope, writeDiagonal((d) => 1 / (smoothness.constant * d * d + penalty)), 1, moved.block);
    await balance(fixed, moved);
  };

  return {
    state,
    async init() {
      // A = U diag(d) R^T, so X = U diag(d) (B R)^T.
      gesvd(left.block, left.basis, singular, rotation);
      state.values = Array.from(await device.read(singular));
      gemm('N', 'N', 1, right.block, rotation, 0, right.scratch);
      copy(right.scratch, right.block);
      await balance(left, right);
    },
    async step() {
      await regress(left, right);
      await regress(right, left);
    },
  };
}
