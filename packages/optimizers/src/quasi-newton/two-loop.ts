/**
 * The two-loop recursion of L-BFGS (Nocedal 1980, doi:10.1090/S0025-5718-1980-0572855-7), in coordinates: every vector in
 * it is a combination of the pairs s_i, y_i and the gradient g, so their inner products are all it needs (the idea of
 * Byrd, Nocedal and Schnabel 1994, doi:10.1007/BF01582063). No vector is read, and none is touched.
 */
export interface PairProducts {
  /** How many of the memory's places hold a pair. */
  readonly count: number;
  /** Where the next pair goes; the newest stands before it, cyclically. */
  readonly next: number;
  /** sy[i * size + j] = <s_i, y_j>, for s_i not newer than y_j. */
  readonly sy: readonly number[];
  /** yy[i * size + j] = <y_i, y_j> */
  readonly yy: readonly number[];
  /** <s_i, g> in the first `size` entries, <y_i, g> in the others. */
  readonly withGradient: readonly number[];
}

/**
 * Writes the coefficients of H g for a memory of `size` places: those of s_0 … then y_0 … to `out` (length 2 size).
 *
 * @returns the coefficient of g, which is gamma = <s, y> / <y, y> of the newest pair.
 */
export function twoLoop(size: number, { count, next, sy, yy, withGradient }: PairProducts, out: Float64Array): number {
  const newest = (age: number): number => (next - 1 - age + 2 * size) % size;
  out.fill(0);
  // q = g - sum alpha_j y_j, newest first; alpha_i = <s_i, q> / <s_i, y_i>. Here out[size + i] = alpha_i.
  for (let age = 0; age < count; age++) {
    const i = newest(age);
    let product = withGradient[i]!;
    for (let younger = 0; younger < age; younger++) {
      const j = newest(younger);
      product -= out[size + j]! * sy[i * size + j]!;
    }
    out[size + i] = product / sy[i * size + i]!;
  }
  const last = newest(0);
  const gamma = sy[last * size + last]! / yy[last * size + last]!;
  // r = gamma q + sum (alpha_j - beta_j) s_j, oldest first; beta_i = <y_i, r> / <s_i, y_i>.
  for (let age = count - 1; age >= 0; age--) {
    const i = newest(age);
    let product = withGradient[size + i]!;
    for (let other = 0; other < count; other++) {
      const j = newest(other);
      product -= out[size + j]! * yy[i * size + j]!;
    }
    product *= gamma;
    for (let older = count - 1; older > age; older--) {
      const j = newest(older);
      product += out[j]! * sy[j * size + i]!;
    }
    out[i] = out[size + i]! - product / sy[i * size + i]!;
  }
  for (let i = 0; i < size; i++) out[size + i] = -gamma * out[size + i]!;
  return gamma;
}
