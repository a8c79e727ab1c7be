/** Files that a person has chosen in a browser. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

import type { Hash, Host } from './host.ts';
import type { Input } from './source.ts';

/** @param most bytes that a file may be unpacked to: a small one can hold a large one */
const web = (most: number): Host => ({
  hash: (): Hash => {
    const hash = sha256.create();
    return { update: (bytes) => { hash.update(bytes); }, hex: () => bytesToHex(hash.digest()) };
  },
  async *gunzip(chunks) {
    const stream = new DecompressionStream('gzip');
    const writer = stream.writable.getWriter();
    const write = async (): Promise<void> => {
      for await (const chunk of chunks) await writer.write(chunk as Uint8Array<ArrayBuffer>);
      await writer.close();
    };
    // a failure of either end surfaces where the output is read
    const written = write().catch(() => undefined);
    let length = 0;
    try {
      for await (const chunk of read(stream.readable)) {
        length += chunk.length;
        if (length > most) throw new Error(`it unpacks to more than ${most / 1e6} MB`);
        yield chunk;
      }
    } finally {
      await stream.readable.cancel().catch(() => undefined);
      await written;
    }
  },
  // all tell of both by a TypeError, and each in words of its own
  damage: (error) => (/truncat|unexpected end|incomplete/i.test(`${wordsOf(error)} ${error instanceof Error ? wordsOf(error.cause) : ''}`) ? 'cut' : 'damaged'),
});

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : '');

/** A file, or any blob of that name; of `most` bytes at most when it is unpacked. */
export const blobInput = (name: string, blob: Blob, most = Infinity): Input => ({ name, host: web(most), chunks: () => read(blob.stream()) });

async function* read(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}
