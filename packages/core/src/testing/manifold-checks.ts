/**
 * What the manifold of an objective and its geometry must be to each other: points stay on it, tangent vectors are what they say.
 */
import type { AnyObjective } from '../any.ts';
import type { GeometryOps } from '../capability.ts';
import type { Backend } from '../device.ts';
import { createPoint, layoutLength, type Point } from '../layout.ts';
import { claim, claimClose, claimSameBits, gaussian, inner, norm, type Check } from './check.ts';
import { offered } from './offered.ts';
import { withProbe, type Probe } from './probe.ts';

export interface ManifoldSuite {
  readonly objective: AnyObjective;
  readonly backend: Backend;
  readonly points: () => readonly Point[];
  readonly seed: number;
}

export function manifoldChecks({ objective, backend, points, seed }: ManifoldSuite): Check[] {
  const { layout, manifold } = objective;
  const n = layoutLength(layout);
  const atPoints = (name: string, body: (probe: Probe, geometry: GeometryOps, x: Float64Array, k: number) => Promise<void>): Check => ({
    name,
    run: () =>
      withProbe(objective, backend, offered(objective, backend), async (probe) => {
        const { geometry } = probe.problem;
        if (geometry === undefined) return claim(false, () => 'An objective on a manifold offers its geometry.');
        for (const [k, point] of points().entries()) await body(probe, geometry, point.data, k);
      }),
  });
  const project = (probe: Probe, geometry: GeometryOps, x: Float64Array, v: Float64Array) =>
    probe.call(n, (out, at, along) => { geometry.transport(at, at, along, out); }, x, v);
  const step = (probe: Probe, geometry: GeometryOps, x: Float64Array, t: number, v: Float64Array) =>
    probe.call(n, (out, at, along) => { geometry.retract(at, t, along, out); }, x, v);

  return [
    atPoints('the gradient is tangent, and so are Hessian-vector products and what is carried', async (probe, geometry, x, k) => {
      const v = gaussian(n, seed + 60 + k);
      const carried = await project(probe, geometry, x, v);
      const vectors = [carried, await probe.gradient(x)];
      if (probe.problem.hessianVectorProduct !== undefined) vectors.push(await probe.hessianVectorProduct(x, v));
      for (const w of vectors) claimClose('its tangent part', await project(probe, geometry, x, w), w, 1e-12 * (norm(w) + 1));
      // of an ambient direction the Hessian sees the tangent part alone
      if (vectors[2] !== undefined) claimClose('H P v', await probe.hessianVectorProduct(x, carried), vectors[2], 1e-11 * (norm(vectors[2]) + 1));
    }),
    atPoints('there are as many independent directions as its dimension', async (probe, geometry, x) => {
      let trace = 0;
      for (let i = 0; i < n; i++) trace += (await project(probe, geometry, x, Float64Array.from({ length: n }, (_, j) => Number(i === j))))[i]!;
      claim(Math.abs(trace - manifold!.dimension) < 1e-9, () => `The projection has trace ${String(trace)}, the dimension is said to be ${String(manifold!.dimension)}.`);
    }),
    atPoints('steps end on the manifold or, long ones, nowhere, in place as apart, and no step changes nothing', async (probe, geometry, x, k) => {
      const v = await project(probe, geometry, x, gaussian(n, seed + 70 + k));
      for (const t of [0.3, -1e-3, 2]) {
        const y = await step(probe, geometry, x, t, v);
        // a retraction need not reach everywhere
        if (t !== -1e-3 && y.some(Number.isNaN)) continue;
        claimSameBits('the point reached, once more brought onto the manifold', manifold!.admit(createPoint(layout, y)).data, y);
        const inPlace = await probe.into(x, (at) => { geometry.retract(at, t, probe.vector(v), at); });
        claimSameBits('in place', inPlace, y);
      }
      const [f, same] = [await probe.value(x), await probe.value(await step(probe, geometry, x, 0, v))];
      claim(Math.abs(f - same) <= 1e-11 * Math.abs(f) + 1e-13, () => `The value changed from ${String(f)} to ${String(same)} by a step of length 0.`);
    }),
    atPoints('its inner product is one: symmetric, linear, positive, and that of the gradient', async (probe, geometry, x, k) => {
      const [u, v] = [await project(probe, geometry, x, gaussian(n, seed + 80 + k)), await project(probe, geometry, x, gaussian(n, seed + 90 + k))];
      const product = async (a: Float64Array, b: Float64Array) => (await probe.call(1, (out, at, p, q) => { geometry.inner(at, p, q, out, 0); }, x, a, b))[0]!;
      const [uu, uv, vu] = [await product(u, u), await product(u, v), await product(v, u)];
      claim(uu > 0 && Math.abs(uv - vu) <= 1e-12 * (norm(u) * norm(v)), () => `<u, u> = ${String(uu)}, <u, v> = ${String(uv)}, <v, u> = ${String(vu)}.`);
      const g = await probe.gradient(x);
      const steepest = await probe.call(n, (out, at, slope) => { geometry.gradient(at, slope, out); }, x, g);
      claim(Math.abs((await product(steepest, u)) - inner(g, u)) <= 1e-11 * (norm(g) * norm(u) + 1e-300), () => 'The gradient in its inner product gives another slope than by the dot product.');
    }),
    {
      name: 'refuses points off the manifold',
      run: () => {
        const far = createPoint(layout, points()[0]!.data.map((entry, i) => 1.5 * entry + 0.1 + 0.01 * i));
        let refused: unknown;
        try {
          manifold!.admit(far);
        } catch (error) {
          refused = error;
        }
        claim((refused as { code?: unknown } | undefined)?.code === 'LOWLAND_E_POINT', () => 'A point far off the manifold was not refused by LOWLAND_E_POINT.');
      },
    },
  ];
}
