/**
 * A Hessian at a point of a fixed space, in two blocks.
 */
import { matrix, type Matrix, norm, symmetricEigenvalues } from '@lowland/linalg';

import { nullityOf } from '../classify/nullity.ts';
import type { FixedSpace } from './fixed-space.ts';
import { blockBetween } from './reduced.ts';

export interface Block {
  readonly dimension: number;
  /** Negative eigenvalues; null where some are too small to have a sign. */
  readonly index: number | null;
  /** Zero eigenvalues beyond the directions of the orbit. */
  readonly nullity: number;
  /** Directions of the orbit of the whole group that lie in it. */
  readonly orbit: number;
  /** Ascending, those of the orbit among them. */
  readonly eigenvalues: Float64Array;
}

export interface Split {
  /** Negative eigenvalues in all. */
  readonly index: number | null;
  /** On Fix(H). */
  readonly inside: Block;
  /** On its orthogonal complement. */
  readonly across: Block;
  /** Norm of the block between them over that of the Hessian: rounding, as the Hessian at a fixed point commutes with H, and H has no trivial part across Fix(H). */
  readonly coupling: number;
}

/** Both blocks, and what is between them. `orbit` is the dimension of the orbit, `orbitInside` that of its tangent in Fix(H). */
export function splitHessian(hessian: Matrix, { basis, complement }: FixedSpace, orbit: number, orbitInside: number): Split {
  const inside = spectrumOf(blockBetween(basis, hessian, basis));
  const across = spectrumOf(blockBetween(complement, hessian, complement));
  // Values of the orbit are 0, so that the smallest ones are its.
  const nullity = nullityOf(Float64Array.of(...offOrbit(inside, orbitInside), ...offOrbit(across, orbit - orbitInside)), orbit, () => ({ layout: { blocks: [] }, data: new Float64Array(0) }));
  const cut = 1e-8 * Math.max(...[...inside, ...across].map(Math.abs));
  const block = (eigenvalues: Float64Array, ownOrbit: number): Block => ({
    dimension: eigenvalues.length,
    index: nullity.status === 'clear' ? eigenvalues.filter((value) => value < -cut).length : null,
    nullity: eigenvalues.filter((value) => Math.abs(value) <= cut).length - ownOrbit,
    orbit: ownOrbit,
    eigenvalues,
  });
  const [a, b] = [block(inside, orbitInside), block(across, orbit - orbitInside)];
  const size = norm(hessian.data);
  return {
    index: a.index === null || b.index === null ? null : a.index + b.index,
    inside: a,
    across: b,
    coupling: size === 0 ? 0 : norm(blockBetween(complement, hessian, basis).data) / size,
  };
}

function spectrumOf(block: Matrix): Float64Array {
  const n = block.rows;
  const even = matrix(n, n, block.data.map((value, at) => (value + block.data[(at % n) * n + Math.floor(at / n)]!) / 2));
  return n === 0 ? new Float64Array(0) : symmetricEigenvalues(even).slice().reverse();
}

const offOrbit = (values: Float64Array, count: number): Float64Array => values.slice().sort((a, b) => Math.abs(a) - Math.abs(b)).subarray(count);
