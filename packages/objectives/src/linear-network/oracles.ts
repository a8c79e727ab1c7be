/**
 * The oracles of a linear network by one pass forward and one back, as in backpropagation. With A_0 = X, A_i = W_i A_{i-1},
 * R = A_N - Y, B_N = R, B_{i-1} = W_i^T B_i:
 *
 *     grad_i = B_i A_{i-1}^T
 *     Hess_i[V] = dB_i A_{i-1}^T + B_i dA_{i-1}^T,   dA_i = V_i A_{i-1} + W_i dA_{i-1},   dB_{i-1} = V_i^T B_i + W_i^T dB_i
 *
 * Each layer costs three products in the gradient and eight in a Hessian-vector product, which forms what it needs of A and B once:
 * at most 8/3 gradients, 7/3 for two layers. Products bound by arithmetic.
 */
import type { CapabilityMap, Device, Layout, Mat, Memory, Vec } from '@lowland/core';

import { once } from '../factored/once.ts';
import { newMatrix, newVector } from '../factored/term.ts';
import { bindBalance } from './balance.ts';
import { depthOf, layerName, layerNumber, type Network } from './network.ts';

export type NetworkOracles = Pick<CapabilityMap, 'value' | 'gradient' | 'valueAndGradient' | 'hessianVectorProduct' | 'blockGradient' | 'residual'>;

export function bindNetwork(network: Network, device: Device, memory: Memory): NetworkOracles {
  const { sizes, layout, ridge, balance, constant } = network;
  const { axpy, copy, dot, fill, gemm, scal } = device.kernels;
  const depth = depthOf(network);
  const columns = network.outputs.cols;
  const upload = (m: { rows: number; cols: number; data: Float64Array }): Mat => device.matrix(newVector(device, memory, m.data), 0, m.rows, m.cols);
  const input = network.inputs && upload(network.inputs);
  const target = upload(network.outputs);
  const layer = (x: Vec, i: number): Mat => device.blocks(x, layout)[layerName(i)]!;

  /** h_i x columns for i = from … to, at those places. */
  const activations = (from: number, to: number) => sizes.map((rows, i) => (i < from || i > to ? undefined : newMatrix(device, memory, rows, columns)));
  // A_1 is W_1 itself where the input is the identity.
  const first = input === undefined ? 2 : 1;
  const forward = activations(first, depth);
  const backward = once(() => activations(1, depth - 1));
  const forwardTangent = once(() => activations(first, depth));
  const backwardTangent = once(() => activations(1, depth - 1));
  /** A_i (or, of a direction, dA_i where the layers before do not move). */
  const at = (stored: readonly (Mat | undefined)[], x: Vec, i: number): Mat => (i < first ? layer(x, i) : stored[i]!);

  /** A_1 … A_N; R instead of A_N. */
  const pass = (x: Vec): Mat => {
    if (input !== undefined) gemm('N', 'N', 1, layer(x, 1), input, 0, forward[1]!);
    for (let i = 2; i <= depth; i++) gemm('N', 'N', 1, layer(x, i), at(forward, x, i - 1), 0, forward[i]!);
    const residual = forward[depth]!;
    axpy(-1, target, residual);
    return residual;
  };
  /** out_i += B_i A_{i-1}^T for i = N … 1 with B_N = seed; of one layer alone if `only` is given. */
  const pull = (x: Vec, seed: Mat, beta: 0 | 1, out: Vec, only?: number): void => {
    let b = seed;
    for (let i = depth; i >= 1; i--) {
      if (only === undefined || only === i) toWeights(x, i, b, beta, out);
      if (i === (only ?? 1)) return;
      const below = backward()[i - 1]!;
      gemm('T', 'N', 1, layer(x, i), b, 0, below);
      b = below;
    }
  };
  /** out_i += b A_{i-1}^T */
  const toWeights = (x: Vec, i: number, b: Mat, beta: 0 | 1, out: Vec): void => {
    if (i > 1) gemm('N', 'T', 1, b, at(forward, x, i - 1), beta, layer(out, i));
    else if (input !== undefined) gemm('N', 'T', 1, b, input, beta, layer(out, 1));
    else if (beta === 0) copy(b, layer(out, 1));
    else axpy(1, b, layer(out, 1));
  };
  /** dA_1 … dA_N along v, A_i known; gives dA_N. */
  const push = (x: Vec, v: Vec, out?: Mat): Mat => {
    const tangent = forwardTangent();
    if (input !== undefined) gemm('N', 'N', 1, layer(v, 1), input, 0, tangent[1]!);
    for (let i = 2; i <= depth; i++) {
      const to = i === depth && out !== undefined ? out : tangent[i]!;
      gemm('N', 'N', 1, layer(v, i), at(forward, x, i - 1), 0, to);
      gemm('N', 'N', 1, layer(x, i), at(tangent, v, i - 1), 1, to);
    }
    return out ?? tangent[depth]!;
  };

  const imbalance = balance > 0 ? bindBalance(network, device, memory) : undefined;
  const terms = imbalance?.count ?? 0;
  // |R|^2, 1, |x|^2, |D_i|^2
  const sums = newVector(device, memory, Float64Array.from({ length: 3 + terms }, (_, k) => Number(k === 1)));
  const weights = newVector(device, memory, Float64Array.from({ length: 3 + terms }, (_, k) => [0.5, constant, ridge / 2][k] ?? balance / 4));
  const valueOf = (x: Vec, residual: Mat, out: Vec): void => {
    dot(residual, residual, sums, 0);
    if (ridge > 0) dot(x, x, sums, 2);
    imbalance?.sums(x, sums, 3);
    dot(weights, sums, out, 0);
  };
  const addPenalties = (x: Vec, out: Vec): void => {
    if (ridge > 0) axpy(ridge, x, out);
    imbalance?.gradient(x, out);
  };

  return {
    value(x, out) {
      valueOf(x, pass(x), out);
    },
    gradient(x, out) {
      pull(x, pass(x), 0, out);
      imbalance?.prepare(x);
      addPenalties(x, out);
    },
    valueAndGradient(x, value, out) {
      const residual = pass(x);
      valueOf(x, residual, value);
      pull(x, residual, 0, out);
      addPenalties(x, out);
    },
    blockGradient(x, block, out) {
      const i = layerNumber(network, block);
      pull(x, pass(x), 0, out, i);
      if (ridge > 0) axpy(ridge, layer(x, i), layer(out, i));
      imbalance?.prepare(x);
      imbalance?.gradient(x, out, i);
    },
    hessianVectorProduct(x, v, out) {
      let b = pass(x);
      let db = push(x, v);
      for (let i = depth; i >= 1; i--) {
        toWeights(x, i, db, 0, out);
        if (i === 1) break;
        gemm('N', 'T', 1, b, at(forwardTangent(), v, i - 1), 1, layer(out, i));
        const dBelow = backwardTangent()[i - 1]!;
        gemm('T', 'N', 1, layer(v, i), b, 0, dBelow);
        gemm('T', 'N', 1, layer(x, i), db, 1, dBelow);
        db = dBelow;
        // B_1 is needed by no layer
        if (i === 2) continue;
        const below = backward()[i - 1]!;
        gemm('T', 'N', 1, layer(x, i), b, 0, below);
        b = below;
      }
      if (ridge > 0) axpy(ridge, v, out);
      imbalance?.curvature(x, v, out);
    },
    residual: bindResidual(),
  };

  /** R, then the square root of twice the constant, then the penalties: f = 1/2 |r|^2. */
  function bindResidual(): CapabilityMap['residual'] {
    const parts = [
      { name: 'fit', shape: [sizes[depth]!, columns] as const },
      ...(constant > 0 ? [{ name: 'constant', shape: [1, 1] as const }] : []),
      ...(ridge > 0 ? [{ name: 'ridge', shape: [layout.blocks.reduce((sum, { shape }) => sum + shape[0]! * shape[1]!, 0), 1] as const }] : []),
      ...Array.from({ length: terms }, (_, k) => ({ name: `balance${k + 1}`, shape: [sizes[k + 1]!, sizes[k + 1]!] as const })),
    ];
    const shapes: Layout = { blocks: parts };
    const root = Math.sqrt(ridge);
    const split = (w: Vec) => device.blocks(w, shapes);
    return {
      degree: terms > 0 ? Math.max(2, depth) : depth,
      length: parts.reduce((sum, { shape }) => sum + shape[0] * shape[1], 0),
      evaluate(x, out) {
        const part = split(out);
        copy(pass(x), part['fit']!);
        if (part['constant']) fill(part['constant'], Math.sqrt(2 * constant));
        if (part['ridge']) {
          copy(x, part['ridge']);
          scal(root, part['ridge']);
        }
        for (let k = 1; k <= terms; k++) imbalance!.residual(x, k, part[`balance${k}`]!);
      },
      jvp(x, v, out) {
        const part = split(out);
        pass(x);
        push(x, v, part['fit']);
        if (part['constant']) fill(part['constant'], 0);
        if (part['ridge']) {
          copy(v, part['ridge']);
          scal(root, part['ridge']);
        }
        for (let k = 1; k <= terms; k++) imbalance!.jvp(x, v, k, part[`balance${k}`]!);
      },
      vjp(x, w, out) {
        const part = split(w);
        pass(x);
        pull(x, part['fit']!, 0, out);
        if (part['ridge']) axpy(root, part['ridge'], out);
        for (let k = 1; k <= terms; k++) imbalance!.vjp(x, k, part[`balance${k}`]!, out);
      },
    };
  }
}
