/** From a point that was found in f32 to the stationary point beside it. */
import { anyOf, type Backend, type Capability, gradientTolerance, LowlandError, maxIterations, type Objective, type Observation, type Optimizer, plan, type Point, solve } from '@lowland/core';
import { norm } from '@lowland/linalg';

import { ownGeometry } from '../gradient-descent/geometry.ts';
import { lbfgs } from '../quasi-newton/lbfgs.ts';
import { trustRegion } from '../trust-region/trust-region.ts';

export interface PolishOptions {
  /** In f64. */
  readonly backend: Backend;
  /** Steps of the trust-region method at most, each of at most 50 inner iterations; of L-BFGS ten times as many. Default 10. */
  readonly steps?: number;
}

/** What was done to a point, so that a result says of which point it is. */
export interface Polish {
  readonly method: 'trust-region' | 'lbfgs';
  readonly steps: number;
  /** |x' - x| */
  readonly distance: number;
  /** |x' - x| / |x| */
  readonly relative: number;
  /** In f64, where the run ended and where the steps did. */
  readonly value: { readonly before: number; readonly after: number };
  readonly gradientNorm: { readonly before: number; readonly after: number };
}

/** Longest step, and farthest end, in lengths of the point: what rounding in f32 and a flat direction account for, and no more. */
const [longest, farthest] = [1e-3, 1e-2];

/**
 * A few steps in f64 from a point at which a run in f32 ended: of the trust-region method, no longer than 1e-3 |x|, or of L-BFGS where there are no
 * Hessian-vector products, until the gradient is 1e-6 of what it was. Rounding in f32 leaves gradients of about 1e-7 of their terms, and verdicts
 * compare them with less.
 *
 * Undefined where nothing is gained: at 0; where the gradient does not fall or the steps lead farther than 1e-2 |x|, as from a saddle; for
 * constrained problems, whose solutions are judged with their multipliers; and for what neither method fits.
 *
 * @throws LOWLAND_E_PRECISION when the backend does not compute in f64
 */
export async function polish(objective: Objective<Capability>, point: Point, { backend, steps = 10 }: PolishOptions): Promise<{ readonly point: Point; readonly polish: Polish } | undefined> {
  if (backend.dtype !== 'f64') throw new LowlandError('LOWLAND_E_PRECISION', `Points are polished in f64; the backend ${backend.id} computes in ${backend.dtype}.`);
  const length = norm(point.data);
  if (!(length > 0 && length < Infinity) || 'constraints' in objective.routes) return undefined;
  const newton = trustRegion({ maxInner: 50, radius: longest * length, maxRadius: longest * length, ...('geometry' in objective.routes && { geometry: ownGeometry() }) });
  const methods: readonly (readonly [Polish['method'], Optimizer<Capability, Capability>, number])[] = [['trust-region', newton, steps], ['lbfgs', lbfgs(), 10 * steps]];
  const stop = anyOf(gradientTolerance(1e-6), maxIterations(steps));
  const fit = methods.find(([, method]) => plan(objective, method, backend, { stop }).ok);
  if (fit === undefined) return undefined;
  const [name, method, most] = fit;
  let first: Observation | undefined;
  const { point: end, value, gradientNorm, iterations } = await solve(objective, method, { backend, point, stop: anyOf(gradientTolerance(1e-6), maxIterations(most)), record: (seen) => { first ??= seen; } });
  const distance = norm(end.data.map((x, i) => x - point.data[i]!));
  const relative = distance / length;
  if (first === undefined || iterations === 0 || !(gradientNorm < first.gradientNorm && relative <= farthest)) return undefined;
  return {
    point: end,
    polish: { method: name, steps: iterations, distance, relative, value: { before: first.value, after: value }, gradientNorm: { before: first.gradientNorm, after: gradientNorm } },
  };
}
