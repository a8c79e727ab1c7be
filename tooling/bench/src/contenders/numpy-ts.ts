import { eigenValues, qrValues, squaredNorm, svdValues, weighted } from '../tasks/values.ts';
import type { NodeContender } from './contender.ts';
import { last } from './decompositions.ts';

/** What is used of it. */
interface NDArray {
  readonly data: ArrayLike<number>;
  reshape(...shape: number[]): NDArray;
  subtract(other: NDArray): NDArray;
  multiply(factor: number): NDArray;
}
interface NumpyTs {
  array(data: ArrayLike<number>, dtype: 'float64' | 'float32'): NDArray;
  ascontiguousarray(a: NDArray): NDArray;
  transpose(a: NDArray): NDArray;
  matmul(a: NDArray, b: NDArray): NDArray;
  readonly linalg: {
    eigh(a: NDArray): { readonly w: NDArray; readonly v: NDArray };
    qr(a: NDArray): { readonly q: NDArray; readonly r: NDArray };
    svd(a: NDArray, fullMatrices: boolean): { readonly u: NDArray; readonly s: NDArray; readonly vt: NDArray };
  };
}

const version = '1.7.0';

export const numpyTs: NodeContender = {
  name: 'numpy-ts',
  language: 'node',
  kinds: ['gemm', 'factorisation-descent', 'eigen', 'qr', 'svd'],
  dtypes: ['f64', 'f32'],
  threaded: false,
  tooSlow: (task) => task.kind === 'eigen' && task.n > 200,
  npm: { modules: ['numpy-ts'], versions: { 'numpy-ts': version } },
  async open({ npm, dtype }) {
    const { array, ascontiguousarray, matmul, transpose, linalg } = npm as NumpyTs;
    const of = (data: ArrayLike<number>, rows: number, cols: number) => array(data, dtype === 'f64' ? 'float64' : 'float32').reshape(rows, cols);
    return {
      version: `numpy-ts ${version}`,
      preparers: {
        gemm: ({ n }, { a, b, left, right }) => {
          const [x, y] = [of(a!, n, n), of(b!, n, n)];
          return last(() => matmul(x, y), (c) => [weighted(c.data, left!, right!)]);
        },
        'factorisation-descent': ({ rows, cols, rank, iterations, step }, instance) => {
          const target = of(instance['target']!, rows, cols);
          const [u0, v0] = [of(instance['u']!, rows, rank), of(instance['v']!, cols, rank)];
          const residual = (u: NDArray, v: NDArray) => matmul(u, transpose(v)).subtract(target);
          return last(() => {
            let [u, v] = [u0, v0];
            for (let i = 0; i < iterations; i += 1) {
              const r = residual(u, v);
              [u, v] = [u.subtract(matmul(r, v).multiply(step)), v.subtract(matmul(transpose(r), u).multiply(step))];
            }
            return squaredNorm(residual(u, v).data) / 2;
          }, (value) => [value]);
        },
        eigen: ({ n }, { a, right }) => {
          const x = of(a!, n, n);
          return last(() => linalg.eigh(x), ({ w, v }) => eigenValues(w.data, ascontiguousarray(v).data, right!));
        },
        qr: ({ rows, cols }, { a, left, right }) => {
          const x = of(a!, rows, cols);
          return last(() => linalg.qr(x), ({ q, r }) => qrValues(ascontiguousarray(q).data, ascontiguousarray(r).data, cols, left!, right!));
        },
        svd: ({ rows, cols }, { a, left, right }) => {
          const x = of(a!, rows, cols);
          return last(() => linalg.svd(x, false), ({ u, s, vt }) => svdValues(ascontiguousarray(u).data, s.data, ascontiguousarray(transpose(vt)).data, left!, right!));
        },
      },
    };
  },
};
