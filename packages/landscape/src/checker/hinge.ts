import type { Loss } from './losses.ts';

/**
 * (sqrt q - alpha)_+^4 of row squares q. Its conjugate at v > 0 is v s^2 - (s - alpha)^4 with 2 (s - alpha)^3 = v s, s > alpha, found by bisection down
 * to neighbouring doubles; the supremum being flat there, what is left of it lies far below rounding.
 */
export function hinge(alpha: number): Loss {
  const over = (q: number): number => Math.max(0, Math.sqrt(Math.max(0, q)) - alpha);
  return {
    quadratic: false,
    value: (q) => ({ value: over(q) ** 4, magnitude: 8 * over(q) ** 3 * (Math.sqrt(Math.max(0, q)) + alpha) }),
    slope: (q) => (over(q) === 0 ? 0 : (2 * over(q) ** 3) / Math.sqrt(q)),
    conjugate(v) {
      if (v <= 0) return { value: 0, magnitude: 0 };
      const s = root(alpha, v);
      return { value: v * s * s - (s - alpha) ** 4, magnitude: 8 * v * s * s };
    },
    least: () => 0,
    attained: true,
    cancelling: () => 0,
    takes: () => true,
  };
}

/** s > alpha with 2 (s - alpha)^3 = v s. */
function root(alpha: number, v: number): number {
  const above = (s: number): boolean => 2 * (s - alpha) ** 3 >= v * s;
  let [low, high] = [alpha, alpha + 1];
  while (!above(high)) high = alpha + 2 * (high - alpha);
  for (let middle = (low + high) / 2; low < middle && middle < high; middle = (low + high) / 2) {
    if (above(middle)) high = middle;
    else low = middle;
  }
  return high;
}
