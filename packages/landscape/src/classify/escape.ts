/** Whether a direction of negative curvature really leads down. */
export interface Descent {
  readonly step: number;
  readonly decrease: number;
}

/**
 * The best decrease f(x) - f(x + t v) over steps |t| = reach 4^-k, k = 0 … 20, of both signs, if it exceeds rounding
 * (64 * 2^-53 times the larger value); undefined when none does.
 *
 * @param along t -> f(x + t v) for a unit v.
 */
export function descentAlong(along: (t: number) => number, valueHere: number, reach: number): Descent | undefined {
  let best: Descent | undefined;
  for (let k = 0, t = reach; k <= 20; k++, t /= 4) {
    for (const step of [t, -t]) {
      const there = along(step);
      const decrease = valueHere - there;
      const rounding = 64 * 2 ** -53 * Math.max(Math.abs(valueHere), Math.abs(there));
      if (decrease > rounding && decrease > (best?.decrease ?? 0)) best = { step, decrease };
    }
  }
  return best;
}
