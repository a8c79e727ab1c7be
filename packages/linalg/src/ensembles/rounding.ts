/** Rounds to the number type that a kernel computes in. */
export type Round = (x: number) => number;

// One function for both, so that engines compile it into what calls it, whichever types a process has.
const rounding = (single: boolean): Round => (x) => (single ? Math.fround(x) : x);

export const f64: Round = rounding(false);
export const f32: Round = rounding(true);
