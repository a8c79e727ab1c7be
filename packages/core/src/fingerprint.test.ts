import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fingerprint } from './fingerprint.ts';

describe('fingerprint', () => {
  it('is SHA-256 over kind, length and little-endian bytes', () => {
    const bytes = Buffer.alloc(16);
    bytes.writeDoubleLE(1.5, 0);
    bytes.writeDoubleLE(-2, 8);
    const expected = createHash('sha256').update('string:3;abcFloat64Array:16;').update(bytes).digest('hex');
    expect(fingerprint('abc', Float64Array.of(1.5, -2))).toBe(expected);
  });

  it('reads views, not their whole buffers', () => {
    const long = Float64Array.of(0, 1, 2, 3);
    expect(fingerprint(long.subarray(1, 3))).toBe(fingerprint(Float64Array.of(1, 2)));
  });

  it('tells apart what differs in kind, order, cut, shape or sign of zero', () => {
    const all = [
      fingerprint('ab', 'c'),
      fingerprint('a', 'bc'),
      fingerprint('bc', 'a'),
      fingerprint(),
      fingerprint(''),
      fingerprint([2, 3], new Float64Array(6)),
      fingerprint([3, 2], new Float64Array(6)),
      fingerprint(Float64Array.of(0)),
      fingerprint(Float64Array.of(-0)),
      fingerprint(Int32Array.of(0, 0)),
      fingerprint(Uint32Array.of(0, 0)),
      fingerprint(0),
      fingerprint([]),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
