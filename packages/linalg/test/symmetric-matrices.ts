import { identity, matrix, type Matrix } from '../src/matrix.ts';
import { filled, gaussian, withSpectrum } from './fixtures.ts';

/** Independent entries. */
export const symmetric = (n: number, seed: number): Matrix => {
  const g = gaussian(n, n, seed);
  return filled(n, n, (i, j) => g.data[i * n + j]! + g.data[j * n + i]!);
};
const tridiagonal = (n: number, d: (i: number) => number, e: (i: number) => number): Matrix =>
  filled(n, n, (i, j) => (i === j ? d(i) : Math.abs(i - j) === 1 ? e(Math.min(i, j)) : 0));
const spectrum = (value: (i: number, n: number) => number) => (n: number): Matrix => withSpectrum(Array.from({ length: n }, (_, i) => value(i, n)), n);

const parity = (x: number): number => { let p = 0; for (let k = x; k > 0; k >>= 1) p ^= k & 1; return p; };

/** What breaks careless eigensolvers. */
export const nasty: Readonly<Record<string, (n: number) => Matrix>> = {
  random: (n) => symmetric(n, n),
  'random of size 1e150': (n) => matrix(n, n, symmetric(n, n).data.map((x) => 1e150 * x)),
  'random of size 1e-150': (n) => matrix(n, n, symmetric(n, n).data.map((x) => 1e-150 * x)),
  'random of size 1e-300': (n) => matrix(n, n, symmetric(n, n).data.map((x) => 1e-300 * x)),
  'random of size 1e307': (n) => matrix(n, n, symmetric(n, n).data.map((x) => 1e307 * x / 8)),
  zero: (n) => matrix(n, n),
  identity: (n) => identity(n),
  'minus identity': (n) => filled(n, n, (i, j) => (i === j ? -1 : 0)),
  ones: (n) => filled(n, n, () => 1),
  'rank 2 of integers': (n) => filled(n, n, (i, j) => i + j),
  arrowhead: (n) => filled(n, n, (i, j) => (i === j ? i : i === n - 1 || j === n - 1 ? 1 : 0)),
  'arrowhead upwards': (n) => filled(n, n, (i, j) => (i === j ? i : i === 0 || j === 0 ? 1 : 0)),
  'second difference': (n) => tridiagonal(n, () => 2, () => -1),
  'prolate Toeplitz': (n) => filled(n, n, (i, j) => (i === j ? 0.5 : Math.sin(Math.PI * 0.5 * (i - j)) / (Math.PI * (i - j)))),
  'Kac, Murdock, Szegő': (n) => filled(n, n, (i, j) => 0.9 ** Math.abs(i - j)),
  Wilkinson: (n) => tridiagonal(n, (i) => Math.abs(i - (n - 1) / 2), () => 1),
  'glued Wilkinson': (n) => tridiagonal(n, (i) => Math.abs((i % 21) - 10), (i) => (i % 21 === 20 ? 1e-9 : 1)),
  'glued Wilkinson, barely': (n) => tridiagonal(n, (i) => Math.abs((i % 21) - 10), (i) => (i % 21 === 20 ? 1e-15 : 1)),
  Clement: (n) => tridiagonal(n, () => 0, (i) => Math.sqrt((i + 1) * (n - 1 - i))),
  Hilbert: (n) => filled(n, n, (i, j) => 1 / (i + j + 1)),
  'graded downwards': (n) => filled(n, n, (i, j) => Math.cos(i * j) * 10 ** (-(i + j) / 4)),
  'graded upwards': (n) => filled(n, n, (i, j) => Math.cos(i * j) * 10 ** ((i + j - 2 * n) / 4)),
  'graded over 1e±150': (n) => filled(n, n, (i, j) => Math.cos(i * j) * 10 ** ((150 * (i + j - n)) / n)),
  'graded tridiagonal': (n) => tridiagonal(n, (i) => 2 ** -i, (i) => 2 ** (-i - 1)),
  blocks: (n) => filled(n, n, (i, j) => (i >> 3 === j >> 3 ? 1 + ((i * j) % 3) : 0)),
  'signs in two dimensions': (n) => filled(n, n, (i, j) => (parity(i & j) === 0 ? 1 : -1)),
  'one large coupling': (n) => tridiagonal(n, (i) => i / n, (i) => (i === n >> 1 ? 1e8 : 1e-3)),
  'two eigenvalues': spectrum((i) => (i % 2 === 0 ? 1 : -1)),
  'one far away': spectrum((i) => (i === 0 ? 1 : 1e-12)),
  'a tight cluster': spectrum((i, n) => (i < n / 2 ? 1 + i * 1e-14 : i / n)),
  'looser clusters': spectrum((i) => (i % 5) + 1e-10 * i),
  'geometric to 1e-16': spectrum((i, n) => 10 ** ((-16 * i) / n)),
  'pairs ±': spectrum((i, n) => (i % 2 === 0 ? 1 : -1) * (i >> 1) / n),
};
