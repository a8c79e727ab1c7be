/** Starts of constrained problems, and what their methods keep beside the point. */
import { decodeNumbers, normals, streamKey, type Solution } from '@lowland/core';

export function gaussianPoint(length: number, deviation: number, index: number): Float64Array {
  const data = new Float64Array(length);
  normals(streamKey(9, 'start', index), data);
  return data.map((value) => deviation * value);
}

/** A vector slot of the state at the end. */
export function stateOf(solution: Solution, slot: string): Float64Array {
  const state = solution.checkpoint().state as Readonly<Record<string, { readonly vector: string }>>;
  return decodeNumbers(state[slot]!.vector)!;
}
