import type { DataMap, Measurements } from '@lowland/core';

import { littleEndian } from './bytes.ts';
import type { Hash } from './host.ts';
import type { FileForm } from './types.ts';

type Part = string | number | Float64Array | Int32Array;

/** SHA-256 (hex) over the form, the shape and the numbers as little-endian bytes; ids and file names are left out. */
export function digestOf<F extends FileForm>(form: F, data: DataMap[F], hash: Hash): string {
  for (const part of ['lowland data 1', form, ...partsOf(form, data)]) {
    if (typeof part === 'object') for (const piece of pieces(part)) hash.update(piece);
    else hash.update(utf8.encode(`${part}\n`));
  }
  return hash.hex();
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

const utf8 = new TextEncoder();
const pieceLength = 2 ** 27;

/** Little-endian bytes of an array, in pieces that a hash takes. */
function* pieces(array: Float64Array | Int32Array): Generator<Uint8Array> {
  for (let at = 0; at < array.length; at += pieceLength) {
    const piece = array.subarray(at, at + pieceLength);
    yield littleEndian(piece);
  }
}
