/** x^(1/n) for x >= 0, of + - * / alone: the same bits on every engine. Newton's iteration from above falls until rounding stops it. */
export function root(x: number, n: number): number {
  if (x === 0 || n === 1 || !Number.isFinite(x)) return x;
  // a power of two above the root
  let high = 1;
  while (power(high, n) < x) high *= 2;
  while (power(high / 2, n) >= x) high /= 2;
  for (let y = high; ; ) {
    const next = ((n - 1) * y + x / power(y, n - 1)) / n;
    if (!(next < y)) return y;
    y = next;
  }
}

function power(x: number, n: number): number {
  let product = 1;
  for (let k = 0; k < n; k++) product *= x;
  return product;
}
