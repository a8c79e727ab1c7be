/**
 * Min 1/2 |grad f|^2 by Levenberg-Marquardt steps, whoever solves for them: when they are taken, how they are damped, and how it ends.
 */
import { dot, norm } from '@lowland/linalg';

import type { HostModel } from './host-model.ts';

export interface Found {
  readonly x: Float64Array;
  readonly gradientNorm: number;
  /** `stuck`: a stationary point of |grad f| where grad f is not 0, or out of iterations; `lost`: far away, or where f has no second derivatives. */
  readonly end: 'stationary' | 'stuck' | 'lost';
  readonly iterations: number;
}

export interface LevenbergMarquardtOptions {
  /** Stationary is |grad f| up to this. */
  readonly goal: number;
  /** Points longer than this are lost. */
  readonly far: number;
  readonly maxIterations: number;
}

/** What is known of the Hessian at one point. */
export interface Linearised {
  /** Whether H grad f is 0 to rounding. */
  readonly flat: boolean;
  /** The first theta, where there is none yet: mu = theta |grad f|^2 is a small curvature squared. */
  readonly theta: number;
  /** mu is at least this. */
  readonly least: number;
  /** p with (H^2 + mu I) p = -H grad f, and H p; undefined where rounding leaves the matrix indefinite. Both may be written over by the next call. */
  solve(mu: number): { readonly p: Float64Array; readonly image: Float64Array } | undefined;
}

/** Trials of a step, each damped more. */
const mostTrials = 30;

/**
 * Steps p with (H^2 + mu I) p = -H grad f, mu = theta |grad f|^2: so damped, the method converges quadratically also to orbits, where H is
 * singular (Fan and Yuan 2005). theta grows and falls by how well H predicted the last step.
 *
 * @param linearise undefined where the Hessian is not finite
 */
export function levenbergMarquardt(
  model: Pick<HostModel, 'size' | 'gradient' | 'product'>,
  start: Float64Array,
  { goal, far, maxIterations }: LevenbergMarquardtOptions,
  linearise: (x: Float64Array, gradient: Float64Array, size: number) => Linearised | undefined,
): Found {
  let x = start.slice();
  let [gradient, there] = [new Float64Array(model.size), new Float64Array(model.size)];
  const left = new Float64Array(model.size);
  model.gradient(x, gradient);
  let size = norm(gradient);
  let theta = 0;
  const ended = (end: Found['end'], iterations: number): Found => ({ x, gradientNorm: size, end, iterations });
  for (let iteration = 0; iteration <= maxIterations; iteration++) {
    if (size <= goal) return ended(isTwiceDifferentiable(model, x) ? 'stationary' : 'lost', iteration);
    if (!Number.isFinite(size) || norm(x) > far) return ended('lost', iteration);
    const at = linearise(x, gradient, size);
    if (at === undefined) return ended('lost', iteration);
    if (theta === 0) theta = at.theta;
    if (at.flat) return ended('stuck', iteration);
    let stepped = false;
    for (let trial = 0; trial < mostTrials && !stepped; trial++) {
      const step = at.solve(Math.max(theta * size ** 2, at.least));
      if (step === undefined) {
        theta *= 10;
        continue;
      }
      const { p, image } = step;
      const next = x.map((value, i) => value + p[i]!);
      model.gradient(next, there);
      const reached = norm(there);
      for (let i = 0; i < left.length; i++) left[i] = image[i]! + gradient[i]!;
      const ratio = (size ** 2 - reached ** 2) / (size ** 2 - dot(left, left));
      if (ratio > 1e-4) {
        x = next;
        [gradient, there] = [there, gradient];
        size = reached;
        stepped = true;
        if (ratio > 0.75) theta /= 4;
        else if (ratio < 0.25) theta *= 4;
      } else {
        theta *= 6;
        if (norm(p) <= 1e-15 * norm(x)) return ended('stuck', iteration);
      }
    }
    if (!stepped) return ended('stuck', iteration);
  }
  return ended('stuck', maxIterations);
}

/** Whether second derivatives are finite there. */
export function isTwiceDifferentiable(model: Pick<HostModel, 'product'>, x: Float64Array): boolean {
  const image = new Float64Array(x.length);
  model.product(x, new Float64Array(x.length).fill(1), image);
  return image.every(Number.isFinite);
}
