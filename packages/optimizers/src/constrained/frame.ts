import type { Context, Vec } from '@lowland/core';
import { matrix, symmetricEigen } from '@lowland/linalg';

/** A point U = W Q^T, rows x p, held as a small factor W, rows x r, and an orthonormal frame Q, p x r. */
export interface Frame {
  /** W; U itself where there is no frame. */
  readonly factor: Vec;
  /** Q; absent where there is no frame. */
  readonly frame?: Vec;
  /** W and Q of the point: the best approximation of rank r, the point itself if its rank is not above r. One read. */
  split(): Promise<void>;
  /** point = W Q^T */
  join(): void;
}

/**
 * Methods whose steps are U+ = (a matrix) U keep the row space of U: U_t = W_t Q^T with W_t the method with r columns, started at W_0
 * (founding-papers 11.1). Held so, rank(U_t) <= r exactly, in floating point too. In p columns round-off breaks it: a rank-deficient start
 * that is turned leaves, after a while, where an exact zero column stays.
 *
 * @param rank r, at most the columns of the one factor (`unlessOneFactor`); 0: no frame, W = U
 */
export function createFrame(context: Context<never>, point: Vec, factor: (length: number) => Vec, rank: number): Frame {
  if (rank === 0) return { factor: point, split: () => Promise.resolve(), join: () => undefined };
  const { device } = context;
  const [rows, columns] = context.problem.layout.blocks[0]!.shape as [number, number];
  const { gemm } = device.kernels;
  const frame = context.state(columns * rank);
  const small = factor(rows * rank);
  const [u, w, q] = [device.matrix(point, 0, rows, columns), device.matrix(small, 0, rows, rank), device.matrix(frame, 0, columns, rank)];
  const gram = device.matrix(context.scratch(columns * columns), 0, columns, columns);
  const join = (): void => {
    gemm('N', 'T', 1, w, q, 0, u);
  };
  return {
    factor: small,
    frame,
    join,
    async split() {
      gemm('T', 'N', 1, u, u, 0, gram);
      const { vectors } = symmetricEigen(matrix(columns, columns, await device.read(gram)));
      const leading = new Float64Array(columns * rank);
      for (let i = 0; i < columns; i++) for (let k = 0; k < rank; k++) leading[i * rank + k] = vectors.data[i * columns + k]!;
      device.write(frame, leading);
      gemm('N', 'N', 1, u, q, 0, w);
      join();
    },
  };
}
