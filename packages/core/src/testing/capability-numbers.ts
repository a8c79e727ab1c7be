/**
 * The numbers that capabilities give at a point, by which routes, devices and repetitions are compared.
 */
import type { AnyObjective } from '../any.ts';
import type { Capability, Problem } from '../capability.ts';
import type { Vec } from '../device.ts';
import { gaussian } from './check.ts';
import { constraintsOn } from './constraint-checks.ts';
import { descended } from './ensemble-checks.ts';
import { planeValues } from './plane-checks.ts';
import type { Probe } from './probe.ts';
import { products } from './product-checks.ts';

/** Those of one capability; undefined where it gives none that can be compared. */
export async function numbersOf(name: Capability, probe: Probe, x: Float64Array, v: Float64Array, objective: AnyObjective): Promise<Float64Array[] | undefined> {
  const { problem } = probe;
  const n = x.length;
  const blocks = objective.layout.blocks.map((block) => block.name);
  switch (name) {
    case 'value':
      return [Float64Array.of(await probe.value(x))];
    case 'gradient':
      return [await probe.gradient(x)];
    case 'valueAndGradient': {
      const value = probe.vector(Float64Array.of(Number.NaN));
      const gradient = await probe.call(n, (out, at) => { problem.valueAndGradient!(at, value, out); }, x);
      return [await probe.read(value), gradient];
    }
    case 'hessianVectorProduct':
      return [await probe.hessianVectorProduct(x, v)];
    case 'hessianVectorProducts':
      return [await products(probe, x, [v, x, gaussian(n, 79)])];
    case 'blockGradient':
      return await Promise.all(blocks.map(async (block) => await probe.into(v, (out) => { problem.blockGradient!(probe.vector(x), block, out); })));
    case 'blockSolve':
      return await Promise.all(blocks.map(async (block) => await probe.into(v, (out) => { problem.blockSolve!(probe.vector(x), block, out); })));
    case 'residual': {
      const { length, evaluate, jvp, vjp } = residualOf(problem);
      const w = gaussian(length, 77);
      return [
        await probe.call(length, (out, at) => { evaluate(at, out); }, x),
        await probe.call(length, (out, at, along) => { jvp(at, along, out); }, x, v),
        await probe.call(n, (out, at, along) => { vjp(at, along, out); }, x, w),
      ];
    }
    case 'constraints': {
      const { length, evaluate, jvp, vjp, value, slope } = constraintsOn(probe);
      const l = gaussian(length, 77);
      return [await evaluate(x), await jvp(x, v), await vjp(x, l), await value(x, l, 0.5), await slope(x, l, 0.5)];
    }
    case 'stochasticGradient': {
      const { samples } = problem.stochasticGradient!;
      // one sample, two of which one counts twice, and all
      const batches = [[0], [samples - 1, Math.floor(samples / 2), samples - 1], Array.from({ length: samples }, (_, k) => k)];
      return await Promise.all(batches.map((batch) => sampledGradient(probe, x, batch)));
    }
    case 'ensemble':
      // points alone: what else a state holds is the method's
      return (await descended(probe, x, 1e-6))?.map((state) => state.slice(0, n));
    case 'planeValues':
      // outside of its domain f is infinite
      return [(await planeValues(probe, x, v, gaussian(n, 78))).map((f) => (f === Infinity ? 0 : f))];
    default:
      return undefined;
  }
}

/** The gradient of a batch of samples. */
export const sampledGradient = (probe: Probe, x: Float64Array, batch: readonly number[]) =>
  probe.call(x.length, (out, at) => { probe.problem.stochasticGradient!.gradient(at, Int32Array.from(batch), out); }, x);

/** The residual of a probed problem, its functions as such. */
export function residualOf(problem: Partial<Problem<Capability>>) {
  const residual = problem.residual!;
  return {
    length: residual.length,
    evaluate: (x: Vec, out: Vec) => { residual.evaluate(x, out); },
    jvp: (x: Vec, v: Vec, out: Vec) => { residual.jvp(x, v, out); },
    vjp: (x: Vec, w: Vec, out: Vec) => { residual.vjp(x, w, out); },
  };
}
