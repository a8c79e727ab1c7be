/** Numbers as tables show them. */

/** Seconds with a unit and three digits: 1.23 ms. */
export function seconds(value: number): string {
  const [unit, factor] = value >= 1 ? ['s', 1] : value >= 1e-3 ? ['ms', 1e3] : ['µs', 1e6];
  return `${(value * factor).toPrecision(3)} ${unit}`;
}

/** A ratio with three digits, and no exponent. */
export const ratio = (value: number): string => value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
