/** Bytes as text, in what browsers and Node.js have alike. */

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
/** Up to here a loop is quicker than a decoder. */
const short = 64;

/** Text in UTF-8; what is none becomes U+FFFD. */
export function textOf(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start > short) return utf8.decode(bytes.subarray(start, end));
  let text = '';
  for (let k = start; k < end; k++) {
    const byte = bytes[k]!;
    if (byte > 0x7f) return utf8.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** A character of each byte. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  for (let k = start; k < end; k++) text += String.fromCharCode(bytes[k]!);
  return text;
}

export const bytesOf = (characters: string): Uint8Array => Uint8Array.from(characters, (character) => character.charCodeAt(0));

export const startsWith = (bytes: Uint8Array, beginning: Uint8Array): boolean => bytes.length >= beginning.length && beginning.every((byte, k) => bytes[k] === byte);

export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The bytes of an array as a little-endian machine has them. Shares memory where this is one. */
export function littleEndian(array: Float64Array | Int32Array): Uint8Array {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  if (little) return bytes;
  const size = array.BYTES_PER_ELEMENT;
  return bytes.map((_, k) => bytes[k - (k % size) + size - 1 - (k % size)]!);
}
