/** `hessianVectorProducts` is `hessianVectorProduct` in each direction. */
import { claimClose, norm } from './check.ts';
import type { Probe } from './probe.ts';

/** H times the directions, one after another. */
export const products = (probe: Probe, x: Float64Array, directions: readonly Float64Array[]): Promise<Float64Array> =>
  probe.call(directions.length * x.length, (out, at, along) => { probe.problem.hessianVectorProducts!(at, along, out); }, x, Float64Array.from(directions.flatMap((v) => [...v])));

export async function checkProducts(probe: Probe, x: Float64Array, directions: readonly Float64Array[]): Promise<void> {
  const single: Float64Array[] = [];
  for (const v of directions) single.push(await probe.hessianVectorProduct(x, v));
  // what is added up in one is as large as the largest of them
  const size = Math.max(...single.map(norm));
  for (const count of [directions.length, 1, 0]) {
    const all = await products(probe, x, directions.slice(0, count));
    for (let j = 0; j < count; j++) claimClose(`H v_${String(j)} of ${String(count)}`, all.subarray(j * x.length, (j + 1) * x.length), single[j]!, 1e-12 * size);
  }
}
