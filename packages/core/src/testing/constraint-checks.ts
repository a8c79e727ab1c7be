/** What `constraints` must obey: c' is the derivative of c, its adjoint fits, and so do the Lagrangian, its gradient and the estimates. */
import type { Constraints } from '../capability.ts';
import type { Vec } from '../device.ts';
import { claim, claimClose, gaussian, inner, norm } from './check.ts';
import type { Probe } from './probe.ts';

/** The functions of the capability on arrays. */
export function constraintsOn(probe: Probe) {
  const constraints = (probe.problem as { readonly constraints: Constraints }).constraints;
  const { length } = constraints;
  const slopeAt = (weight: number) => (x: Float64Array, l: Float64Array) =>
    probe.call(x.length, (out, at, multipliers) => { constraints.lagrangian(at, multipliers, weight, probe.vector(new Float64Array(1)), out); }, x, l);
  return {
    length,
    evaluate: (x: Float64Array) => probe.call(length, (out, at) => { constraints.evaluate(at, out); }, x),
    jvp: (x: Float64Array, v: Float64Array) => probe.call(length, (out, at, along) => { constraints.jvp(at, along, out); }, x, v),
    vjp: (x: Float64Array, w: Float64Array) => probe.call(x.length, (out, at, along) => { constraints.vjp(at, along, out); }, x, w),
    multipliers: (x: Float64Array) => probe.call(length, (out: Vec, at) => { constraints.multipliers(at, out); }, x),
    value: (x: Float64Array, l: Float64Array, weight: number) =>
      probe.call(1, (out, at, multipliers) => { constraints.lagrangian(at, multipliers, weight, out, probe.vector(new Float64Array(x.length))); }, x, l),
    slope: (x: Float64Array, l: Float64Array, weight: number) => slopeAt(weight)(x, l),
  };
}

export async function checkConstraints(probe: Probe, x: Float64Array, v: Float64Array, seed: number): Promise<void> {
  const { length, evaluate, jvp, vjp, multipliers, value, slope } = constraintsOn(probe);
  const l = gaussian(length, seed);
  const [jv, jl] = [await jvp(x, v), await vjp(x, l)];
  claim(Math.abs(inner(l, jv) - inner(jl, v)) <= 1e-11 * (norm(l) * norm(jv) + norm(jl) * norm(v)), () => `<l, c' v> = ${String(inner(l, jv))}, <c'^T l, v> = ${String(inner(jl, v))}.`);
  const t = 1e-5;
  const moved = (by: number) => x.map((entry, i) => entry + by * v[i]!);
  const [ahead, behind] = [await evaluate(moved(t)), await evaluate(moved(-t))];
  claimClose("c' v", ahead.map((entry, i) => (entry - behind[i]!) / (2 * t)), jv, 1e-6 * norm(jv) + (1e-14 * norm(ahead)) / t);

  for (const weight of [0, 1.5]) {
    const gradient = await slope(x, l, weight);
    const [up, down] = [(await value(moved(t), l, weight))[0]!, (await value(moved(-t), l, weight))[0]!];
    const size = norm(gradient) * norm(v);
    claimClose('the slope of the Lagrangian', [(up - down) / (2 * t)], [inner(gradient, v)], 1e-6 * size + (1e-14 * (Math.abs(up) + Math.abs(down))) / t);
  }
  const [phi, whole] = [await slope(x, new Float64Array(length), 0), await slope(x, l, 0)];
  claimClose("grad phi + c'^T l", whole, phi.map((entry, i) => entry + jl[i]!), 1e-11 * (norm(phi) + norm(jl)));

  const estimate = await multipliers(x);
  if (!estimate.every(Number.isFinite)) return;
  const rest = await slope(x, estimate, 0);
  const pull = await vjp(x, estimate);
  claim(norm(await jvp(x, rest)) <= 1e-8 * norm(await jvp(x, x)) * (norm(phi) + norm(pull)), () => 'The estimates are not those of least squares.');
}
