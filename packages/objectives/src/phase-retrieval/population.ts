import { createPoint, fingerprint, LowlandError, normals, type Capability, type CapabilityMap, type KernelName, type Layout, type Objective, type Point, type Route, type Vec } from '@lowland/core';
import { norm } from '@lowland/linalg';

import { requireAllFinite } from '../factored/checks.ts';
import { newVector } from '../factored/term.ts';
import { distanceModuloPhase, phaseSymmetry } from './symmetry.ts';

export interface PopulationOptions {
  /** The signal u, not zero; complex numbers as pairs (re, im). */
  readonly signal: Float64Array;
  /** Default false. */
  readonly complex?: boolean;
}

export type PopulationCapability = 'value' | 'gradient' | 'valueAndGradient' | 'hessianVectorProduct' | 'scale' | 'symmetry' | 'truth';

type Oracles = Pick<CapabilityMap, 'value' | 'gradient' | 'valueAndGradient' | 'hessianVectorProduct'>;

/**
 * Phase retrieval from infinitely many Gaussian vectors, E a a^* = I: the mean of `phaseRetrieval` with intensities, in closed form. With
 * x_ the part of x orthogonal to u, x_ = x - u (u^* x)/|u|^2,
 *
 *     f(x) = alpha (|x|^2 - |u|^2)^2 + |u|^2 |x_|^2,   alpha = 3/4 real, 1 complex
 *
 * which is 3/4 (|x|^4 + |u|^4) - 1/2 |u|^2 |x|^2 - (u.x)^2 and |x|^4 + |u|^4 - |u|^2 |x|^2 - |u^* x|^2. Over the reals
 * grad f = 4 alpha (|x|^2 - |u|^2) x + 2 |u|^2 x_ and Hess f[v] = 4 alpha (|x|^2 - |u|^2) v + 8 alpha Re(x^* v) x + 2 |u|^2 v_.
 *
 * All stationary points, for |u| = 1, with the eigenvalues of the Hessian:
 *
 *     real      0: -3, -1 (n-1)        x . u = 0, |x|^2 = 1/3, f = 2/3: -2, 0 (n-2), 2            +-u: 2 (n-1), 6
 *     complex   0: -4 (2), -2 (2n-2)   u^* x = 0, |x|^2 = 1/2, f = 3/4: -2 (2), 0 (2n-3), 4       p u, |p| = 1: 0, 2 (2n-2), 8
 *
 * Zeros at the saddles are the directions of orbits: rotations that fix u leave f unchanged, too. `symmetry` names the phase alone.
 * `stationaryPoints` gives the origin, u, -u and, unless n = 1, one saddle.
 *
 * Base kernels only; 4n flops a value and 12n a Hessian-vector product.
 *
 * Source: Sun, Qu, Wright 2016 (arXiv 1602.06664).
 *
 * @throws LOWLAND_E_SHAPE when the signal has no entries or half a complex one, LOWLAND_E_NOT_FINITE, LOWLAND_E_OPTIONS when it is zero
 */
export function populationPhaseRetrieval({ signal, complex = false }: PopulationOptions): Objective<PopulationCapability> {
  const width = complex ? 2 : 1;
  const length = signal.length;
  const size = length / width;
  if (!Number.isInteger(size) || size < 1) throw new LowlandError('LOWLAND_E_SHAPE', `A signal has at least one entry, a complex one two numbers for each; ${length} numbers were given.`);
  requireAllFinite('The signal', signal);
  const u = signal.slice();
  const squared = u.reduce((sum, value) => sum + value * value, 0);
  if (squared === 0) throw new LowlandError('LOWLAND_E_OPTIONS', 'The signal of phase retrieval is not zero.');
  const layout: Layout = { blocks: [{ name: 'x', shape: [size], ...(complex && { complex: true as const }) }] };
  const alpha = complex ? 1 : 3 / 4;
  const kernels = ['axpy', 'copy', 'dot', 'gemm', 'gemv'] as const satisfies readonly KernelName[];
  const host = <K extends Capability>(capability: CapabilityMap[K]): readonly Route<K, Oracles>[] => [{ kernels: [], label: 'composed', bind: () => capability }];
  const oracle = <K extends keyof Oracles>(name: K): readonly Route<K, Oracles>[] => [{ kernels, label: 'composed', bind: (oracles) => oracles[name] as CapabilityMap[K] }];

  const objective: Objective<PopulationCapability, Oracles> = {
    id: 'population-phase-retrieval',
    layout,
    scale: complex ? 'E 1/2 (|a^* x|^2 - |a^* u|^2)^2' : 'E 1/4 ((a^T x)^2 - (a^T u)^2)^2',
    options: { size, complex },
    data: fingerprint('signal', [size, width], u),
    routes: {
      value: oracle('value'),
      gradient: oracle('gradient'),
      valueAndGradient: oracle('valueAndGradient'),
      hessianVectorProduct: oracle('hessianVectorProduct'),
      symmetry: [{ kernels: complex ? ['gemm'] : [], label: 'composed', bind: (_oracles, device, memory) => phaseSymmetry(device, memory, layout, complex) }],
      // The third derivative of alpha |x|^4 along a unit direction is at most 24 alpha |x|.
      scale: host<'scale'>({
        zeroValue: alpha * squared ** 2,
        gradient: ({ data }) => {
          const length = norm(data);
          return 4 * alpha * (length ** 3 + squared * length) + 2 * squared * length;
        },
        hessianLipschitz: ({ data }) => 24 * alpha * norm(data),
      }),
      truth: host<'truth'>({
        optimum: 0,
        stationaryPoints: () => stationaryPoints(u, squared, layout, complex),
        distance: (x) => distanceModuloPhase(x, u, complex),
      }),
    },
    facts: ['optimum'],
    upload(device, memory) {
      const { axpy, copy, dot, gemm, gemv } = device.kernels;
      const column: Layout = { blocks: [{ name: 'x', shape: [length] }] };
      const asColumn = (x: Vec) => device.blocks(x, column)['x']!;
      // The columns u and i u: real products with them are those with u^*.
      const plane = device.matrix(newVector(device, memory, interleaved(u, complex)), 0, length, width);
      const along = memory.vector(width);
      const rest = memory.vector(length);
      const one = newVector(device, memory, Float64Array.of(1));
      const excess = device.matrix(memory.vector(1), 0, 1, 1);
      const product = device.matrix(memory.vector(1), 0, 1, 1);
      const sums = memory.vector(2);
      const weights = newVector(device, memory, Float64Array.of(alpha, squared));
      /** out = v orthogonal to u */
      const project = (v: Vec, out: Vec): void => {
        copy(v, out);
        gemv('T', 1, plane, v, 0, along);
        gemv('N', -1 / squared, plane, along, 1, out);
      };
      /** |x|^2 - |u|^2 */
      const measure = (x: Vec): void => {
        dot(x, x, excess, 0);
        axpy(-squared, one, excess);
      };
      /** out = 4 alpha (|x|^2 - |u|^2) v + 2 |u|^2 v_, v_ in `rest`. */
      const slope = (v: Vec, out: Vec): void => {
        project(v, rest);
        gemm('N', 'N', 4 * alpha, asColumn(v), excess, 0, asColumn(out));
        axpy(2 * squared, rest, out);
      };
      const finish = (value: Vec): void => {
        dot(excess, excess, sums, 0);
        dot(rest, rest, sums, 1);
        dot(weights, sums, value, 0);
      };
      return {
        value(x, out) {
          measure(x);
          project(x, rest);
          finish(out);
        },
        gradient(x, out) {
          measure(x);
          slope(x, out);
        },
        valueAndGradient(x, value, out) {
          measure(x);
          slope(x, out);
          finish(value);
        },
        hessianVectorProduct(x, v, out) {
          measure(x);
          slope(v, out);
          dot(x, v, product, 0);
          gemm('N', 'N', 8 * alpha, asColumn(x), product, 1, asColumn(out));
        },
      };
    },
    bytes: (dtype) => (dtype === 'f64' ? 8 : 4) * ((width + 3) * length + 10),
    initial(key) {
      const point = createPoint(layout);
      normals(key, point.data);
      const deviation = Math.sqrt(squared / length);
      point.data.forEach((value, i) => { point.data[i] = deviation * value; });
      return point;
    },
  };
  return objective;
}

/** Rows (re, -im) and (im, re) of every entry: the columns u and i u. */
function interleaved(u: Float64Array, complex: boolean): Float64Array {
  if (!complex) return u;
  return Float64Array.from({ length: 2 * u.length }, (_, k) => {
    const [row, column] = [Math.floor(k / 2), k % 2];
    if (column === 0) return u[row]!;
    return row % 2 === 0 ? -u[row + 1]! : u[row - 1]!;
  });
}

/** The origin, u, -u and a saddle orthogonal to u. */
function stationaryPoints(u: Float64Array, squared: number, layout: Layout, complex: boolean): Point[] {
  const points = [createPoint(layout), createPoint(layout, u.slice()), createPoint(layout, u.map((value) => -value))];
  const width = complex ? 2 : 1;
  if (u.length === width) return points;
  // The unit vector of the least entry of u, less its part along u, is not zero.
  let least = 0;
  const size = (j: number): number => (complex ? u[j]! ** 2 + u[j + 1]! ** 2 : u[j]! ** 2);
  for (let j = 0; j < u.length; j += width) if (size(j) < size(least)) least = j;
  const saddle = new Float64Array(u.length);
  saddle[least] = 1;
  // u^* e = conj(u_least)
  const [re, im] = [u[least]! / squared, complex ? -u[least + 1]! / squared : 0];
  for (let j = 0; j < u.length; j += width) {
    saddle[j]! -= re * u[j]! - (complex ? im * u[j + 1]! : 0);
    if (complex) saddle[j + 1]! -= re * u[j + 1]! + im * u[j]!;
  }
  const length = Math.sqrt(saddle.reduce((sum, value) => sum + value * value, 0));
  const radius = Math.sqrt(squared / (complex ? 2 : 3));
  return [...points, createPoint(layout, saddle.map((value) => (radius * value) / length))];
}
