/**
 * Starts that see the data once. At V = Phi, U = 0 the gradient in U of a fit to A is -A Phi (for observed entries and other
 * measurements A is what their adjoint makes of the data), so one oracle call sketches the column space of A.
 */
import { type CapabilityMap, type Context, LowlandError, type Mat, type StreamKey, type Vec } from '@lowland/core';
import { matrix, symmetricEigenvalues } from '@lowland/linalg';

import { inverseRoot } from '../inverse-root.ts';

type BlockGradient = CapabilityMap['blockGradient'];

export interface Sketch {
  readonly rank: number;
  /** out = (A Phi, 0) with Phi iid N(0, 1 / rank) from the stream. */
  range(key: StreamKey, out: Vec): void;
  /** The singular values of U = x's left block, descending. One read. */
  singularValues(x: Vec): Promise<Float64Array>;
  /** |Q^T A|_2 with Q an orthonormal basis of U's columns: |A|_2 where U spans its range, else a lower estimate. Two reads. */
  norm(x: Vec): Promise<number>;
  left(x: Vec): Mat;
  right(x: Vec): Mat;
}

/** Eigenvalues of a Gram matrix below this part of the largest are rounding. */
const rankCut = 1e-12;

/**
 * @param blockGradient may write more than its block.
 * @throws LOWLAND_E_FACTORS unless the variables are the two factors of one product U V^T
 */
export function createSketch(context: Context<'factors'>, blockGradient: BlockGradient): Sketch {
  const { device, problem } = context;
  const { layout, factors } = problem;
  const { fill, gemm, normal, scal } = device.kernels;
  const [pair] = factors.pairs;
  if (pair === undefined || factors.pairs.length > 1 || layout.blocks.length !== 2 || pair[0] === pair[1]) {
    throw new LowlandError('LOWLAND_E_FACTORS', `A sketched start is one of U V^T, two factors and no other variables; the blocks are ${layout.blocks.map(({ name }) => name).join(', ')}.`);
  }
  const [leftName, rightName] = pair;
  const left = (x: Vec): Mat => device.blocks(x, layout)[leftName]!;
  const right = (x: Vec): Mat => device.blocks(x, layout)[rightName]!;
  const work = context.scratch();
  const there = context.scratch();
  const rank = left(work).cols;
  const gram = device.matrix(context.scratch(rank * rank), 0, rank, rank);
  const gramOf = async (block: Mat): Promise<Float64Array> => {
    gemm('T', 'N', 1, block, block, 0, gram);
    return await device.read(gram);
  };
  const squares = async (block: Mat): Promise<Float64Array> => symmetricEigenvalues(matrix(rank, rank, await gramOf(block)));

  return {
    rank,
    left,
    right,
    range(key, out) {
      fill(work, 0);
      normal(key, right(work));
      scal(1 / Math.sqrt(rank), right(work));
      blockGradient(work, leftName, out);
      scal(-1, left(out));
      fill(right(out), 0);
    },
    async singularValues(x) {
      return (await squares(left(x))).map((value) => Math.sqrt(Math.max(0, value)));
    },
    async norm(x) {
      // Q = U (U^T U)^-1/2, then A^T Q = -grad_V at (Q, 0)
      device.write(gram, inverseRoot(await gramOf(left(x)), rank, rankCut));
      fill(work, 0);
      gemm('N', 'N', 1, left(x), gram, 0, left(work));
      blockGradient(work, rightName, there);
      return Math.sqrt(Math.max(0, (await squares(right(there)))[0]!));
    },
  };
}
