/**
 * Stochastic Lanczos quadrature: the spectral measure of a symmetric operator, seen by random probes.
 */
import { type StreamKey, words } from '@lowland/core';
import { axpy, dot, type Matrix, norm, tridiagonalEigen } from '@lowland/linalg';

import { removeSpan } from '../classify/hessian.ts';
import { type BlockOperator, images, removeSpanOfAll } from './block-operator.ts';

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
 * Costs probes · steps products, made for eight probes at once where the operator can. Lanczos with full reorthogonalisation, twice; a probe whose
 * Krylov space is invariant has an exact rule, and ends. Sources: S. Ubaru, J. Chen, Y. Saad, SIAM J. Matrix Anal. Appl. 38 (2017); Golub and Welsch 1969.
 */
export function stochasticLanczos(operator: BlockOperator, { key, probes, steps, deflate }: ProbeOptions): readonly ProbeRule[] {
  const count = Math.min(steps, operator.size - (deflate?.cols ?? 0));
  const rules: ProbeRule[] = [];
  for (let from = 0; from < probes; from += together) {
    const chains = Array.from({ length: Math.min(together, probes - from) }, (_, j) => new Chain(signs({ ...key, index: key.index * probes + from + j }, operator.size), deflate));
    for (let step = 0; step < count; step++) {
      const open = chains.filter(({ last }) => last !== undefined);
      const found = images(operator, open.map(({ last }) => last!));
      if (deflate !== undefined) removeSpanOfAll(deflate, found);
      found.forEach((image, j) => { open[j]!.extend(image); });
    }
    rules.push(...chains.map((chain) => chain.rule()));
  }
  return rules;
}

/** Probes in step with each other: as many as a batch of products has, and their bases in memory. */
const together = 8;

/** Lanczos from one start, a product at a time. */
class Chain {
  /** What is multiplied next; undefined where the space is invariant. */
  last: Float64Array | undefined;
  readonly #deflate: Matrix | undefined;
  readonly #squared: number;
  readonly #basis: Float64Array[] = [];
  readonly #diagonal: number[] = [];
  readonly #off: number[] = [];
  #scale = 0;

  constructor(start: Float64Array, deflate: Matrix | undefined) {
    this.#deflate = deflate;
    if (deflate !== undefined) removeSpan(deflate, start);
    const length = norm(start);
    this.#squared = length * length;
    if (length > 0) this.#push(start, length);
  }

  /** @param image the product with `last`, on the complement; written over */
  extend(image: Float64Array): void {
    const before = norm(image);
    this.#scale = Math.max(this.#scale, before);
    let own = this.#orthogonalise(image);
    own += this.#orthogonalise(image);
    if (this.#deflate !== undefined && norm(image) < before / 100) {
      // of what little is left rounding is more
      removeSpan(this.#deflate, image);
      own += this.#orthogonalise(image);
    }
    this.#diagonal.push(own);
    const left = norm(image);
    // what is left is rounding
    if (left <= (10 + Math.sqrt(image.length)) * 2 ** -50 * this.#scale) this.last = undefined;
    else {
      this.#off.push(left);
      this.#push(image, left);
    }
  }

  rule(): ProbeRule {
    const k = this.#diagonal.length;
    const { values, vectors } = tridiagonalEigen(Float64Array.from(this.#diagonal), Float64Array.from({ length: k }, (_, i) => (i + 1 < k ? this.#off[i]! : 0)));
    return { nodes: values, weights: values.map((_, j) => this.#squared * vectors.data[j]! ** 2) };
  }

  /** Takes the basis out of w; what it had along `last`. */
  #orthogonalise(w: Float64Array): number {
    let own = 0;
    for (const v of this.#basis) {
      const along = dot(v, w);
      if (v === this.last) own = along;
      axpy(-along, v, w);
    }
    return own;
  }

  #push(v: Float64Array, length: number): void {
    this.last = v.map((entry) => entry / length);
    this.#basis.push(this.last);
  }
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
