import type { Evaluated, Point, Target } from '@lowland/core';
import { frobeniusNorm, gram, matrix, multiply, subtract, type Matrix } from '@lowland/linalg';

import { depthOf, layersOf, type Network } from './network.ts';

const roundoff = 2 ** -53;

/** The known map behind a network without decay on white inputs: its spectrum gives the least value, at the least width as rank. */
export function targetOf(network: Network): Target {
  const { rows, cols, data } = network.outputs;
  return { symmetric: false, rows, cols, data, at: (x) => evaluate(network, x) };
}

/**
 * The value on the host, and what rounding can do to it: entry (i, j) of W_N … W_1 is off by at most (h_1 + … + h_{N-1} + N) 2^-53 times that
 * of |W_N| … |W_1|, and so on as for factored problems.
 */
function evaluate(network: Network, x: Point): Evaluated {
  const { sizes, outputs, balance } = network;
  const depth = depthOf(network);
  const [, ...layers] = layersOf(network, x);
  const chain = (of: readonly Matrix[]): Matrix => of.slice(1).reduce((product, layer) => multiply(layer, product), of[0]!);
  const product = chain(layers);
  const magnitude = chain(layers.map(({ rows, cols, data }) => matrix(rows, cols, data.map(Math.abs))));
  const hidden = sizes.slice(1, depth);
  const steps = hidden.reduce((sum, size) => sum + size, depth + 2);
  let fit = 0;
  let rounding = 0;
  outputs.data.forEach((b, k) => {
    const rho = product.data[k]! - b;
    const size = magnitude.data[k]! + Math.abs(b);
    fit += rho * rho;
    rounding += steps * (Math.abs(rho) + steps * roundoff * size) * size;
  });
  let penalty = 0;
  for (let k = 1; balance > 0 && k < depth; k++) {
    const [below, above] = [layers[k - 1]!, layers[k]!];
    const difference = frobeniusNorm(subtract(gram(above), multiply(below, below, { transposeB: true })));
    const size = frobeniusNorm(above) ** 2 + frobeniusNorm(below) ** 2;
    const length = Math.max(above.rows, below.cols) + 4;
    penalty += (balance / 4) * difference ** 2;
    rounding += (balance / 2) * length * (difference + length * roundoff * size) * size;
  }
  const terms = outputs.data.length + (balance > 0 ? hidden.reduce((sum, size) => sum + size * size, 0) : 0);
  const value = fit / 2 + penalty;
  return { value, absoluteSum: value + rounding / terms, terms };
}
