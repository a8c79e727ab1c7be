import type { Point, Scale } from '@lowland/core';
import { frobeniusNorm, multiply, norm, symmetricEigen, gram, type Matrix } from '@lowland/linalg';

import { once } from '../factored/once.ts';
import { depthOf, layersOf, type Network } from './network.ts';

/**
 * The sizes that tolerances are relative to.
 *
 * gradient: the norms of the terms that cancel in it, one by one: B X^T-products of the prediction and of Y, ridge W_i, and those of
 * the balancing term. Hessian: with s_i = |W_i|_2 and the map W multilinear, |D^k W [unit directions]| <= c_k, the Frobenius norm of the
 * tensor of products of all s but k different ones; the third derivative is at most 3 |X|^2 c_1 c_2 + |X| |R| c_3, and 6 balance
 * sqrt(s_k^2 + s_{k+1}^2) for each hidden layer.
 */
export function scaleOf(network: Network): Scale {
  const { inputs, outputs, constant, ridge, balance } = network;
  const depth = depthOf(network);
  const zeroValue = norm(outputs.data) ** 2 / 2 + constant;
  const inputNorm = once(() => (inputs === undefined ? 1 : spectralNorm(inputs)));

  /** A_0 … A_{N-1}, A_0 undefined where it is the identity, and the prediction A_N. */
  const pass = (layers: readonly Matrix[]) => {
    const activations: (Matrix | undefined)[] = [inputs];
    for (let i = 1; i <= depth; i++) {
      const before = activations[i - 1];
      activations.push(before === undefined ? layers[i]! : multiply(layers[i]!, before));
    }
    return { activations, prediction: activations[depth]! };
  };

  return {
    zeroValue,
    gradient(x: Point) {
      const layers = layersOf(network, x);
      const { activations, prediction } = pass(layers);
      let sum = 0;
      for (const seed of [prediction, outputs]) {
        let b = seed;
        for (let i = depth; i >= 1; i--) {
          const a = activations[i - 1];
          sum += frobeniusNorm(a === undefined ? b : multiply(b, a, { transposeB: true }));
          if (i > 1) b = multiply(layers[i]!, b, { transposeA: true });
        }
      }
      for (let i = 1; i <= depth; i++) sum += ridge * frobeniusNorm(layers[i]!);
      for (let k = 1; balance > 0 && k < depth; k++) {
        const [below, above] = [layers[k]!, layers[k + 1]!];
        const [left, right] = [gram(above), multiply(below, below, { transposeB: true })];
        for (const d of [left, right]) sum += balance * (frobeniusNorm(multiply(above, d)) + frobeniusNorm(multiply(d, below)));
      }
      return sum;
    },
    hessianLipschitz(x: Point) {
      const layers = layersOf(network, x);
      const { prediction } = pass(layers);
      const residual = Math.sqrt(prediction.data.reduce((sum, value, k) => sum + (value - outputs.data[k]!) ** 2, 0));
      const s = layers.slice(1).map(spectralNorm);
      let bound = inputNorm() * (3 * inputNorm() * productsWithout(s, 1) * productsWithout(s, 2) + residual * productsWithout(s, 3));
      for (let k = 0; k + 1 < depth; k++) bound += 6 * balance * Math.sqrt(s[k]! ** 2 + s[k + 1]! ** 2);
      return bound;
    },
  };
}

/** The Frobenius norm of the tensor over ordered tuples of `count` different places, of the products of the other s. */
function productsWithout(s: readonly number[], count: number): number {
  let sum = 0;
  const visit = (from: number, left: number, product: number): void => {
    if (left === s.length - from) {
      sum += product ** 2;
      return;
    }
    visit(from + 1, left, product * s[from]!);
    if (left > 0) visit(from + 1, left - 1, product);
  };
  if (count > s.length) return 0;
  visit(0, count, 1);
  // every set of places comes in count! orders
  return Math.sqrt(sum * [1, 1, 2, 6][count]!);
}

/** NaN where the matrix is not finite. */
function spectralNorm(a: Matrix): number {
  const g = gram(a);
  return g.data.every(Number.isFinite) ? Math.sqrt(Math.max(0, symmetricEigen(g).values[0]!)) : NaN;
}
