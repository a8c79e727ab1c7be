import { bytesOf, concatenated, latin1, littleEndian, startsWith, textOf } from './bytes.ts';
import { dataError, type Place, shown } from './fault.ts';

/** An array of an NPY file, in C order. */
export interface NpyArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** Numbers as doubles; empty for an array of text. */
  readonly values: Float64Array;
  /** Text, for an array of text (dtype U or S). */
  readonly texts?: readonly string[];
}

const magic = bytesOf('\x93NUMPY');

type Element = (view: DataView, at: number, little: boolean) => number;
const big = (value: bigint): number => (value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : NaN);
/** How to read an element of each dtype. 64-bit integers beyond 2^53 are no doubles and give NaN. */
const elements: Readonly<Record<string, Element>> = {
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => big(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => big(view.getBigUint64(at, little)),
  b1: (view, at) => view.getUint8(at),
};

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Whether bytes start like an NPY file. */
export function isNpy(bytes: Uint8Array): boolean {
  return startsWith(bytes, magic);
}

/**
 * Parses NPY (NumPy enhancement proposal 1), versions 1 to 3: f4, f8, integers, booleans and text, either byte order,
 * C or Fortran order. Native doubles in C order are not copied.
 *
 * Why not a library: npyjs 1.2 takes a truncated file for a shorter array, ignores the byte order and leaves Fortran order to the caller;
 * numpy-parser 1.2 refuses Fortran order and 64-bit integers.
 *
 * @throws LOWLAND_E_DATA_FORMAT, LOWLAND_E_DATA_DTYPE, LOWLAND_E_DATA_TRUNCATED, LOWLAND_E_DATA_NOT_FINITE (an integer
 * beyond 2^53)
 */
export function parseNpy(bytes: Uint8Array, file: string, name = file): NpyArray {
  const { descr, fortran, shape, offset } = parseHeader(bytes, file);
  const [, order, kind] = /^([<>|=]?)([a-zA-Z]\d+)$/.exec(descr) ?? [];
  const count = shape.reduce((product, size) => product * size, 1);
  const text = kind !== undefined && /^[US]/.test(kind);
  const element = elements[kind ?? ''];
  if (kind === undefined || (element === undefined && !text)) {
    throw dataError('LOWLAND_E_DATA_DTYPE', { file, byte: 10 }, {
      problem: `the elements are ${shown(descr)}`,
      expected: 'f4, f8, integers or booleans',
      remedy: "convert the array, for instance with astype('f8')",
    });
  }
  const size = Number(kind.slice(1)) * (kind.startsWith('U') ? 4 : 1);
  expectLength(bytes, offset, count * size, { file, byte: bytes.length });

  const little = order !== '>';
  if (text) return { name, shape, values: new Float64Array(0), texts: decodeTexts(bytes.subarray(offset), count, size, kind, little) };
  const position = bytes.byteOffset + offset;
  if (kind === 'f8' && !fortran && littleEndianHost && little && position % 8 === 0) {
    return { name, shape, values: new Float64Array(bytes.buffer, position, count) };
  }
  const view = new DataView(bytes.buffer, position, count * size);
  const stored = new Float64Array(count);
  for (let k = 0; k < count; k++) stored[k] = element!(view, k * size, little);
  if (/^[iu]8$/.test(kind)) expectExact(stored, file, offset);
  return { name, shape, values: fortran ? fromFortranOrder(stored, shape) : stored };
}

const littleEndianHost = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** An NPY file (version 1, f8, C order) of an array. */
export function npyBytes(shape: readonly number[], values: Float64Array): Uint8Array {
  const dictionary = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const header = new Uint8Array(length).fill(0x20);
  header.set(magic);
  header.set([1, 0, (length - 10) & 0xff, (length - 10) >> 8], 6);
  header.set(bytesOf(dictionary), 10);
  header[length - 1] = 0x0a;
  return concatenated([header, littleEndian(values)]);
}

function parseHeader(bytes: Uint8Array, file: string): { descr: string; fortran: boolean; shape: number[]; offset: number } {
  if (!isNpy(bytes)) {
    throw dataError('LOWLAND_E_DATA_FORMAT', { file, byte: 0 }, {
      problem: `it starts with ${shown(latin1(bytes.subarray(0, 6)))}`,
      expected: 'the magic string \\x93NUMPY of an NPY file',
      remedy: 'name the right --format, or write it again with numpy.save',
    });
  }
  const version = bytes[6] ?? 0;
  const start = version === 1 ? 10 : 12;
  if (version > 3 || (version === 0 && bytes.length > 6)) {
    throw dataError('LOWLAND_E_DATA_FORMAT', { file, byte: 6 }, {
      problem: `it says NPY version ${version}`,
      expected: 'version 1, 2 or 3',
      remedy: 'write it again with numpy.save',
    });
  }
  expectLength(bytes, 0, start, { file, byte: bytes.length }, true);
  const offset = start + (version === 1 ? viewOf(bytes).getUint16(8, true) : viewOf(bytes).getUint32(8, true));
  expectLength(bytes, 0, offset, { file, byte: bytes.length }, true);
  const header = textOf(bytes, start, offset);
  const descr = /'descr'\s*:\s*(?:'([^']*)'|(\[.*\]))/.exec(header);
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(header)?.[1];
  if (descr === null || fortran === undefined || shape === undefined) {
    throw dataError('LOWLAND_E_DATA_FORMAT', { file, byte: start }, {
      problem: `the header is ${shown(header.trim())}`,
      expected: "a dictionary with 'descr', 'fortran_order' and 'shape'",
      remedy: 'write it again with numpy.save',
    });
  }
  const sizes = shape.match(/\d+/g) ?? [];
  return { descr: descr[1] ?? descr[2]!, fortran: fortran === 'True', shape: sizes.map(Number), offset };
}

function expectLength(bytes: Uint8Array, offset: number, wanted: number, place: Place, atLeast = false): void {
  const given = bytes.length - offset;
  if (given === wanted || (atLeast && given > wanted)) return;
  if (given < wanted) {
    throw dataError('LOWLAND_E_DATA_TRUNCATED', place, {
      problem: `the file ends after ${bytes.length} bytes`,
      expected: `${offset + wanted}, as the header says`,
      remedy: 'copy or download it again',
    });
  }
  throw dataError('LOWLAND_E_DATA_FORMAT', { ...place, byte: offset + wanted }, {
    problem: `${given - wanted} bytes follow the array`,
    expected: `${offset + wanted} bytes in all, as the header says`,
    remedy: 'write one array to a file',
  });
}

function expectExact(values: Float64Array, file: string, offset: number): void {
  const k = values.findIndex((value) => Number.isNaN(value));
  if (k < 0) return;
  throw dataError('LOWLAND_E_DATA_NOT_FINITE', { file, byte: offset + 8 * k }, {
    problem: `element ${k} is an integer beyond 2^53`,
    expected: 'integers that a double holds exactly',
    remedy: "convert the array with astype('f8') if rounding is meant",
  });
}

function fromFortranOrder(stored: Float64Array, shape: readonly number[]): Float64Array {
  const values = new Float64Array(stored.length);
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((product, size) => product * size, 1));
  // The first index runs fastest in the file.
  for (let k = 0, at = 0; k < stored.length; k++) {
    values[at] = stored[k]!;
    for (let d = 0; d < shape.length; d++) {
      at += strides[d]!;
      if (++index[d]! < shape[d]!) break;
      at -= strides[d]! * shape[d]!;
      index[d] = 0;
    }
  }
  return values;
}

function decodeTexts(bytes: Uint8Array, count: number, size: number, kind: string, little: boolean): string[] {
  return Array.from({ length: count }, (_, k) => {
    const item = bytes.subarray(k * size, (k + 1) * size);
    if (kind.startsWith('S')) return latin1(item).replace(/\0+$/, '');
    let text = '';
    for (let at = 0; at < item.length; at += 4) {
      const point = viewOf(item).getUint32(at, little);
      if (point !== 0) text += String.fromCodePoint(point);
    }
    return text;
  });
}
