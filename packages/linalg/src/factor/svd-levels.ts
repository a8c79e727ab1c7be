import { powerOfTwoAbove } from '../scaling.ts';
import { tridiagonalVectors } from './divide-and-conquer.ts';
import { applyReflections, factorise } from './householder.ts';
import { applyReflections as turnBack, tridiagonalize } from './tridiagonalize.ts';
import type { Workspace } from './workspace.ts';

/** Singular values, descending, and the places of U (rows `uRow` apart, an even number) and Vᵀ, which the caller's scope holds. */
export interface Levels {
  readonly u: number;
  readonly uRow: number;
  readonly s: Float64Array;
  /** Row j is the right vector of `s[j]`. */
  readonly vRows: number;
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
  let [u, vRows] = [0, 0];
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
      workspace.gemm(rows, k, k, 1, block, blockRow, 1, turn, 1, k, 0, image, kRow);
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
    if (done === 0) [u, vRows] = [left, turn];
    else {
      product(workspace, m, k, k, u + done, uRow, left, kRow, u + done, uRow);
      product(workspace, k, n, k, turn, k, vRows + done * n, n, vRows + done * n, n);
    }
    [block, blockRow, rows] = [triangle + accepted * (kRow + 1), kRow, k - accepted];
    done += accepted;
  }
  sort(workspace, m, n, s, u, uRow, vRows);
  return { u, uRow, s, vRows };
}

/** The place of the eigenvectors of AᵀA, in rows, by descending eigenvalue. */
function rightVectors(workspace: Workspace, m: number, n: number, a: number, row: number): number {
  const sorted = workspace.take(n * n);
  workspace.scope(() => {
    const g = workspace.take(n * n);
    const rows = workspace.take(n * n);
    const d = workspace.take(3 * n);
    const [e, tau] = [d + n, d + 2 * n];
    workspace.gemmLower(n, m, 1, a, 1, row, a, row, 1, 0, g, n);
    let largest = 0;
    for (let j = 0; j < n; j++) largest = Math.max(largest, workspace.data[g + j * (n + 1)]!);
    if (largest > 0) workspace.scal(n * n, 1 / powerOfTwoAbove(largest), g);
    tridiagonalize(workspace, n, g, d, e, tau);
    const ascending = tridiagonalVectors(workspace, n, d, e, rows);
    turnBack(workspace, n, g, tau, n, rows);
    const { data } = workspace;
    ascending.forEach((from, j) => { data.copyWithin(sorted + (n - 1 - j) * n, rows + from * n, rows + (from + 1) * n); });
  });
  return sorted;
}

/** C = A B, m × n over k, where C may be A or B. */
function product(workspace: Workspace, m: number, n: number, k: number, a: number, aRow: number, b: number, bRow: number, c: number, cRow: number): void {
  workspace.scope(() => {
    const out = workspace.take(m * n);
    workspace.gemm(m, n, k, 1, a, aRow, 1, b, bRow, 1, 0, out, n);
    const { data } = workspace;
    for (let i = 0; i < m; i++) data.copyWithin(c + i * cRow, out + i * n, out + (i + 1) * n);
  });
}

/** Brings what rounding put out of order in order: the values, the columns of U, the rows of Vᵀ. */
function sort({ data }: Workspace, m: number, n: number, s: Float64Array, u: number, uRow: number, vRows: number): void {
  if (s.every((x, j) => j === 0 || x <= s[j - 1]!)) return;
  const order = Array.from(s.keys()).sort((i, j) => s[j]! - s[i]!);
  const line = new Float64Array(n);
  for (let i = 0; i < m; i++) {
    const at = u + i * uRow;
    for (let j = 0; j < n; j++) line[j] = data[at + order[j]!]!;
    data.set(line, at);
  }
  const right = data.slice(vRows, vRows + n * n);
  order.forEach((from, j) => { data.set(right.subarray(from * n, (from + 1) * n), vRows + j * n); });
  s.sort().reverse();
}
