/**
 * SHA-256 over data, so that a checkpoint, a result and a certificate name the very numbers they belong to.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { littleEndianBytes, type NumberArray } from './bytes.ts';

/** What a fingerprint can cover. A shape is given as an array of numbers. */
export type FingerprintPart = string | number | readonly number[] | NumberArray;

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
          : [part.constructor.name, littleEndianBytes(part as NumberArray)];
    hash.update(utf8ToBytes(`${kind}:${String(bytes.length)};`)).update(bytes);
  }
  return bytesToHex(hash.digest());
}
