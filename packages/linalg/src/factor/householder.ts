import type { Workspace } from './workspace.ts';

/**
 * The reflections I − γ u uᵀ, k of them, that take a matrix of m rows to upper triangular form: u of reflection j lies in column j of what is
 * at `at`, from row j on, below zeros. A γ of 0 is no reflection.
 */
export interface Reflections {
  readonly m: number;
  readonly k: number;
  readonly at: number;
  readonly row: number;
  readonly gammas: Float64Array;
  /** Products of reflections; none where there are few columns, and reflections are applied one by one. */
  readonly panels: readonly Panel[];
}
/** The product I − U T Uᵀ of reflections `from` to `to` (excluded), in that order; T, upper triangular, lies at `t`. */
interface Panel {
  readonly from: number;
  readonly to: number;
  readonly t: number;
}

/** So few columns, or so small a matrix (half of a second-level cache), is done one reflection at a time; others in panels of so many columns: measured. */
const fewColumns = 64;
const fewNumbers = 2 ** 16;
const panelColumns = 16;
/** Sums over more rows are sums of sums over so many, lest rounding errors of one sign pile up: with panels, and one by one. */
const stripRows = 1024;
const blockRows = 2 ** 13;
/** What is left of a column, once of size 1, is nothing when its square is below: far above where squares lose digits. */
const negligible = 2 ** -900;

/**
 * A = Q R for the m × n matrix at `a`, whose columns are scaled to entries of about 1. Its rows lie `row` apart, an even number; column n, if
 * n is odd, is zero. R goes to `r`, with the same stride and a diagonal of either sign; A becomes the reflections that make up Q.
 *
 * 2 n² (m − n/3) flops. Few columns: one pass over what is left for each reflection. Many: panels, whose product is applied to the columns
 * right of them by products of matrices.
 *
 * Source: R. Schreiber, C. Van Loan, SIAM J. Sci. Stat. Comput. 10 (1989), the compact WY form.
 */
export function factorise(workspace: Workspace, m: number, n: number, a: number, row: number, r: number): Reflections {
  const k = Math.min(m, n);
  const panels: Panel[] = [];
  const reflections = { m, k, at: a, row, gammas: new Float64Array(k), panels };
  if (n <= fewColumns || m * n <= fewNumbers) {
    workspace.scope(() => { factorPanel(workspace, reflections, 0, k, n, r); });
    return reflections;
  }
  for (let from = 0; from < k; from += panelColumns) {
    const to = Math.min(k, from + panelColumns);
    const panel = { from, to, t: workspace.take((to - from) ** 2) };
    panels.push(panel);
    workspace.scope(() => {
      factorPanel(workspace, reflections, from, to, to, r);
      makeTriangle(workspace, reflections, panel);
      applyPanel(workspace, reflections, panel, true, a + from * row + to, row, n - to);
    });
    const { data } = workspace;
    for (let i = from; i < to; i++) data.copyWithin(r + i * row + to, a + i * row + to, a + i * row + n);
  }
  return reflections;
}

/** Makes reflections `from` to `to` and applies them to the columns up to `end`. */
function factorPanel(workspace: Workspace, { m, at, row, gammas }: Reflections, from: number, to: number, end: number, r: number): void {
  // By column: what the reflection subtracts there, and the product with the next column.
  const width = end - from + 1;
  const w = workspace.take(width) - from;
  const s = workspace.take(2 * width) - from;
  const { data } = workspace;
  const start = at + from * row + from;
  pass(workspace, m - from, end - from, start, row, start, row, w + from, start, row, s + from, width);
  for (let j = from; j < to; j++) {
    const line = at + j * row;
    const head = data[line + j]!;
    const squares = data[s + j]!;
    const none = squares < negligible || (squares === head * head && isZeroBelow(data, line + j, row, m - j));
    const image = none ? head : head > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
    const lead = none ? head : head - image; // no cancellation: opposite signs
    const gamma = none ? 0 : -1 / (image * lead);
    gammas[j] = gamma;
    data[line + j] = lead;
    data[r + j * row + j] = image;
    data[w + j] = 0;
    data[s + j] = 0;
    for (let c = j + 1; c < end; c++) {
      const entry = data[line + c]!;
      const factor = gamma * (data[s + c]! - (head - lead) * entry);
      data[w + c] = factor;
      data[s + c] = 0;
      data[r + j * row + c] = entry - lead * factor;
      data[line + c] = 0;
    }
    if (j + 1 === to) break;
    const next = j + 1 - ((j + 1 - from) % 2); // whole pairs of columns: one that is done may come along, with a factor of 0
    pass(workspace, m - j - 1, end - next, line + row + next, row, line + row + j, row, w + next, line + row + j + 1, row, s + next, width);
  }
}

/** The kernel of reflections, block by block; at s + spare there is room for as many zeros as at s. What rounding loses between blocks is added at the end. */
function pass(
  { data, reflections }: Workspace,
  m: number, columns: number, a: number, row: number, v: number, vRow: number, w: number, x: number, xRow: number, s: number, spare: number,
): void {
  if (m <= blockRows) {
    reflections.reflect(m, columns, a, row, v, vRow, w, x, xRow, s);
    return;
  }
  const lost = new Float64Array(columns);
  for (let i = 0; i < m; i += blockRows) {
    reflections.reflect(Math.min(blockRows, m - i), columns, a + i * row, row, v + i * vRow, vRow, w, x + i * xRow, xRow, s + spare);
    for (let j = 0; j < columns; j++) {
      const [sum, added] = [data[s + j]!, data[s + spare + j]!];
      const total = sum + added;
      const taken = total - sum;
      lost[j]! += sum - (total - taken) + (added - taken);
      data[s + j] = total;
      data[s + spare + j] = 0;
    }
    data[s + spare + columns] = 0;
  }
  for (let j = 0; j < columns; j++) data[s + j]! += lost[j]!;
}

/** Of a column of `length` entries, all but the first. */
function isZeroBelow(data: Float64Array, at: number, row: number, length: number): boolean {
  for (let i = 1; i < length; i++) if (data[at + i * row] !== 0) return false;
  return true;
}

/** T of a panel, column by column: T[0..j, j] = −γⱼ T[0..j, 0..j] Uᵀuⱼ. */
function makeTriangle(workspace: Workspace, { m, at, row, gammas }: Reflections, { from, to, t }: Panel): void {
  const width = to - from;
  const g = workspace.take(width ** 2);
  const u = at + from * row + from;
  for (let i = 0; i < m - from; i += stripRows) {
    const part = u + i * row;
    workspace.gemmLower(width, Math.min(stripRows, m - from - i), 1, part, 1, row, part, row, 1, i === 0 ? 0 : 1, g, width);
  }
  const { data } = workspace;
  for (let j = 0; j < width; j++) {
    const gamma = gammas[from + j]!;
    for (let i = 0; i < j; i++) {
      let sum = 0;
      for (let p = i; p < j; p++) sum += data[t + i * width + p]! * data[g + j * width + p]!;
      data[t + i * width + j] = -gamma * sum;
    }
    data[t + j * width + j] = gamma;
  }
}

/** C = (I − U T Uᵀ) C, or with Tᵀ, for `columns` columns; C starts at row `from`. */
function applyPanel(
  workspace: Workspace, { m, at, row }: Reflections, { from, to, t }: Panel, transposed: boolean, c: number, cRow: number, columns: number,
): void {
  if (columns === 0) return;
  const width = to - from;
  const u = at + from * row + from;
  const products = workspace.take(width * columns);
  const turned = workspace.take(width * columns);
  for (let i = 0; i < m - from; i += stripRows) {
    workspace.gemm(width, columns, Math.min(stripRows, m - from - i), 1, u + i * row, 1, row, c + i * cRow, cRow, 1, i === 0 ? 0 : 1, products, columns);
  }
  workspace.gemm(width, columns, width, 1, t, transposed ? 1 : width, transposed ? width : 1, products, columns, 1, 0, turned, columns);
  workspace.gemm(m - from, columns, width, -1, u, row, 1, turned, columns, 1, 1, c, cRow);
}

/**
 * C = Q C for a C of m rows that is zero from row k on; rows `cRow` apart, an even number, and one column more where the number of columns is
 * odd. `upper`: C is upper triangular, which saves half of the work and more.
 */
export function applyReflections(workspace: Workspace, reflections: Reflections, c: number, cRow: number, columns: number, upper = false): void {
  const { panels } = reflections;
  workspace.scope(() => {
    if (panels.length === 0) applyOneByOne(workspace, reflections, c, cRow, columns, upper);
  });
  for (const panel of panels.toReversed()) {
    const { from } = panel;
    const skip = upper ? from : 0;
    workspace.scope(() => { applyPanel(workspace, reflections, panel, false, c + from * cRow + skip, cRow, columns - skip); });
  }
}

function applyOneByOne(
  workspace: Workspace, { m, k, at, row, gammas }: Reflections, c: number, cRow: number, columns: number, upper: boolean,
): void {
  const w = workspace.take(columns + 1);
  const spare = columns + 1;
  const s = workspace.take(2 * spare);
  const { data } = workspace;
  for (let j = k - 1; j >= 0; j--) {
    // The products with u of all rows below j are there already.
    const skip = upper ? j - (j % 2) : 0;
    const line = c + j * cRow;
    const u = at + j * row + j;
    const previous = j === 0 ? u : u - 1;
    const lead = data[u]!;
    for (let p = skip; p < columns; p++) {
      const entry = data[line + p]!;
      const factor = gammas[j]! * (data[s + p]! + lead * entry);
      const turned = entry - lead * factor;
      data[w + p] = factor;
      data[line + p] = turned;
      data[s + p] = data[previous]! * turned;
    }
    pass(workspace, m - j - 1, columns - skip, line + cRow + skip, cRow, u + row, row, w + skip, previous + row, row, s + skip, spare);
  }
}
