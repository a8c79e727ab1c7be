/** The smallest power of two that exceeds x, for a positive finite x, 2¹⁰²³ at most; dividing by it is exact outside the subnormals. */
export function powerOfTwoAbove(x: number): number {
  let unit = 2 ** Math.max(-1074, Math.min(1023, Math.ceil(Math.log2(x))));
  while (unit <= x && unit < 2 ** 1023) unit *= 2;
  while (unit / 2 > x) unit /= 2;
  return unit;
}

/**
 * What numbers up to `largest` are divided by so that sums of their squares neither over- nor underflow: 1 where they are of ordinary size,
 * else a power of two with a representable reciprocal; 1 for 0, infinity and NaN.
 */
export function unitOf(largest: number): number {
  if ((largest > 2 ** -100 && largest < 2 ** 100) || !(largest > 0 && largest < Infinity)) return 1;
  return Math.max(2 ** -1022, powerOfTwoAbove(largest));
}
