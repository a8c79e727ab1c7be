import { describe, expect, it } from 'vitest';

import { npyBytes, parseNpy } from './npy.ts';
import { readData } from './read.ts';
import { failure, file } from './testing.ts';

/** An NPY file as NumPy lays it out, from its parts. */
function npy(descr: string, fortran: boolean, shape: string, data: Buffer, version = 1): Buffer {
  const dictionary = `{'descr': ${descr}, 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${shape}, }`;
  const start = version === 1 ? 10 : 12;
  const header = dictionary.padEnd(Math.ceil((start + dictionary.length + 1) / 64) * 64 - start - 1) + '\n';
  const size = Buffer.alloc(start - 8);
  if (version === 1) size.writeUInt16LE(header.length);
  else size.writeUInt32LE(header.length);
  return Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.from([version, 0]), size, Buffer.from(header), data]);
}
const bytesOf = (array: NodeJS.TypedArray): Buffer => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
const doubles = (...values: number[]): Buffer => bytesOf(Float64Array.from(values));

describe('parseNpy', () => {
  it.each([1, 2, 3])('reads version %i', (version) => {
    const array = parseNpy(npy("'<f8'", false, '(2, 3)', doubles(1, 2, 3, 4, 5, 6), version), 'a.npy');
    expect(array).toMatchObject({ shape: [2, 3], values: Float64Array.of(1, 2, 3, 4, 5, 6) });
  });

  it('turns Fortran order into C order', () => {
    const matrix = parseNpy(npy("'<f8'", true, '(2, 3)', doubles(1, 4, 2, 5, 3, 6)), 'a.npy');
    expect([...matrix.values]).toEqual([1, 2, 3, 4, 5, 6]);
    const cube = parseNpy(npy("'<f8'", true, '(2, 1, 2)', doubles(1, 3, 2, 4)), 'a.npy');
    expect([...cube.values]).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ['<f4', Float32Array.of(0.5, -2)],
    ['<i8', BigInt64Array.of(5n, -(2n ** 53n))],
    ['<u8', BigUint64Array.of(5n, 7n)],
    ['<i4', Int32Array.of(1, -7)],
    ['<u4', Uint32Array.of(1, 4e9)],
    ['<i2', Int16Array.of(1, -7)],
    ['<u2', Uint16Array.of(1, 7)],
    ['|i1', Int8Array.of(1, -7)],
    ['|u1', Uint8Array.of(1, 200)],
    ['|b1', Uint8Array.of(1, 0)],
  ])('reads %s', (descr, data) => {
    const array = parseNpy(npy(`'${descr}'`, false, '(2,)', bytesOf(data)), 'a.npy');
    expect([...array.values]).toEqual(Array.from(data as ArrayLike<number | bigint>, Number));
  });

  it('reads the other byte order', () => {
    expect([...parseNpy(npy("'>f8'", false, '(2,)', doubles(1.5, -2).swap64()), 'a.npy').values]).toEqual([1.5, -2]);
    expect([...parseNpy(npy("'>i4'", false, '(2,)', bytesOf(Int32Array.of(3, -4)).swap32()), 'a.npy').values]).toEqual([3, -4]);
  });

  it('reads a scalar, text, and an array that is not aligned', () => {
    expect(parseNpy(npy("'<f8'", false, '()', doubles(7)), 'a.npy')).toMatchObject({ shape: [], values: Float64Array.of(7) });
    const letters = bytesOf(Uint32Array.from(Array.from('gauß\0'), (letter) => letter.codePointAt(0)!));
    expect(parseNpy(npy("'<U5'", false, '()', letters), 'a.npy').texts).toEqual(['gauß']);
    expect(parseNpy(npy("'|S3'", false, '(2,)', Buffer.from('ab\0xyz')), 'a.npy').texts).toEqual(['ab', 'xyz']);
    const shifted = Buffer.concat([Buffer.from('x'), npy("'<f8'", false, '(1,)', doubles(3))]).subarray(1);
    expect([...parseNpy(shifted, 'a.npy').values]).toEqual([3]);
  });

  it('reads what npyBytes writes, whose header is what NumPy writes', () => {
    const bytes = npyBytes([2, 2], Float64Array.of(1, -0, NaN, Infinity));
    expect(bytes).toEqual(Uint8Array.from(npy("'<f8'", false, '(2, 2)', doubles(1, -0, NaN, Infinity))));
    const back = parseNpy(bytes, 'a.npy');
    expect(back.shape).toEqual([2, 2]);
    expect([...back.values]).toEqual([1, -0, NaN, Infinity]);
    expect(parseNpy(npyBytes([3], Float64Array.of(1, 2, 3)), 'a.npy').shape).toEqual([3]);
  });

  const good = npy("'<f8'", false, '(2, 3)', doubles(1, 2, 3, 4, 5, 6));
  const cases: readonly (readonly [what: string, bytes: Buffer, code: string, message: string])[] = [
    ['a file cut off in its data', good.subarray(0, good.length - 4), 'TRUNCATED', 'a.npy (byte 172): the file ends after 172 bytes; expected 176'],
    ['a file cut off in its header', good.subarray(0, 60), 'TRUNCATED', 'a.npy (byte 60): the file ends after 60 bytes; expected 128'],
    ['a file cut off before its header', good.subarray(0, 7), 'TRUNCATED', 'a.npy (byte 7)'],
    ['a file cut off after its magic', good.subarray(0, 6), 'TRUNCATED', 'a.npy (byte 6)'],
    ['bytes behind the array', Buffer.concat([good, Buffer.alloc(3)]), 'FORMAT', 'a.npy (byte 176): 3 bytes follow the array'],
    ['another file', Buffer.from('1,2,3\n'), 'FORMAT', 'a.npy (byte 0): it starts with "1,2,3\\n"'],
    ['an unknown version', npy("'<f8'", false, '(1,)', doubles(1), 9), 'FORMAT', 'a.npy (byte 6): it says NPY version 9'],
    ['a header that makes no sense', npy("'<f8'", false, 'None', doubles(1)), 'FORMAT', 'a.npy (byte 10): the header is'],
    ['complex numbers', npy("'<c16'", false, '(1,)', doubles(1, 2)), 'DTYPE', 'the elements are "<c16"'],
    ['records', npy("[('x', '<f8')]", false, '(1,)', doubles(1)), 'DTYPE', "the elements are \"[('x', '<f8')]\""],
    ['objects', npy("'|O'", false, '(1,)', Buffer.alloc(8)), 'DTYPE', 'the elements are "|O"'],
    ['an integer beyond 2^53', npy("'<i8'", false, '(2,)', bytesOf(BigInt64Array.of(1n, 2n ** 53n + 1n))), 'NOT_FINITE', 'a.npy (byte 136): element 1 is an integer beyond 2^53'],
  ];
  it.each(cases)('refuses %s', async (_, bytes, code, message) => {
    const error = await failure(() => parseNpy(bytes, 'a.npy'));
    expect(error.code).toBe(`LOWLAND_E_DATA_${code}`);
    expect(error.message).toContain(message);
  });
});

describe('readData of NPY', () => {
  it('gives a matrix, counted from 0', async () => {
    const loaded = await readData(file('m.npy', npy("'<f4'", true, '(2, 2)', bytesOf(Float32Array.of(1, 3, 2, 4)))));
    expect(loaded).toMatchObject({ form: 'matrix', format: 'npy', indexBase: 0, data: { rows: 2, cols: 2, values: Float64Array.of(1, 2, 3, 4) } });
  });

  it('knows the content without the extension, and takes NaN for holes when told so', async () => {
    const path = file('m.bin', npyBytes([2, 2], Float64Array.of(1, NaN, 3, 4)));
    expect(await readData(path, { missing: ['nan'] })).toMatchObject({ form: 'entries', data: { values: Float64Array.of(1, 3, 4) } });
  });

  it.each([
    ['NaN', npyBytes([2, 2], Float64Array.of(1, 2, NaN, 4)), 'NOT_FINITE', 'm.npy: element [1, 0] is NaN'],
    ['an infinity', npyBytes([1, 2], Float64Array.of(1, -Infinity)), 'NOT_FINITE', 'm.npy: element [0, 1] is -Infinity'],
    ['a vector', npyBytes([4], Float64Array.of(1, 2, 3, 4)), 'SHAPE', 'm.npy: its shape is (4)'],
    ['no element', npyBytes([0, 2], new Float64Array(0)), 'EMPTY', 'm.npy: the matrix (0 × 2) holds no values'],
    ['text', npy("'|S1'", false, '(1, 1)', Buffer.from('a')), 'SHAPE', 'm.npy: it holds text'],
  ])('refuses %s', async (_, bytes, code, message) => {
    const error = await failure(() => readData(file('m.npy', bytes)));
    expect(error.code).toBe(`LOWLAND_E_DATA_${code}`);
    expect(error.message).toContain(message);
  });
});
