/**
 * O(h_1) x … and GL(h_1) x … on the layers of a network without activations.
 */
import { createPoint, type Layout } from '@lowland/core';
import { frobeniusNorm, type Matrix, matrix, multiply, norm, scaleColumns, thinSvd, transpose } from '@lowland/linalg';

import { hasRank } from '../factored.ts';
import type { Action } from './action.ts';
import { stiefelEuler } from './columns.ts';
import { columnsFrom, inverse, randomInvertible, randomOrthogonal, skewPairs } from './elements.ts';
import { balancedChain, type Chain, chainInvariant, moved, nearestTurns, ofDegreeTwo, principalChain, productOf, reachedRanks } from './layer-chains.ts';
import { determinantSign } from './rotation.ts';

/**
 * (W_k, W_{k+1}) -> (G_k W_k, W_{k+1} G_k^-1) at every hidden layer; elements are G_1, …, G_{N-1}.
 *
 * - GL: closures of orbits are told apart by W_N … W_1 alone (Le Bruyn and Procesi 1990). Each holds the balanced layers of its product, which
 *   have the least sum of squares (Kempf and Ness 1979) and stand for it.
 * - O: told apart by the product and Grams of layers in a row. That is enough for two layers, for layers of full rank that narrow from
 *   one end to the other, and for balanced ones such as stationary points with weight decay; other orbits can be taken for one. The
 *   nearest point is found by Procrustes problems in turns: exact where these chains lie in one orbit, else what `distance` gives is an upper bound.
 *
 * Ranks are of what inputs and outputs reach, and components and Euler characteristics are for chains that vanish elsewhere. The k-th fixed space uses the first k
 * neurons of each layer: what is fixed by the signs of the others.
 */
export function layerAction(layout: Layout, group: string): Action {
  const shapes = layout.blocks.map(({ shape: [rows = 1, cols = 1] }) => [rows, cols] as const);
  const widths = shapes.slice(0, -1).map(([rows]) => rows);
  const depth = shapes.length;
  const general = group.startsWith('GL');
  const chainOf = (x: Float64Array): Chain => {
    let offset = 0;
    return shapes.map(([rows, cols]) => matrix(rows, cols, x.slice(offset, (offset += rows * cols))));
  };
  const flat = (chain: Chain): Float64Array => createPoint(layout, Float64Array.from(chain.flatMap(({ data }) => [...data]))).data;
  const standing = (x: Float64Array): Chain => (general ? balancedChain(chainOf(x)) : chainOf(x));
  return {
    group,
    by: general ? 'product of the layers' : 'product and Grams of the layers',
    degree: 2,
    act: (x, element) => flat(moved(chainOf(x), element, element.map(general ? inverse : transpose))),
    random: (key) => widths.map((width, k) => (general ? randomInvertible : randomOrthogonal)(width, { ...key, index: widths.length * key.index + k })),
    generators(x) {
      const chain = chainOf(x);
      const direction = (k: number, a: number, b: number) => (out: Float64Array): void => {
        const generator = matrix(widths[k]!, widths[k]!);
        generator.data[a * widths[k]! + b] = 1;
        if (!general) generator.data[b * widths[k]! + a] = -1;
        out.set(flat(chain.map((layer, at) => {
          if (at === k) return multiply(generator, layer);
          if (at !== k + 1) return matrix(layer.rows, layer.cols);
          return scaleColumns(multiply(layer, generator), new Float64Array(layer.cols).fill(-1));
        })));
      };
      const all = (width: number): readonly (readonly [number, number])[] => Array.from({ length: width * width }, (_, at) => [Math.floor(at / width), at % width]);
      return columnsFrom(x.length, widths.flatMap((width, k) => (general ? all(width) : skewPairs(width)).map(([a, b]) => direction(k, a, b))));
    },
    invariant(x) {
      const chain = chainOf(x);
      if (!general) return chainInvariant(chain);
      const product = productOf(chain);
      return ofDegreeTwo(product.data, depth, frobeniusNorm(product) ** (1 / depth));
    },
    canonical: (x, zero) => flat(principalChain(standing(x), zero)),
    align(x, y) {
      const [from, to] = [standing(x), standing(y)];
      const element = nearestTurns(from, to);
      const twofold = depth === 2 && reachedRanks(from, 1e-10 * norm(flat(from)))[0] === widths[0];
      return { point: flat(moved(from, element, element.map(transpose))), component: twofold && determinantSign(element[0]!) < 0 ? 1 : 0 };
    },
    ...(general && {
      balance(x: Float64Array) {
        const chain = chainOf(x);
        const { s } = thinSvd(productOf(chain));
        // Every neuron counts: then the layers between are square, and invertible.
        if (widths.some((width) => width !== widths[0]) || !hasRank(s, widths[0]!, chain.reduce((size, layer) => size * frobeniusNorm(layer), 1))) return undefined;
        const balanced = balancedChain(chain);
        const element: Matrix[] = [];
        for (let k = 0; k + 1 < depth; k++) element.push(multiply(k === 0 ? balanced[0]! : multiply(balanced[k]!, element[k - 1]!), inverse(chain[k]!)));
        return { point: flat(balanced), element };
      },
    }),
    orbit(x, zero) {
      // Of a product its singular values are small, of which balanced layers have the roots.
      const size = norm(x);
      const ranks = reachedRanks(standing(x), general && size > 0 ? size * (zero / size) ** (1 / depth) : zero);
      const components = 2 ** ranks.filter((rank, k) => rank === widths[k]).length;
      return {
        components,
        twofold: depth === 2 && components === 2,
        euler: general ? null : ranks.reduce((all, rank, k) => all * stiefelEuler(widths[k]!, rank), 1),
        rank: Math.min(...ranks),
        unused: ranks.reduce((sum, rank, k) => sum + widths[k]! - rank, 0),
      };
    },
    fixedSpaces: Math.max(...widths),
    intoFixedSpace: (x, k) =>
      flat(chainOf(x).map(({ rows, cols, data }, at) => matrix(rows, cols, data.map((value, index) => {
        const [i, j] = [Math.floor(index / cols), index % cols];
        return (at < depth - 1 && i >= k) || (at > 0 && j >= k) ? 0 : value;
      })))),
  };
}
