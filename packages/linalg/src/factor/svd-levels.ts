import { symmetricEigen } from '../eigen.ts';
import { matrix } from '../matrix.ts';
import { applyReflections, factorise } from './householder.ts';
import type { Workspace } from './workspace.ts';

/** Singular values, descending, and the places of U (rows `uRow` apart, an even number) and V (rows beside each other), which the caller's scope holds. */
export interface Levels {
  readonly u: number;
  readonly uRow: number;
  readonly s: Float64Array;
  readonly v: number;
}

/**
 * A = U diag(s) Vᵀ for the m × n matrix at `a`, m ≥ n, scaled to entries of about 1.
 *
 * The eigenvectors V of AᵀA turn the columns of A until they are orthogonal but for about ε σ₁²; the QR factorisation A V = U T makes U
 * orthonormal, and leaves about ε σ₁²/σᵢ beside the diagonal of row i of T. The rows where that is within the error allowed, 2 n ε σ₁ for all
 * of them together, are done, with σᵢ = tᵢᵢ. What remains is the triangle below, of the size of the σ that squaring has blurred: the next
 * level. The error is measured, not estimated; U and V are products of orthogonal matrices; no σᵢ is off by more than that and rounding.
 *
 * One level for random matrices up to n = 1000 and exactly low rank, two or three for spectra over 16 decades. Bound by arithmetic: a level costs an
 * eigen-decomposition, 3 m n² flops of products and a QR factorisation.
 */
export function svdInLevels(workspace: Workspace, m: number, n: number, a: number, row: number): Levels {
  const s = new Float64Array(n);
  let allowed = 0;
  let [block, blockRow, rows] = [a, row, m];
  let [u, v] = [0, 0];
  const uRow = n + (n % 2);
  for (let done = 0; done < n;) {
    const k = n - done;
    const kRow = k + (k % 2);
    const turn = rightVectors(workspace, rows, k, block, blockRow);
    const triangle = workspace.take(k * kRow);
    const left = workspace.take(rows * kRow);
    let accepted = 0;
    workspace.scope(() => {
      const image = workspace.take(rows * kRow);
      workspace.gemm(rows, k, k, 1, block, blockRow, 1, turn, k, 1, 0, image, kRow);
      const reflections = factorise(workspace, rows, k, image, kRow, triangle);
      const { data } = workspace;
      if (done === 0) allowed = (2 * n * 2 ** -52 * data[triangle]!) ** 2;
      for (; accepted < k; accepted++) {
        const diagonal = triangle + accepted * kRow + accepted;
        let beside = 0;
        for (let j = 1; j < k - accepted; j++) beside += data[diagonal + j]! ** 2;
        // The first row is as good as it gets, whatever it is: ε σ₁.
        if (accepted > 0 && beside > allowed) break;
        allowed -= beside;
        s[done + accepted] = Math.abs(data[diagonal]!);
        data[left + accepted * kRow + accepted] = data[diagonal]! < 0 ? -1 : 1;
      }
      for (let i = accepted; i < k; i++) data[left + i * kRow + i] = 1;
      applyReflections(workspace, reflections, left, kRow, k, true);
    });
    if (done === 0) [u, v] = [left, turn];
    else {
      turnColumns(workspace, m, k, u + done, uRow, left, kRow);
      turnColumns(workspace, n, k, v + done, n, turn, k);
    }
    [block, blockRow, rows] = [triangle + accepted * (kRow + 1), kRow, k - accepted];
    done += accepted;
  }
  sort(workspace, s, [m, u, uRow], [n, v, n]);
  return { u, uRow, s, v };
}

/** The place of the eigenvectors of AᵀA, by descending eigenvalue. */
function rightVectors(workspace: Workspace, m: number, n: number, a: number, row: number): number {
  const v = workspace.take(n * n);
  workspace.gemmLower(n, m, 1, a, 1, row, a, row, 1, 0, v, n);
  const { vectors } = symmetricEigen(matrix(n, n, workspace.data.slice(v, v + n * n)));
  workspace.data.set(vectors.data, v);
  return v;
}

/** A = A Q for k columns and a square Q. */
function turnColumns(workspace: Workspace, m: number, k: number, a: number, row: number, q: number, qRow: number): void {
  workspace.scope(() => {
    const product = workspace.take(m * k);
    workspace.gemm(m, k, k, 1, a, row, 1, q, qRow, 1, 0, product, k);
    const { data } = workspace;
    for (let i = 0; i < m; i++) data.copyWithin(a + i * row, product + i * k, product + (i + 1) * k);
  });
}

/** Brings what rounding put out of order in order, and the columns of the matrices (rows, place, stride) along. */
function sort(workspace: Workspace, s: Float64Array, ...matrices: readonly (readonly [number, number, number])[]): void {
  if (s.every((x, j) => j === 0 || x <= s[j - 1]!)) return;
  const order = Array.from(s.keys()).sort((i, j) => s[j]! - s[i]!);
  const line = new Float64Array(s.length);
  const { data } = workspace;
  for (const [rows, at, row] of matrices) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < line.length; j++) line[j] = data[at + i * row + order[j]!]!;
      data.set(line, at + i * row);
    }
  }
  s.sort().reverse();
}
