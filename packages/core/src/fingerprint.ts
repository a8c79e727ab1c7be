/**
 * SHA-256 over data, so that a checkpoint, a result and a certificate name the very numbers they belong to.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** What a fingerprint can cover. A shape is given as an array of numbers. */
export type FingerprintPart = string | number | readonly number[] | Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function littleEndianBytes(array: Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array): Uint8Array {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  if (littleEndian || array.BYTES_PER_ELEMENT === 1) return bytes;
  const swapped = bytes.slice();
  for (let at = 0; at < swapped.length; at += array.BYTES_PER_ELEMENT) swapped.subarray(at, at + array.BYTES_PER_ELEMENT).reverse();
  return swapped;
}

/**
 * SHA-256 as 64 hex digits over the parts in order. Each part is preceded by its kind and length, so that no two
 * different lists of parts give the same bytes; numbers and typed arrays are little-endian. -0 and 0 differ.
 */
export function fingerprint(...parts: readonly FingerprintPart[]): string {
  const hash = sha256.create();
  for (const part of parts) {
    const [kind, bytes] =
      typeof part === 'string'
        ? ['string', utf8ToBytes(part)]
        : typeof part === 'number' || Array.isArray(part)
          ? ['numbers', littleEndianBytes(Float64Array.from([part].flat()))]
          : [part.constructor.name, littleEndianBytes(part as Float64Array)];
    hash.update(utf8ToBytes(`${kind}:${String(bytes.length)};`)).update(bytes);
  }
  return bytesToHex(hash.digest());
}
