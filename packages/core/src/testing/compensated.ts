/**
 * Sums of products as if computed with twice the digits (Ogita, Rump, Oishi, "Accurate sum and dot product", SIAM J. Sci.
 * Comput. 26, 2005): what kernels are compared with.
 */

/** a b = p + e exactly, by Veltkamp's splitting. */
function productError(a: number, b: number, p: number): number {
  const [ta, tb] = [134217729 * a, 134217729 * b];
  const [ah, bh] = [ta - (ta - a), tb - (tb - b)];
  const [al, bl] = [a - ah, b - bh];
  return al * bl - (p - ah * bh - al * bh - ah * bl);
}

/** Sums terms a b; also keeps the sum of |a b|, which rounding bounds are made of. */
export class ProductSum {
  #high = 0;
  #low = 0;
  absolute = 0;

  add(a: number, b: number): this {
    const p = a * b;
    const sum = this.#high + p;
    const z = sum - this.#high;
    this.#low += this.#high - (sum - z) + (p - z) + productError(a, b, p);
    this.#high = sum;
    this.absolute += Math.abs(p);
    return this;
  }

  get value(): number {
    return this.#high + this.#low;
  }
}
