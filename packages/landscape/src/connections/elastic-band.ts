/**
 * A chain of images between two points, pulled tight over the lowest pass.
 */
import { dot, norm } from '@lowland/linalg';

import type { HostModel } from '../census/host-model.ts';

export interface BandOptions {
  /** Images, ends included. */
  readonly images: number;
  readonly steps: number;
  /** Ends where no image's force is above this part of the largest at the start; default 1e-4. */
  readonly tolerance?: number;
}

export interface Band {
  /** The images, ends included. */
  readonly images: readonly Float64Array[];
  readonly values: Float64Array;
  /** The highest image: what climbs ends at a saddle. */
  readonly highest: number;
  /** Its value above the higher end. */
  readonly barrier: number;
  /** |grad f| there. */
  readonly gradientNorm: number;
  readonly converged: boolean;
  readonly steps: number;
}

/**
 * The nudged elastic band with upwind tangents and a climbing image (Henkelman and Jónsson 2000, doi:10.1063/1.1323224; Henkelman, Uberuaga and
 * Jónsson 2000): each image feels grad f across the band, a spring along it, and the highest one grad f turned over along it, so that it climbs to
 * a saddle. Moved by FIRE (Bitzek and others 2006). It starts straight, bent a little where that is a line of symmetry.
 */
export function elasticBand(model: HostModel, from: Float64Array, to: Float64Array, { images: count, steps, tolerance = 1e-4 }: BandOptions): Band {
  const n = model.size;
  const span = norm(to.map((value, i) => value - from[i]!));
  const bend = bendBetween(model, from, to, span);
  const images = Array.from({ length: count }, (_, k) => {
    const t = k / (count - 1);
    return from.map((value, i) => (1 - t) * value + t * to[i]! + Math.sin(Math.PI * t) * bend[i]!);
  });
  const values = Float64Array.from(images, (x) => model.value(x));
  const forces = images.map(() => new Float64Array(n));
  const velocity = images.map(() => new Float64Array(n));
  const gradient = new Float64Array(n);
  const tangents = images.map(() => new Float64Array(n));
  let [first, converged, step] = [0, false, 0];
  let [dt, mixing, calm] = [0, 0.1, 0];
  for (; step < steps; step++) {
    const highest = highestInside(values);
    let largest = 0;
    for (let k = 1; k < count - 1; k++) {
      upwindTangent(images, values, k, tangents[k]!);
      model.gradient(images[k]!, gradient);
      const along = dot(gradient, tangents[k]!);
      // Curvature sets the spring: of the size of the force per length.
      const spring = k === highest ? 0 : springConstant(first, span) * (distance(images[k + 1]!, images[k]!) - distance(images[k]!, images[k - 1]!));
      // Climbing starts once the band has settled somewhat.
      const turned = k === highest && step > 50 ? 2 * along : along;
      for (let i = 0; i < n; i++) forces[k]![i] = -gradient[i]! + (turned + spring) * tangents[k]![i]!;
      largest = Math.max(largest, norm(forces[k]!));
      if (step === 0) first = Math.max(first, norm(gradient));
    }
    if (first === 0 || largest <= tolerance * first && step > 50) {
      converged = true;
      break;
    }
    if (dt === 0) dt = (0.02 * span) / Math.sqrt(first * span);
    let [power, speed, force] = [0, 0, 0];
    for (let k = 1; k < count - 1; k++) {
      power += dot(forces[k]!, velocity[k]!);
      speed += dot(velocity[k]!, velocity[k]!);
      force += dot(forces[k]!, forces[k]!);
    }
    const ratio = force > 0 ? Math.sqrt(speed / force) : 0;
    const downhill = power > 0;
    if (downhill && calm++ > 5) {
      dt = Math.min(1.1 * dt, (0.3 * span) / Math.sqrt(first * span));
      mixing *= 0.99;
    }
    if (!downhill) [dt, mixing, calm] = [0.5 * dt, 0.1, 0];
    for (let k = 1; k < count - 1; k++) {
      const [v, f, x] = [velocity[k]!, forces[k]!, images[k]!];
      for (let i = 0; i < n; i++) {
        v[i] = (downhill ? (1 - mixing) * v[i]! + mixing * ratio * f[i]! : 0) + dt * f[i]!;
        x[i]! += Math.max(-0.1 * span, Math.min(0.1 * span, dt * v[i]!));
      }
      values[k] = model.value(x);
    }
  }
  const highest = values.reduce((most, value, k) => (value > values[most]! ? k : most), 0);
  model.gradient(images[highest]!, gradient);
  return { images, values, highest, barrier: Math.max(0, values[highest]! - Math.max(values[0]!, values[count - 1]!)), gradientNorm: norm(gradient), converged, steps: step };
}

const springConstant = (force: number, span: number): number => (span > 0 ? force / span : 0);

const distance = (a: Float64Array, b: Float64Array): number => Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));

function highestInside(values: Float64Array): number {
  let best = 1;
  for (let k = 2; k < values.length - 1; k++) if (values[k]! > values[best]!) best = k;
  return best;
}

/** Towards the higher neighbour; at a turn of f both, weighted by how far they are above. */
function upwindTangent(images: readonly Float64Array[], values: Float64Array, k: number, out: Float64Array): void {
  const [before, here, after] = [values[k - 1]!, values[k]!, values[k + 1]!];
  let [forward, backward] = [1, 0];
  if (!(after > here && here > before)) {
    if (after < here && here < before) {
      [forward, backward] = [0, 1];
    } else {
      const [up, down] = [Math.max(Math.abs(after - here), Math.abs(before - here)), Math.min(Math.abs(after - here), Math.abs(before - here))];
      [forward, backward] = after > before ? [up, down] : [down, up];
      if (up === 0) [forward, backward] = [1, 1];
    }
  }
  for (let i = 0; i < out.length; i++) out[i] = forward * (images[k + 1]![i]! - images[k]![i]!) + backward * (images[k]![i]! - images[k - 1]![i]!);
  const size = norm(out) || 1;
  for (let i = 0; i < out.length; i++) out[i]! /= size;
}

/** One hundredth of the way, across it, in directions that repeat: a straight band between reflected points stays on the ridge. */
function bendBetween(model: HostModel, from: Float64Array, to: Float64Array, span: number): Float64Array {
  const out = Float64Array.from({ length: model.size }, (_, i) => ((i * 7 + 3) % 11) - 5);
  const way = to.map((value, i) => (span > 0 ? (value - from[i]!) / span : 0));
  const inner = dot(out, way);
  for (let i = 0; i < out.length; i++) out[i]! -= inner * way[i]!;
  const size = norm(out) || 1;
  return out.map((value) => (0.01 * span * value) / size);
}
