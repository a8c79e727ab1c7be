/** Rounds to the number type that a kernel computes in: the identity in f64, `Math.fround` in f32. */
export type Round = (x: number) => number;

export const f64: Round = (x) => x;
export const f32: Round = Math.fround;
