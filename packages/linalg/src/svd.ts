import { applyReflections } from './factor/householder.ts';
import { type Levels, svdInLevels } from './factor/svd-levels.ts';
import { withWorkspace, type Workspace } from './factor/workspace.ts';
import { type Matrix, matrix, requireFinite, transpose } from './matrix.ts';
import { takeOut, triangularise } from './qr.ts';
import { unitOf } from './scaling.ts';
import { largestMagnitude } from './vector.ts';

export interface Svd {
  /** Left singular vectors in columns, orthonormal. */
  readonly u: Matrix;
  /** Singular values, descending, never negative. */
  readonly s: Float64Array;
  /** Right singular vectors in columns (not transposed), orthonormal. */
  readonly v: Matrix;
}

/**
 * The thin singular value decomposition A = U diag(s) Vᵀ with k = min(m, n) triples, for any shape, rank-deficient, zero and empty
 * matrices included. Residual and orthogonality are within 20·max(m, n)·2⁻⁵², normwise. In each column of U the first entry that exceeds half
 * its largest one is positive.
 *
 * QR down to the small side where the other one is much longer; then eigenvectors of AᵀA and a QR factorisation, again for what squaring
 * has blurred (`svdInLevels`).
 *
 * @throws LOWLAND_E_NOT_FINITE when an entry is NaN or infinite.
 */
export function thinSvd(a: Matrix): Svd {
  requireFinite(a, 'A singular value decomposition');
  if (Math.min(a.rows, a.cols) === 0) return { u: matrix(a.rows, 0), s: new Float64Array(0), v: matrix(a.cols, 0) };
  if (a.rows >= a.cols) return tallSvd(a, false);
  const { u: v, s, v: u } = tallSvd(transpose(a), true);
  return { u, s, v };
}

/** From so many times as many rows as columns on, a QR factorisation first saves work. */
const longSide = 4;

/** For as many rows as columns or more; the signs are those that the columns of U ask for, or else those of V. */
function tallSvd(a: Matrix, signsOfV: boolean): Svd {
  const { rows: m, cols: n } = a;
  return withWorkspace((workspace) => {
    const { u, uRow, s, v, unit } = m < longSide * n ? direct(workspace, a) : afterQr(workspace, a);
    const signs = signsOfV ? signsOfColumns(workspace, n, n, v, n) : signsOfColumns(workspace, m, n, u, uRow);
    return { u: takeOut(workspace, m, n, u, uRow, signs), s: s.map((x) => x * unit), v: takeOut(workspace, n, n, v, n, signs) };
  });
}

/** A / unit in levels. */
function direct(workspace: Workspace, a: Matrix): Levels & { readonly unit: number } {
  const { rows: m, cols: n } = a;
  const at = workspace.take(m * n);
  const sizes = workspace.take(n + 1);
  const { data, reflections } = workspace;
  data.set(a.data, at);
  reflections.magnitudes(m, n, at, n, sizes);
  const unit = unitOf(largestMagnitude(data.subarray(sizes, sizes + n)));
  if (unit !== 1) {
    data.fill(1 / unit, sizes, sizes + n);
    reflections.scaleColumns(m, n, at, n, sizes, at, n);
  }
  return { ...svdInLevels(workspace, m, n, at, n), unit };
}

/** R / unit in levels, and U = Q times its own. */
function afterQr(workspace: Workspace, a: Matrix): Levels & { readonly unit: number } {
  const { rows: m, cols: n } = a;
  const { reflections, r, row, units } = triangularise(workspace, a);
  const unit = Math.max(...units);
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) workspace.data[r + i * row + j]! *= units[j]! / unit;
  const { u: core, uRow, s, v } = svdInLevels(workspace, n, n, r, row);
  const u = workspace.take(m * uRow);
  workspace.data.copyWithin(u, core, core + n * uRow);
  applyReflections(workspace, reflections, u, uRow, n);
  return { u, uRow, s, v, unit };
}

/** −1 for a column whose first entry that exceeds half its largest one is negative, else 1. */
function signsOfColumns(workspace: Workspace, m: number, n: number, at: number, row: number): Float64Array {
  const sizes = workspace.take(n + 1);
  workspace.reflections.magnitudes(m, n, at, row, sizes);
  const { data } = workspace;
  return Float64Array.from({ length: n }, (_, j) => {
    const half = data[sizes + j]! / 2;
    let place = at + j;
    while (Math.abs(data[place]!) <= half) place += row;
    return Math.sign(data[place]!);
  });
}
