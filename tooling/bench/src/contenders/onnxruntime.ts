/** ONNX Runtime's native kernels: each step is one graph of fused products, its results go to tensors that are there already. */
import type { Dtype } from '@lowland/core';

import { squaredNorm, weighted } from '../tasks/values.ts';
import type { NodeContender } from './contender.ts';
import { onnxModel, type OnnxNode } from './onnx-model.ts';

/** What is used of it. */
interface Tensor {
  readonly data: Float64Array | Float32Array;
}
interface Session {
  run(feeds: Readonly<Record<string, Tensor>>, fetches: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}
interface OnnxRuntime {
  readonly Tensor: new (type: 'float64' | 'float32', data: Float64Array | Float32Array, shape: readonly number[]) => Tensor;
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
}

const version = '1.30.0';

/** R = U V^T - M. Attributes are 32-bit floats, so steps are chosen to be such numbers. */
const residual: OnnxNode = { operator: 'Gemm', inputs: ['u', 'v', 'm'], outputs: ['r'], attributes: { transB: 1n, alpha: 1, beta: -1 } };
const square: OnnxNode = { operator: 'ReduceSumSquare', inputs: ['r'], outputs: ['square'], attributes: { keepdims: 0n } };

export const onnxruntime: NodeContender = {
  name: 'onnxruntime',
  language: 'node',
  kinds: ['gemm', 'factorisation-gradient', 'factorisation-descent'],
  dtypes: ['f64', 'f32'],
  threaded: true,
  npm: { modules: ['onnxruntime-node'], versions: { 'onnxruntime-node': version } },
  async open({ npm, threads, dtype }) {
    const { Tensor: OnnxTensor, InferenceSession } = npm as OnnxRuntime;
    const of = (shape: readonly number[], data: ArrayLike<number> | number) => tensor(OnnxTensor, dtype, shape, data);
    const session = (inputs: Shapes, outputs: Shapes, nodes: readonly OnnxNode[]) =>
      InferenceSession.create(onnxModel(dtype, values(inputs), values(outputs), nodes), { intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all' });
    return {
      version: `onnxruntime-node ${version}, ${threads} thread${threads === 1 ? '' : 's'}`,
      preparers: {
        gemm: async ({ n }, { a, b, left, right }) => {
          const shape = [n, n];
          const graph = await session({ a: shape, b: shape }, { c: shape }, [{ operator: 'MatMul', inputs: ['a', 'b'], outputs: ['c'] }]);
          const [feeds, fetches] = [{ a: of(shape, a!), b: of(shape, b!) }, { c: of(shape, 0) }];
          return {
            async run(times) {
              for (let i = 0; i < times; i += 1) await graph.run(feeds, fetches);
            },
            values: () => [weighted(fetches.c.data, left!, right!)],
          };
        },
        'factorisation-gradient': async ({ rows, cols, rank }, { target, u, v }) => {
          const shapes = { m: [rows, cols], u: [rows, rank], v: [cols, rank] };
          const graph = await session(shapes, { square: [], gu: shapes.u, gv: shapes.v }, [
            residual,
            square,
            { operator: 'MatMul', inputs: ['r', 'v'], outputs: ['gu'] },
            { operator: 'Gemm', inputs: ['r', 'u'], outputs: ['gv'], attributes: { transA: 1n } },
          ]);
          const feeds = { m: of(shapes.m, target!), u: of(shapes.u, u!), v: of(shapes.v, v!) };
          const fetches = { square: of([], 0), gu: of(shapes.u, 0), gv: of(shapes.v, 0) };
          return {
            async run(times) {
              for (let i = 0; i < times; i += 1) await graph.run(feeds, fetches);
            },
            values: () => [fetches.square.data[0]! / 2, squaredNorm(fetches.gu.data) + squaredNorm(fetches.gv.data)],
          };
        },
        'factorisation-descent': async ({ rows, cols, rank, iterations, step }, { target, u, v }) => {
          const shapes = { m: [rows, cols], u: [rows, rank], v: [cols, rank] };
          const next = await session(shapes, { u2: shapes.u, v2: shapes.v }, [
            residual,
            { operator: 'Gemm', inputs: ['r', 'v', 'u'], outputs: ['u2'], attributes: { alpha: -step, beta: 1 } },
            { operator: 'Gemm', inputs: ['r', 'u', 'v'], outputs: ['v2'], attributes: { transA: 1n, alpha: -step, beta: 1 } },
          ]);
          const value = await session(shapes, { square: [] }, [residual, square]);
          const m = of(shapes.m, target!);
          const start = { u: of(shapes.u, u!), v: of(shapes.v, v!) };
          // Two points take turns as the one that is read and the one that is written.
          const points = [0, 1].map(() => ({ u: of(shapes.u, 0), v: of(shapes.v, 0) }));
          const result = { square: of([], 0) };
          return {
            async run(times) {
              for (let i = 0; i < times; i += 1) {
                let from = start;
                for (let k = 0; k < iterations; k += 1) {
                  const to = points[k % 2]!;
                  await next.run({ m, ...from }, { u2: to.u, v2: to.v });
                  from = to;
                }
                await value.run({ m, ...from }, result);
              }
            },
            values: () => [result.square.data[0]! / 2],
          };
        },
      },
    };
  },
};

type Shapes = Readonly<Record<string, readonly number[]>>;
const values = (shapes: Shapes) => Object.entries(shapes).map(([name, shape]) => ({ name, shape }));

function tensor(Type: OnnxRuntime['Tensor'], dtype: Dtype, shape: readonly number[], data: ArrayLike<number> | number): Tensor {
  const length = shape.reduce((product, size) => product * size, 1);
  const numbers = typeof data === 'number' ? new Float64Array(length).fill(data) : data;
  return dtype === 'f64' ? new Type('float64', Float64Array.from(numbers), shape) : new Type('float32', Float32Array.from(numbers), shape);
}
