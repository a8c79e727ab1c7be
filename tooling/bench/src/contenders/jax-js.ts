import { squaredNorm, weighted } from '../tasks/values.ts';
import type { NodeContender } from './contender.ts';

/** What is used of it: arrays are consumed by every operation, `ref` keeps one. */
interface JaxArray {
  readonly ref: JaxArray;
  transpose(): JaxArray;
  sub(other: JaxArray): JaxArray;
  mul(factor: number): JaxArray;
  dispose(): void;
  blockUntilReady(): Promise<JaxArray>;
  data(): Promise<ArrayLike<number>>;
}
interface Jax {
  init(device: string): Promise<readonly string[]>;
  defaultDevice(device: string): void;
  jit<A extends JaxArray[], R>(f: (...parameters: A) => R): (...parameters: A) => R;
  readonly numpy: {
    array(data: Float32Array | Float64Array, options: { shape: readonly number[]; dtype: string }): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
  };
}

const version = '0.1.25';

export const jaxJs: NodeContender = {
  name: 'jax-js',
  language: 'node',
  kinds: ['gemm', 'factorisation-descent'],
  dtypes: ['f32'],
  threaded: false,
  npm: { modules: ['@jax-js/jax'], versions: { '@jax-js/jax': version } },
  async open({ npm }) {
    const { init, defaultDevice, jit, numpy } = npm as Jax;
    await init('wasm');
    defaultDevice('wasm');
    const of = (data: ArrayLike<number>, rows: number, cols: number) => numpy.array(Float32Array.from(data), { shape: [rows, cols], dtype: 'float32' });
    return {
      version: `jax-js ${version}, wasm`,
      preparers: {
        gemm: ({ n }, { a, b, left, right }) => {
          const [x, y] = [of(a!, n, n), of(b!, n, n)];
          let c: JaxArray | undefined;
          return {
            async run(times) {
              for (let i = 0; i < times; i += 1) {
                c?.dispose();
                c = await numpy.matmul(x.ref, y.ref).blockUntilReady();
              }
            },
            values: async () => [weighted(await c!.ref.data(), left!, right!)],
          };
        },
        'factorisation-descent': ({ rows, cols, rank, iterations, step }, instance) => {
          const target = of(instance['target']!, rows, cols);
          const [u0, v0] = [of(instance['u']!, rows, rank), of(instance['v']!, cols, rank)];
          const residual = (u: JaxArray, v: JaxArray, m: JaxArray) => numpy.matmul(u, v.transpose()).sub(m);
          const next = jit((u: JaxArray, v: JaxArray, m: JaxArray) => {
            const r = residual(u.ref, v.ref, m);
            return [u.ref.sub(numpy.matmul(r.ref, v.ref).mul(step)), v.sub(numpy.matmul(r.transpose(), u).mul(step))] as const;
          });
          let value = Number.NaN;
          return {
            async run(times) {
              for (let i = 0; i < times; i += 1) {
                let [u, v] = [u0.ref, v0.ref];
                for (let k = 0; k < iterations; k += 1) [u, v] = next(u, v, target.ref) as [JaxArray, JaxArray];
                value = squaredNorm(await residual(u, v, target.ref).data()) / 2;
              }
            },
            values: () => [value],
          };
        },
      },
    };
  },
};
