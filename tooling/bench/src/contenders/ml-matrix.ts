import { eigenValues, qrValues, squaredNorm, svdValues, weighted } from '../tasks/values.ts';
import type { NodeContender, Prepared } from './contender.ts';
import { last } from './decompositions.ts';

/** What is used of it. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  mmul(other: Matrix): Matrix;
  transpose(): Matrix;
  sub(other: Matrix): Matrix;
  mul(factor: number): Matrix;
  clone(): Matrix;
  to1DArray(): number[];
}
interface MlMatrix {
  readonly Matrix: { from1DArray(rows: number, columns: number, data: ArrayLike<number>): Matrix };
  readonly EigenvalueDecomposition: new (a: Matrix, options: object) => { readonly realEigenvalues: number[]; readonly eigenvectorMatrix: Matrix };
  readonly QrDecomposition: new (a: Matrix) => { readonly orthogonalMatrix: Matrix; readonly upperTriangularMatrix: Matrix };
  readonly SingularValueDecomposition: new (a: Matrix, options: object) => { readonly leftSingularVectors: Matrix; readonly diagonal: number[]; readonly rightSingularVectors: Matrix };
}

const version = '6.15.1';

export const mlMatrix: NodeContender = {
  name: 'ml-matrix',
  language: 'node',
  kinds: ['gemm', 'factorisation-descent', 'eigen', 'qr', 'svd'],
  dtypes: ['f64'],
  threaded: false,
  npm: { modules: ['ml-matrix'], versions: { 'ml-matrix': version } },
  async open({ npm }) {
    const { Matrix, EigenvalueDecomposition, QrDecomposition, SingularValueDecomposition } = npm as MlMatrix;
    return {
      version: `ml-matrix ${version}`,
      preparers: {
        gemm: ({ n }, { a, b, left, right }) => {
          const [x, y] = [Matrix.from1DArray(n, n, a!), Matrix.from1DArray(n, n, b!)];
          return last(() => x.mmul(y), (c) => [weighted(c.to1DArray(), left!, right!)]);
        },
        'factorisation-descent': ({ rows, cols, rank, iterations, step }, instance): Prepared => {
          const target = Matrix.from1DArray(rows, cols, instance['target']!);
          const [u0, v0] = [Matrix.from1DArray(rows, rank, instance['u']!), Matrix.from1DArray(cols, rank, instance['v']!)];
          const residual = (u: Matrix, v: Matrix) => u.mmul(v.transpose()).sub(target);
          return last(() => {
            let [u, v] = [u0, v0];
            for (let i = 0; i < iterations; i += 1) {
              const r = residual(u, v);
              // sub and mul work in place: on the gradient, and on a copy of the point.
              [u, v] = [u.clone().sub(r.mmul(v).mul(step)), v.clone().sub(r.transpose().mmul(u).mul(step))];
            }
            return squaredNorm(residual(u, v).to1DArray()) / 2;
          }, (value) => [value]);
        },
        eigen: ({ n }, { a, right }) => {
          const x = Matrix.from1DArray(n, n, a!);
          return last(() => new EigenvalueDecomposition(x, { assumeSymmetric: true }), (e) => eigenValues(e.realEigenvalues, e.eigenvectorMatrix.to1DArray(), right!));
        },
        qr: ({ rows, cols }, { a, left, right }) => {
          const x = Matrix.from1DArray(rows, cols, a!);
          return last(() => {
            const qr = new QrDecomposition(x);
            return { q: qr.orthogonalMatrix, r: qr.upperTriangularMatrix };
          }, ({ q, r }) => qrValues(q.to1DArray(), r.to1DArray(), cols, left!, right!));
        },
        svd: ({ rows, cols }, { a, left, right }) => {
          const x = Matrix.from1DArray(rows, cols, a!);
          return last(() => new SingularValueDecomposition(x, { autoTranspose: true }), (svd) =>
            svdValues(svd.leftSingularVectors.to1DArray(), svd.diagonal, svd.rightSingularVectors.to1DArray(), left!, right!));
        },
      },
    };
  },
};
