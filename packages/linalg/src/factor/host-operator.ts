import { requireSquare, type Matrix, type SymmetricOperator } from '../matrix.ts';
import { withWorkspace } from './workspace.ts';

/**
 * What `use` makes of a dense symmetric matrix as an operator, for many products: the matrix is copied to the fast kernels once, and each
 * product reads its lower triangle, half of what `symmetricOperator` reads. Bound by memory.
 *
 * Should the memory of WebAssembly be full, `use` runs a second time: it must not change anything outside before it is done. The operator
 * serves inside of `use` only.
 *
 * @throws LOWLAND_E_SHAPE when A is not square. @throws LOWLAND_E_MEMORY when there is no room for a copy.
 */
export function withSymmetricOperator<T>(a: Matrix, use: (operator: SymmetricOperator) => T): T {
  requireSquare(a, 'A symmetric operator');
  const n = a.rows;
  return withWorkspace((w) => {
    const at = w.take(n * n);
    const given = w.take(2 * n);
    const image = given + n;
    w.data.set(a.data, at);
    return use({
      size: n,
      apply(x, out) {
        w.data.set(x, given);
        w.symv(n, at, n, given, image);
        out.set(w.data.subarray(image, image + n));
      },
    });
  });
}
