import { latin1 } from './bytes.ts';

/** 10^0 to 10^22: the powers of ten that are doubles. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));

/**
 * The double nearest to the decimal number in `bytes[start, end)`, NaN where there is none: optional sign, digits with
 * an optional point, optional exponent, nothing else (no blanks, no hexadecimal, no `nan` or `inf`). Infinity where the
 * number is too large.
 *
 * A mantissa below 2^53 and a power of ten up to 10^22 are both exact, so one multiplication or division rounds
 * correctly (Clinger 1990); the rest is left to `Number`. Bound by arithmetic: a few operations a byte, no string.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const first = at < end ? bytes[at]! : 0;
  if (first === 0x2d || first === 0x2b) at++;

  let mantissa = 0;
  let digits = 0;
  for (; at < end; at++, digits++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) break;
    mantissa = mantissa * 10 + digit;
  }
  let exponent = 0;
  if (at < end && bytes[at] === 0x2e) {
    for (at++; at < end; at++, digits++, exponent--) {
      const digit = bytes[at]! - 0x30;
      if (digit < 0 || digit > 9) break;
      mantissa = mantissa * 10 + digit;
    }
  }
  if (digits === 0) return NaN;
  if (at < end && (bytes[at]! | 0x20) === 0x65) {
    at++;
    const sign = at < end ? bytes[at]! : 0;
    if (sign === 0x2d || sign === 0x2b) at++;
    const from = at;
    let power = 0;
    for (; at < end; at++) {
      const digit = bytes[at]! - 0x30;
      if (digit < 0 || digit > 9) break;
      power = power * 10 + digit;
    }
    if (at === from) return NaN;
    exponent += sign === 0x2d ? -power : power;
  }
  if (at !== end) return NaN;

  if (mantissa < 2 ** 53 && exponent >= -22 && exponent <= 22) {
    const size = exponent < 0 ? mantissa / powersOfTen[-exponent]! : mantissa * powersOfTen[exponent]!;
    return first === 0x2d ? -size : size;
  }
  return Number(latin1(bytes, start, end));
}
