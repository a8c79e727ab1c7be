import { squaredNorm, weighted } from '../tasks/values.ts';
import type { NodeContender } from './contender.ts';

/** What is used of it. */
interface Tensor {
  dataSync(): ArrayLike<number>;
  dispose(): void;
}
interface Core {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor2d(data: Float32Array, shape: readonly [number, number]): Tensor;
  matMul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  sub(a: Tensor, b: Tensor): Tensor;
  mul(a: Tensor, factor: number): Tensor;
  tidy<T>(f: () => T): T;
}

const version = '4.22.0';

export const tfjsWasm: NodeContender = {
  name: 'tfjs-wasm',
  language: 'node',
  kinds: ['gemm', 'factorisation-descent'],
  dtypes: ['f32'],
  threaded: false,
  npm: { modules: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'], versions: { '@tensorflow/tfjs-core': version, '@tensorflow/tfjs-backend-wasm': version } },
  async open({ npm }) {
    const { setBackend, ready, tensor2d, matMul, sub, mul, tidy } = npm as Core;
    await setBackend('wasm');
    await ready();
    const of = (data: ArrayLike<number>, rows: number, cols: number) => tensor2d(Float32Array.from(data), [rows, cols]);
    return {
      version: `tfjs-backend-wasm ${version}`,
      preparers: {
        gemm: ({ n }, { a, b, left, right }) => {
          const [x, y] = [of(a!, n, n), of(b!, n, n)];
          let c: Tensor | undefined;
          return {
            run(times) {
              for (let i = 0; i < times; i += 1) {
                c?.dispose();
                c = matMul(x, y);
              }
            },
            values: () => [weighted(c!.dataSync(), left!, right!)],
          };
        },
        'factorisation-descent': ({ rows, cols, rank, iterations, step }, instance) => {
          const target = of(instance['target']!, rows, cols);
          const [u0, v0] = [of(instance['u']!, rows, rank), of(instance['v']!, cols, rank)];
          const residual = (u: Tensor, v: Tensor) => sub(matMul(u, v, false, true), target);
          let value = Number.NaN;
          return {
            run(times) {
              for (let i = 0; i < times; i += 1) {
                let [u, v] = [u0, v0];
                for (let k = 0; k < iterations; k += 1) {
                  const [from, to] = [u, v];
                  [u, v] = tidy(() => {
                    const r = residual(from, to);
                    return [sub(from, mul(matMul(r, to), step)), sub(to, mul(matMul(r, from, true, false), step))] as [Tensor, Tensor];
                  });
                  if (k > 0) {
                    from.dispose();
                    to.dispose();
                  }
                }
                value = tidy(() => squaredNorm(residual(u, v).dataSync()) / 2);
                u.dispose();
                v.dispose();
              }
            },
            values: () => [value],
          };
        },
      },
    };
  },
};
