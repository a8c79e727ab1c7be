import { createHash } from 'node:crypto';
import { endianness } from 'node:os';

import type { DataMap, Measurements } from '@lowland/core';

import type { FileForm } from './types.ts';

type Part = string | number | Float64Array | Int32Array;

/** SHA-256 (hex) over the form, the shape and the numbers as little-endian bytes; ids and file names are left out. */
export function digestOf<F extends FileForm>(form: F, data: DataMap[F]): string {
  const hash = createHash('sha256');
  for (const part of ['lowland data 1', form, ...partsOf(form, data)]) {
    if (typeof part === 'object') for (const piece of pieces(part)) hash.update(piece);
    else hash.update(`${part}\n`);
  }
  return hash.digest('hex');
}

function partsOf(form: FileForm, data: DataMap[FileForm]): Part[] {
  const shape = [data.rows, data.cols, data.values.length];
  if (form === 'matrix') return [...shape, data.values];
  if (form === 'entries') {
    const { row, col, values, weights } = data as DataMap['entries'];
    return [...shape, row, col, values, ...(weights ? ['weights', weights] : [])];
  }
  const { values, ensemble, linear, weights } = data as Measurements;
  const tail = [...(linear ? ['linear', linear] : []), ...(weights ? ['weights', weights] : [])];
  switch (ensemble.kind) {
    case 'seeded':
      return [...shape, values, 'seeded', ensemble.name, ensemble.version, ensemble.seed, ...(ensemble.nonzeros === undefined ? [] : ['nonzeros', ensemble.nonzeros]), ...tail];
    case 'dense':
      return [...shape, values, 'dense', ensemble.matrices, ...tail];
    case 'sparse':
      return [...shape, values, 'sparse', ensemble.value.length, ensemble.measurement, ensemble.row, ensemble.col, ensemble.value, ...tail];
    case 'rank-one':
      return [...shape, values, 'rank-one', ensemble.left, ...(ensemble.complex ? ['complex'] : []), ...(ensemble.right ? ['right', ensemble.right] : []), ...tail];
    case 'coded-diffraction':
      return [...shape, values, 'coded-diffraction', ensemble.masks, ...tail];
  }
}

const pieceLength = 2 ** 27;

/** Little-endian bytes of an array, in pieces that a hash takes. */
function* pieces(array: Float64Array | Int32Array): Generator<Buffer> {
  for (let at = 0; at < array.length; at += pieceLength) {
    const piece = array.subarray(at, at + pieceLength);
    yield littleEndian(piece);
  }
}

/** The bytes of an array as a little-endian machine has them. Shares memory where this is one. */
export function littleEndian(array: Float64Array | Int32Array): Buffer {
  const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  if (endianness() === 'LE') return bytes;
  const copy = Buffer.from(bytes);
  return array.BYTES_PER_ELEMENT === 8 ? copy.swap64() : copy.swap32();
}
