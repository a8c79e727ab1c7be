/** The smallest power of two that exceeds x, for a positive finite x; dividing by it is exact outside the subnormals. */
export function powerOfTwoAbove(x: number): number {
  let unit = 1;
  while (unit <= x && unit < 2 ** 1023) unit *= 2;
  while (unit / 2 > x) unit /= 2;
  return unit;
}
