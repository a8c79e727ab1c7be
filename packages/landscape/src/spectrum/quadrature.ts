/**
 * Stochastic Lanczos quadrature: the spectral measure of a symmetric operator, seen by random probes.
 */
import { type StreamKey, words } from '@lowland/core';
import { lanczos, type Matrix, type SymmetricOperator } from '@lowland/linalg';

import { removeSpan } from '../classify/hessian.ts';

/** The quadrature rule of one probe z: z^T f(A) z is about sum of weight f(node), exactly for polynomials of degree 2 steps - 1. */
export interface ProbeRule {
  /** Ritz values. */
  readonly nodes: Float64Array;
  /** |z|^2 times the squares of the first entries of the Ritz vectors; they sum to |z|^2. */
  readonly weights: Float64Array;
}

/** A mean over probes, and how far it may be off. */
export interface Estimate {
  readonly value: number;
  /** The root of the sample variance over the number of probes: of the probes alone, not of the quadrature. */
  readonly standardError: number;
}

export interface ProbeOptions {
  readonly key: StreamKey;
  /** Random vectors of signs. */
  readonly probes: number;
  /** Products with the operator a probe. */
  readonly steps: number;
  /** Orthonormal columns: the measure is that of the operator on their complement. */
  readonly deflate?: Matrix;
}

/**
 * One rule for each of `probes` vectors of random signs, projected to the complement: E z^T f(A) z = tr f(A) there.
 *
 * Costs probes · steps products. Sources: S. Ubaru, J. Chen, Y. Saad, SIAM J. Matrix Anal. Appl. 38 (2017); Golub and Welsch 1969.
 */
export function stochasticLanczos(operator: SymmetricOperator, { key, probes, steps, deflate }: ProbeOptions): readonly ProbeRule[] {
  return Array.from({ length: probes }, (_, probe) => {
    const z = signs({ ...key, index: key.index * probes + probe }, operator.size);
    if (deflate !== undefined) removeSpan(deflate, z);
    const count = Math.min(steps, operator.size - (deflate?.cols ?? 0));
    const { values, vectors } = lanczos(operator, { key, which: 'largest', count, block: 1, maxSteps: count, tolerance: -1, start: z, ...(deflate && { deflate }) });
    const weights = Float64Array.from(values, (_value, j) => {
      let inner = 0;
      for (let i = 0; i < z.length; i++) inner += z[i]! * vectors.data[i * vectors.cols + j]!;
      return inner * inner;
    });
    return { nodes: values, weights };
  });
}

/** tr f(A) on the complement, by the rules of all probes. */
export function traceOf(rules: readonly ProbeRule[], f: (node: number) => number): Estimate {
  return meanOf(rules.map(({ nodes, weights }) => nodes.reduce((sum, node, j) => sum + weights[j]! * f(node), 0)));
}

/** The mean of samples with its standard error (0 for one sample, which tells nothing of its error). */
export function meanOf(samples: readonly number[]): Estimate {
  const value = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  const variance = samples.reduce((sum, sample) => sum + (sample - value) ** 2, 0) / Math.max(1, samples.length - 1);
  return { value, standardError: Math.sqrt(variance / samples.length) };
}

/** A smoothed density over the real line. */
export interface SpectralDensity {
  readonly points: Float64Array;
  /** Eigenvalues per unit length, over the dimension of the complement: integrates to about 1. */
  readonly values: Float64Array;
  /** Standard deviation of the Gaussian that each node is smoothed by. */
  readonly width: number;
}

/**
 * phi(t) = mean over probes of sum of weight / dimension · Gaussian(t - node), on `count` points that reach four widths beyond the nodes.
 *
 * @param width default a hundredth of the range of the nodes
 */
export function spectralDensity(rules: readonly ProbeRule[], dimension: number, { count = 201, width }: { readonly count?: number; readonly width?: number } = {}): SpectralDensity {
  let [low, high] = [Infinity, -Infinity];
  for (const { nodes } of rules) {
    for (const node of nodes) {
      low = Math.min(low, node);
      high = Math.max(high, node);
    }
  }
  const range = high - low;
  const sigma = width ?? (range > 0 ? range / 100 : Math.max(Math.abs(high), 1) / 100);
  const points = Float64Array.from({ length: count }, (_, i) => low - 4 * sigma + ((range + 8 * sigma) * i) / (count - 1));
  const values = points.map((t) => {
    let sum = 0;
    for (const { nodes, weights } of rules) for (let j = 0; j < nodes.length; j++) sum += weights[j]! * Math.exp(-0.5 * ((t - nodes[j]!) / sigma) ** 2);
    return sum / (rules.length * dimension * sigma * Math.sqrt(2 * Math.PI));
  });
  return { points, values, width: sigma };
}

/** Independent signs from the bits of the stream. */
export function signs(key: StreamKey, size: number): Float64Array {
  const bits = new Uint32Array(Math.ceil(size / 32));
  words(key, bits);
  return Float64Array.from({ length: size }, (_, i) => ((bits[i >> 5]! >>> (i & 31)) & 1 ? 1 : -1));
}
