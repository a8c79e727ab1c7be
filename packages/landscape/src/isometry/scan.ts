/** A number that is known to lie between two. */
export interface Bracket {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The largest value over all t of q(t) = a + b cos 2t + c sin 2t + d cos 4t + e sin 4t, enclosed: an interval of half width h around t has
 * q <= q(t) + |q'(t)| h + L h^2 / 2, L = 4 |(b, c)| + 16 |(d, e)| >= |q''|, and intervals that cannot hold the largest value are dropped, others halved.
 * Every conic of vectors on a circle is such a q: q(t) = <v v^T, H v v^T>, v = (cos t, sin t).
 *
 * @param tolerance of the enclosure, relative to the size of q
 */
export function largestOnCircle([a, b, c, d, e]: readonly [number, number, number, number, number], tolerance: number): Bracket {
  const value = (t: number): number => a + b * Math.cos(2 * t) + c * Math.sin(2 * t) + d * Math.cos(4 * t) + e * Math.sin(4 * t);
  const slope = (t: number): number => 2 * (c * Math.cos(2 * t) - b * Math.sin(2 * t)) + 4 * (e * Math.cos(4 * t) - d * Math.sin(4 * t));
  const bend = 4 * Math.hypot(b, c) + 16 * Math.hypot(d, e);
  const size = Math.abs(a) + Math.hypot(b, c) + Math.hypot(d, e);
  // what rounding does to five terms and their sum
  const rounding = 16 * 2 ** -53 * size;
  const count = 64;
  let half = Math.PI / (2 * count);
  let centres = Array.from({ length: count }, (_, k) => (2 * k + 1) * half);
  let lower = -Infinity;
  for (;;) {
    const above = (t: number): number => value(t) + Math.abs(slope(t)) * half + (bend * half * half) / 2;
    for (const t of centres) lower = Math.max(lower, value(t));
    const kept = centres.filter((t) => above(t) >= lower);
    const upper = kept.reduce((most, t) => Math.max(most, above(t)), lower);
    if (upper - lower <= tolerance * size || kept.length > 1e5) return { lower: lower - rounding, upper: upper + rounding };
    half /= 2;
    centres = kept.flatMap((t) => [t - half, t + half]);
  }
}
