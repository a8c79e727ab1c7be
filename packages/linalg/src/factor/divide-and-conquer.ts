/**
 * Eigenvectors of symmetric tridiagonal matrices by divide and conquer.
 *
 * Sources: J. Cuppen, Numer. Math. 36 (1981); M. Gu, S. Eisenstat, SIAM J. Matrix Anal. Appl. 15 (1994) and 16 (1995), whose recomputed vector
 * z makes the eigenvectors orthogonal; LAPACK's dlaed0 to dlaed3.
 */
import { implicitQl } from './implicit-ql.ts';
import { secularRoot } from './secular.ts';
import type { Workspace } from './workspace.ts';

/** Matrices up to this side are done by QL. */
const leaf = 25;
/** What is below so many times the largest entry changes no eigenvalue beyond rounding. */
const negligible = 2 ** -50;

/** Where the nonzero entries of an eigenvector of the two halves are. */
const top = 0;
const both = 1;
const bottom = 2;

/**
 * The eigenvalues of the tridiagonal matrix with diagonal at `d` and off-diagonal at `e` (room for n), to `d`; their eigenvectors to the rows of
 * the n × n matrix at `z`, which is given as zeros. Entries are of size about 1 at most. Returns the rows in ascending order of their eigenvalues.
 *
 * 4/3 n³ flops in matrix products, fewer where eigenvalues cluster.
 *
 * @throws LOWLAND_E_NO_CONVERGENCE (never seen)
 */
export function tridiagonalVectors(w: Workspace, n: number, d: number, e: number, z: number): Int32Array {
  return w.scope(() => new DivideAndConquer(w, n, d, e, z).run());
}

class DivideAndConquer {
  readonly #w: Workspace;
  readonly #n: number;
  readonly #d: number;
  readonly #e: number;
  readonly #z: number;
  /** Rows of a block by their eigenvalues, ascending. */
  readonly #order: Int32Array;
  readonly #sorted: Int32Array;
  readonly #kept: Int32Array;
  readonly #dropped: Int32Array;
  readonly #grouped: Int32Array;
  /** By row: where an eigenvector lives. */
  readonly #kind: Uint8Array;
  readonly #tolerance: number;
  /** Rows of the halves, side by side in groups; coefficients of the new vectors. */
  readonly #gathered: number;
  readonly #basis: number;
  /** Vectors of n numbers. */
  readonly #spike: number;
  readonly #poles: number;
  readonly #weights: number;
  readonly #corrected: number;
  readonly #scratch: number;

  constructor(w: Workspace, n: number, d: number, e: number, z: number) {
    this.#w = w;
    [this.#n, this.#d, this.#e, this.#z] = [n, d, e, z];
    this.#order = new Int32Array(n);
    this.#sorted = new Int32Array(n);
    this.#kept = new Int32Array(n);
    this.#dropped = new Int32Array(n);
    this.#grouped = new Int32Array(n);
    this.#kind = new Uint8Array(n);
    const square = n > leaf ? n * n : 0;
    this.#gathered = w.take(square);
    this.#basis = w.take(square);
    const vectors = w.take(6 * n + 8);
    [this.#spike, this.#poles, this.#weights, this.#corrected, this.#scratch] = [vectors, vectors + n, vectors + 2 * n, vectors + 3 * n, vectors + 4 * n];
    let size = 0;
    for (let i = 0; i < n; i++) size = Math.max(size, Math.abs(w.data[d + i]!), i + 1 < n ? Math.abs(w.data[e + i]!) : 0);
    this.#tolerance = negligible * size;
  }

  run(): Int32Array {
    this.#solve(0, this.#n);
    return this.#order;
  }

  #solve(low: number, high: number): void {
    const size = high - low;
    if (size <= leaf) {
      this.#solveLeaf(low, size);
      return;
    }
    const { data } = this.#w;
    const middle = low + (size >> 1);
    const coupling = data[this.#e + middle - 1]!;
    data[this.#d + middle - 1]! -= Math.abs(coupling);
    data[this.#d + middle]! -= Math.abs(coupling);
    this.#solve(low, middle);
    this.#solve(middle, high);
    this.#merge(low, middle, high, coupling);
  }

  #solveLeaf(low: number, size: number): void {
    const w = this.#w;
    const n = this.#n;
    const at = this.#z + low * n + low;
    for (let i = 0; i < size; i++) w.data[at + i * (n + 1)] = 1;
    const cs = this.#scratch;
    implicitQl(w.data, size, this.#d + low, this.#e + low, cs, (last, count) => { w.rotateRows(count, size, at + (last + 1) * n, -n, cs); });
    const order = this.#order.subarray(low, low + size);
    for (let i = 0; i < size; i++) order[i] = low + i;
    this.#sort(order);
  }

  /** By eigenvalues, equal ones by their rows. */
  #sort(rows: Int32Array): void {
    const { data } = this.#w;
    const d = this.#d;
    rows.sort((i, j) => data[d + i]! - data[d + j]! || i - j);
  }

  /** The block of rows low … high − 1 from its halves: diag(D₁, D₂) + ρ z zᵀ with z from the last row of the first and the first row of the second. */
  #merge(low: number, middle: number, high: number, coupling: number): void {
    const w = this.#w;
    const n = this.#n;
    const size = high - low;
    const { data } = w;
    const [d, z] = [this.#d, this.#z];
    const scale = Math.SQRT1_2;
    for (let r = low; r < high; r++) {
      const inTop = r < middle;
      const entry = data[z + r * n + (inTop ? middle - 1 : middle)]!;
      data[this.#spike + r] = inTop || coupling >= 0 ? scale * entry : -scale * entry;
      this.#kind[r] = inTop ? top : bottom;
    }
    this.#mergeOrders(low, middle, high);
    const kept = this.#deflate(low, high, 2 * Math.abs(coupling));
    const dropped = size - kept;
    if (kept > 0) {
      const values = this.#solveSecular(kept, 2 * Math.abs(coupling));
      const block = z + low * n + low;
      const [tops, boths] = this.#group(kept);
      this.#fillBasis(kept);
      // Rows of the old vectors without the half in which they vanish, then those that stay.
      const [upper, lower, leftWidth, rightWidth] = [tops + boths, kept - tops, middle - low, high - middle];
      const left = this.#gathered;
      const right = left + upper * leftWidth;
      const rest = right + lower * rightWidth;
      for (let k = 0; k < kept; k++) {
        const row = z + this.#kept[this.#grouped[k]!]! * n;
        if (k < upper) data.copyWithin(left + k * leftWidth, row + low, row + middle);
        if (k >= tops) data.copyWithin(right + (k - tops) * rightWidth, row + middle, row + high);
      }
      const held = this.#dropped;
      for (let k = 0; k < dropped; k++) {
        const row = z + held[k]! * n;
        data.copyWithin(rest + k * size, row + low, row + high);
        data[this.#scratch + k] = data[d + held[k]!]!;
      }
      for (let k = 0; k < dropped; k++) {
        data.copyWithin(block + (kept + k) * n, rest + k * size, rest + (k + 1) * size);
        data[d + low + kept + k] = data[this.#scratch + k]!;
        held[k] = low + kept + k;
      }
      for (let k = 0; k < kept; k++) data[d + low + k] = values[k]!;
      w.gemm(kept, leftWidth, upper, 1, this.#basis, kept, 1, left, leftWidth, 1, 0, block, n);
      w.gemm(kept, rightWidth, lower, 1, this.#basis + tops, kept, 1, right, rightWidth, 1, 0, block + leftWidth, n);
    }
    const order = this.#order.subarray(low, high);
    for (let k = 0; k < kept; k++) order[k] = low + k;
    order.set(this.#dropped.subarray(0, dropped), kept);
    this.#sort(order);
  }

  /** Both halves' rows in one ascending order. */
  #mergeOrders(low: number, middle: number, high: number): void {
    const { data } = this.#w;
    const order = this.#order;
    const d = this.#d;
    for (let k = 0, i = low, j = middle; k < high - low; k++) {
      const fromTop = j === high || (i < middle && data[d + order[i]!]! <= data[d + order[j]!]!);
      this.#sorted[k] = order[fromTop ? i++ : j++]!;
    }
  }

  /**
   * Sorts out eigenpairs that the merge does not change: those with no weight in z, and of two whose eigenvalues agree one, after a rotation that
   * takes its weight away. Returns how many are kept.
   */
  #deflate(low: number, high: number, rho: number): number {
    const w = this.#w;
    const n = this.#n;
    const { data } = w;
    const [d, spike, tolerance] = [this.#d, this.#spike, this.#tolerance];
    let kept = 0;
    let dropped = 0;
    let waiting = -1;
    for (let k = 0; k < high - low; k++) {
      const row = this.#sorted[k]!;
      if (rho * Math.abs(data[spike + row]!) <= tolerance) {
        this.#dropped[dropped++] = row;
        continue;
      }
      if (waiting === -1) {
        waiting = row;
        continue;
      }
      const [s0, c0] = [data[spike + waiting]!, data[spike + row]!];
      const length = Math.sqrt(s0 * s0 + c0 * c0);
      const [c, s] = [c0 / length, -s0 / length];
      const gap = data[d + row]! - data[d + waiting]!;
      if (Math.abs(gap * c * s) <= tolerance) {
        data[spike + row] = length;
        data[spike + waiting] = 0;
        data[this.#scratch] = c;
        data[this.#scratch + 1] = s;
        const first = this.#z + waiting * n + low;
        w.rotateRows(1, high - low, first, (row - waiting) * n, this.#scratch);
        if (this.#kind[row] !== this.#kind[waiting]) this.#kind[row] = both;
        data[d + waiting]! += gap * s * s;
        data[d + row]! -= gap * s * s;
        this.#dropped[dropped++] = waiting;
      } else {
        this.#kept[kept++] = waiting;
      }
      waiting = row;
    }
    if (waiting !== -1) this.#kept[kept++] = waiting;
    return kept;
  }

  /** Eigenvalues of the merged matrix, and to row j of the basis the differences of all poles with eigenvalue j. */
  #solveSecular(kept: number, rho: number): Float64Array {
    const w = this.#w;
    const { data } = w;
    const [poles, weights, found] = [this.#poles, this.#weights, this.#scratch];
    let squares = 0;
    for (let i = 0; i < kept; i++) {
      data[poles + i] = data[this.#d + this.#kept[i]!]!;
      const entry = data[this.#spike + this.#kept[i]!]!;
      data[weights + i] = entry;
      squares += entry * entry;
    }
    w.scal(kept, 1 / Math.sqrt(squares), weights);
    const inverse = 1 / (rho * squares);
    const values = new Float64Array(kept);
    for (let j = 0; j < kept; j++) {
      secularRoot(w, kept, j, poles, weights, inverse, found);
      const [origin, tau] = [data[found]!, data[found + 1]!];
      values[j] = origin + tau;
      w.secular.gaps(kept, poles, origin, tau, this.#basis + j * kept);
    }
    return values;
  }

  /** Kept vectors in groups: those of the first half, of both, of the second; how many there are of the first two. */
  #group(kept: number): [tops: number, boths: number] {
    const counts: [number, number, number] = [0, 0, 0];
    let k = 0;
    for (const kind of [top, both, bottom] as const) {
      for (let i = 0; i < kept; i++) {
        if (this.#kind[this.#kept[i]!] !== kind) continue;
        this.#grouped[k++] = i;
        counts[kind] += 1;
      }
    }
    return [counts[0], counts[1]];
  }

  /** Row j of the basis: the eigenvector for root j by groups, ẑᵢ/(dᵢ − λⱼ) normalised, where ẑ belongs to the roots as they were found. */
  #fillBasis(kept: number): void {
    const w = this.#w;
    const { data } = w;
    const [basis, poles, corrected, scratch, grouped] = [this.#basis, this.#poles, this.#corrected, this.#scratch, this.#grouped];
    data.fill(1, corrected, corrected + kept);
    for (let j = 0; j < kept; j++) {
      const row = basis + j * kept;
      const pole = data[poles + j]!;
      w.secular.weigh(j, row, poles, pole, corrected);
      data[corrected + j]! *= data[row + j]!;
      w.secular.weigh(kept - j - 1, row + j + 1, poles + j + 1, pole, corrected + j + 1);
    }
    for (let i = 0; i < kept; i++) {
      const size = Math.sqrt(Math.abs(data[corrected + i]!));
      data[corrected + i] = data[this.#weights + i]! < 0 ? -size : size;
    }
    for (let j = 0; j < kept; j++) {
      const row = basis + j * kept;
      const factor = 1 / Math.sqrt(w.secular.direction(kept, corrected, row, scratch));
      for (let k = 0; k < kept; k++) data[row + k] = data[scratch + grouped[k]!]! * factor;
    }
  }
}
