/** `planeValues` is `value` at the points of a plane. */
import { claim } from './check.ts';
import type { Probe } from './probe.ts';

const points = [[0, 0], [0.25, 0], [-0.5, 0], [0, -0.25], [0.125, 0.5], [-1, 1]] as const;

/** f at x + s u + t v, (s, t) each of a few points. */
export const planeValues = (probe: Probe, x: Float64Array, u: Float64Array, v: Float64Array): Promise<Float64Array> =>
  probe.call(points.length, (out, ...inputs) => { probe.problem.planeValues!(inputs[0]!, inputs[1]!, inputs[2]!, inputs[3]!, out); }, x, u, v, Float64Array.from(points.flat()));

export async function checkPlane(probe: Probe, x: Float64Array, u: Float64Array, v: Float64Array): Promise<void> {
  const found = await planeValues(probe, x, u, v);
  const expected: number[] = [];
  for (const [s, t] of points) expected.push(await probe.value(x.map((entry, i) => entry + s * u[i]! + t * v[i]!)));
  // what is added up on the way is as large as the largest of them
  const size = Math.max(...expected.filter(Number.isFinite).map(Math.abs));
  expected.forEach((f, k) => {
    const close = Number.isFinite(f) ? Math.abs(found[k]! - f) <= 1e-11 * size : found[k] === f;
    claim(close, () => `On the plane f(${points[k]!.join(', ')}) = ${String(found[k])}, and there ${String(f)}.`);
  });
}
