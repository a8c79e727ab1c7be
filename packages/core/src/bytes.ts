/** Bytes of numbers, little-endian on every machine, and base64. */

export type NumberArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

const isLittleEndian = (): boolean => new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The bytes of an array in little-endian order: a view where the machine is, else a copy. */
export function littleEndianBytes(array: NumberArray): Uint8Array {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return isLittleEndian() ? bytes : reversed(bytes, array.BYTES_PER_ELEMENT);
}

function reversed(bytes: Uint8Array, size: number): Uint8Array {
  const result = bytes.slice();
  for (let at = 0; at < result.length; at += size) result.subarray(at, at + size).reverse();
  return result;
}

/** Base64 of little-endian f64: how checkpoints hold vectors. JSON numbers would lose -0, NaN and infinities, and take twice the room. */
export function encodeNumbers(numbers: Float64Array): string {
  const bytes = littleEndianBytes(numbers);
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x2000) text += String.fromCharCode(...bytes.subarray(at, at + 0x2000));
  return btoa(text);
}

/** The numbers of `encodeNumbers`, or undefined where the text is no such encoding. */
export function decodeNumbers(text: string): Float64Array | undefined {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return undefined;
  }
  if (binary.length % 8 !== 0) return undefined;
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return new Float64Array((isLittleEndian() ? bytes : reversed(bytes, 8)).buffer);
}
