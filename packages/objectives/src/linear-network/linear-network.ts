import {
  createPoint,
  fingerprint,
  LowlandError,
  normals,
  type Capability,
  type CapabilityMap,
  type DataMap,
  type Device,
  type KernelName,
  type Memory,
  type Objective,
  type Route,
  type Routes,
  type Truth,
} from '@lowland/core';
import { frobeniusNorm, identity, multiply, norm } from '@lowland/linalg';

import { requireNonNegative, requireTruth } from '../factored/checks.ts';
import { factsOf, statesOptimum } from '../factored/facts.ts';
import type { Given, WhenZero } from '../factored/literal.ts';
import { once } from '../factored/once.ts';
import { newMatrix } from '../factored/term.ts';
import { depthOf, layerName, layersOf, networkLayout, type Network } from './network.ts';
import { bindNetwork, type NetworkOracles } from './oracles.ts';
import { root } from './root.ts';
import { samplesOf } from './samples.ts';
import { scaleOf } from './scale.ts';
import { isFree, networkSymmetry } from './symmetry.ts';
import { targetOf } from './target.ts';
import { leastValue, levelsOf, stationaryPoints } from './truth.ts';

export interface LinearNetworkOptions {
  /** The map M itself, outputs x inputs; or, with `inputs` > 0, samples as rows: x first, then y. */
  readonly data: DataMap['matrix'];
  /** Leading columns of `data` that are inputs; default 0: `data` is M, as with whitened inputs. */
  readonly inputs?: number;
  /** Layers N, at least 2; default 3. */
  readonly depth?: number;
  /** Of the hidden layers: one number for all, or N - 1; default 4. */
  readonly width?: number | readonly number[];
  /** Weight >= 0 of 1/4 sum |W_{k+1}^T W_{k+1} - W_k W_k^T|^2; default 0. */
  readonly balance?: number;
  /** Weight decay >= 0 of 1/2 sum |W_i|^2; default 0. */
  readonly lambda?: number;
  /** The map that was planted, where it is known. */
  readonly truth?: DataMap['matrix'];
}

type Always = keyof NetworkOracles | 'symmetry' | 'scale' | 'predict' | 'truth';

/** Without decay, the spectrum of a map that is given itself tells the optimum. */
export type LinearNetworkCapability<O> = Always | WhenZero<Given<O, 'lambda', 0>, WhenZero<Given<O, 'inputs', 0>, 'target', never>, never>;

/**
 * A linear network of any depth,
 *
 *     f(W_1, …, W_N) = 1/2 |W_N … W_1 X - Y|_F^2 + (balance/4) sum_k |W_{k+1}^T W_{k+1} - W_k W_k^T|_F^2 + (lambda/2) sum_i |W_i|_F^2,
 *
 * W_i: h_i x h_{i-1}. With G = (W X - Y) X^T, W = W_N … W_1: grad_i = (W_N … W_{i+1})^T G (W_{i-1} … W_1)^T. A Hessian-vector
 * product costs at most 8/3 gradients, 7/3 for two layers. Without penalties every local minimum is global; for two layers all other
 * stationary points are strict saddles, for three and more the Hessian vanishes at the origin. The default start has iid normal
 * entries, so that its predictions are as large as Y.
 *
 * Sources: Baldi, Hornik 1989 (doi:10.1016/0893-6080(89)90014-2); Saxe, McClelland, Ganguli 2013 (arXiv 1312.6120); Kawaguchi 2016
 * (arXiv 1605.07110); Zhu, Soudry, Eldar, Wakin 2018 (arXiv 1805.04938).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE for data that are no finite matrix, or a planted map of another shape
 * @throws LOWLAND_E_OPTIONS when inputs, depth, width, balance or lambda is out of range
 */
export function linearNetwork<const O extends LinearNetworkOptions>(options: O & LinearNetworkOptions): Objective<LinearNetworkCapability<O>> {
  const { data, inputs = 0, depth = 3, width = 4, balance = 0, lambda = 0, truth }: LinearNetworkOptions = options;
  const samples = samplesOf(data, inputs);
  requireNonNegative('balance', balance);
  requireNonNegative('lambda', lambda);
  const sizes = [samples.inputs?.rows ?? samples.outputs.cols, ...hiddenSizes(depth, width), samples.outputs.rows];
  requireTruth(truth, sizes[depth]!, sizes[0]!);
  const layout = networkLayout(sizes);
  const network: Network = { ...samples, sizes, layout, ridge: lambda, balance };
  const digest = once(() => fingerprint('matrix', [data.rows, data.cols], data.values));
  const levels = once(() => levelsOf(network));

  const known: Truth = {
    // Decay moves the stationary points to where no closed form is known at every depth.
    ...(lambda === 0 && {
      get optimum() {
        return leastValue(levels(), Math.min(...sizes));
      },
      stationaryPoints: () => stationaryPoints(network, levels()),
    }),
    ...(truth && {
      distance: (x) => {
        const layers = layersOf(network, x);
        const map = layers.slice(2).reduce((product, layer) => multiply(layer, product), layers[1]!);
        return norm(map.data.map((value, k) => value - truth.values[k]!));
      },
    }),
  };
  const objective: Objective<Always> = {
    id: 'linear-network',
    layout,
    scale: '1/2 |W_N … W_1 X - Y|_F^2',
    options: { inputs, depth, width, balance, lambda },
    get data() {
      return digest();
    },
    routes: routesOf(network, known),
    facts: factsOf({ optimum: statesOptimum(known), 'GL(r)': depth === 2 && isFree(network) }),
    upload: (device, memory) => once(() => bindNetwork(network, device, memory)),
    bytes: (dtype) => bytesOf(network) * (dtype === 'f64' ? 8 : 4),
    initial(key) {
      const point = createPoint(layout);
      const size = norm(samples.outputs.data);
      if (size === 0) return point;
      normals(key, point.data);
      // E |W_N … W_1 X|^2 = s^2N h_N … h_1 |X|^2
      const gain = sizes.slice(1).reduce((product, rows) => product * Math.sqrt(rows), samples.inputs === undefined ? Math.sqrt(sizes[0]!) : frobeniusNorm(samples.inputs));
      const s = gain > 0 && Number.isFinite(gain) ? root(size / gain, depth) : 1;
      for (let k = 0; k < point.data.length; k++) point.data[k]! *= s;
      return point;
    },
  };
  return objective as Objective<LinearNetworkCapability<O>>;
}

type Uploaded = () => NetworkOracles;

function routesOf(network: Network, truth: Truth): Routes<Always, Uploaded> {
  const oracle = <K extends keyof NetworkOracles>(kernels: readonly KernelName[], pick: (oracles: NetworkOracles) => CapabilityMap[K]): readonly Route<K, Uploaded>[] => [
    { kernels, label: 'composed', bind: (oracles) => pick(oracles()) },
  ];
  const products = ['axpy', 'copy', 'gemm'] as const;
  return {
    value: oracle<'value'>(['axpy', 'dot', 'gemm'], (oracles) => oracles.value),
    gradient: oracle<'gradient'>(products, (oracles) => oracles.gradient),
    valueAndGradient: oracle<'valueAndGradient'>([...products, 'dot'], (oracles) => oracles.valueAndGradient),
    hessianVectorProduct: oracle<'hessianVectorProduct'>(products, (oracles) => oracles.hessianVectorProduct),
    blockGradient: oracle<'blockGradient'>(products, (oracles) => oracles.blockGradient),
    residual: oracle<'residual'>([...products, 'fill', 'scal'], (oracles) => oracles.residual),
    symmetry: [{ kernels: ['fill', 'gemm'], label: 'composed', bind: (_oracles, device, memory) => networkSymmetry(network, device, memory) }],
    scale: hostRoute<'scale'>(scaleOf(network)),
    predict: [{ kernels: ['gemm', 'sddmm'], label: 'composed', bind: (_oracles, device, memory) => bindPredict(network, device, memory) }],
    truth: hostRoute<'truth'>(truth),
    ...(network.ridge === 0 && network.inputs === undefined && { target: hostRoute<'target'>(targetOf(network)) }),
  };
}

/** A capability that lives on the host and needs no kernel. */
function hostRoute<K extends Capability>(capability: CapabilityMap[K]): readonly Route<K, Uploaded>[] {
  return [{ kernels: [], label: 'composed', bind: () => capability }];
}

/** Entries of W_N … W_1: rows of W_N times columns of the rest. */
function bindPredict(network: Network, device: Device, memory: Memory): CapabilityMap['predict'] {
  const { sizes, layout } = network;
  const depth = depthOf(network);
  const { gemm, sddmm } = device.kernels;
  const inputs = sizes[0]!;
  const unit = newMatrix(device, memory, inputs, inputs);
  device.write(unit, identity(inputs).data);
  /** (W_i … W_1)^T */
  const products = sizes.slice(1, depth).map((rows) => newMatrix(device, memory, inputs, rows));
  return (x, row, col, out) => {
    const layers = device.blocks(x, layout);
    for (let i = 1; i < depth; i++) gemm('N', 'T', 1, i === 1 ? unit : products[i - 2]!, layers[layerName(i)]!, 0, products[i - 1]!);
    sddmm(row, col, layers[layerName(depth)]!, products[depth - 2]!, out);
  };
}

function hiddenSizes(depth: number, width: number | readonly number[]): readonly number[] {
  if (!Number.isSafeInteger(depth) || depth < 2) throw new LowlandError('LOWLAND_E_OPTIONS', `depth is the number of layers, at least 2; ${depth} was given.`, { details: { depth } });
  const widths = typeof width === 'number' ? Array.from({ length: depth - 1 }, () => width) : width;
  if (widths.length === depth - 1 && widths.every((size) => Number.isSafeInteger(size) && size >= 1)) return widths;
  throw new LowlandError('LOWLAND_E_OPTIONS', `width is a positive integer, or ${depth - 1} of them for ${depth} layers; ${JSON.stringify(width)} was given.`, { details: { width, depth } });
}

/** Numbers on a device: data, variables, and what the oracles keep of a pass. */
function bytesOf({ sizes, inputs, outputs, layout }: Network): number {
  const variables = layout.blocks.reduce((sum, { shape }) => sum + shape[0]! * shape[1]!, 0);
  const activations = outputs.cols * sizes.slice(1).reduce((sum, rows) => sum + rows, 0);
  return (inputs?.data.length ?? 0) + outputs.data.length + 2 * variables + 4 * activations;
}
