/**
 * x^(1/5) for x in [1e-12, 1e12], to a few units in the last place: by + x / and the square root alone, so that steps have the same
 * bits on every engine, which `Math.pow` would not give.
 */
export function fifthRoot(x: number): number {
  let y = Math.sqrt(Math.sqrt(x));
  // Newton from above for x >= 1; for x < 1 the first step overshoots and the rest come from above too.
  for (let k = 0; k < 80; k++) {
    const square = y * y;
    const next = (4 * y + x / (square * square)) / 5;
    if (k > 0 && next >= y) return y;
    y = next;
  }
  return y;
}

/**
 * How much longer the next step may be, from the errors of this step and of the last accepted one over their tolerances:
 * 0.9 (last^(1/5) / error^(3/5))^(1/5) between 0.2 and 5, the controller PI.4.2 for an error of order 5 in the step (Söderlind 2003,
 * doi:10.1145/641876.641877).
 */
export function stepFactor(error: number, last: number): number {
  const e = Math.min(Math.max(error, 1e-4), 1e4);
  const before = Math.min(Math.max(last, 1e-4), 1e4);
  const factor = fifthRoot(fifthRoot(before) / (fifthRoot(e) * fifthRoot(e) * fifthRoot(e)));
  return Math.min(Math.max(0.9 * factor, 0.2), 5);
}
