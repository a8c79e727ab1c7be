/** Files on a disk. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import { dataError, type Hash, type Host, type Input } from '@lowland/data';

const chunkSize = 2 ** 20;

/** SHA-256 by the library that Node.js brings. */
export function nodeHash(): Hash {
  const hash = createHash('sha256');
  return { update: (bytes) => { hash.update(bytes); }, hex: () => hash.digest('hex') };
}

const node: Host = {
  hash: nodeHash,
  async *gunzip(chunks) {
    const unpacked = createGunzip({ chunkSize });
    // A failure of either stage surfaces where the output is read.
    const done = pipeline(Readable.from(chunks), unpacked).catch(() => {});
    try {
      for await (const chunk of unpacked) yield chunk as Uint8Array;
    } finally {
      await done;
    }
  },
  damage: (error) => ((error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR' ? 'cut' : 'damaged'),
};

/** A file by its path. Reading throws LOWLAND_E_DATA_MISSING or LOWLAND_E_DATA_UNREADABLE where there is none that can be read. */
export const fileInput = (path: string): Input => ({ name: path, host: node, chunks: () => chunksOf(path) });

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  const handle = await openFile(path);
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafeSlow(chunkSize);
      const { bytesRead } = await handle.read(buffer, 0, chunkSize).catch((cause: unknown) => { throw unreadable(path, cause); });
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw dataError('LOWLAND_E_DATA_MISSING', { file: path }, { problem: 'there is no such file', expected: 'a data file', remedy: 'check the path' }, cause);
    }
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): Error {
  const folder = (cause as NodeJS.ErrnoException).code === 'EISDIR';
  return dataError(
    'LOWLAND_E_DATA_UNREADABLE',
    { file: path },
    {
      problem: folder ? 'this is a folder' : `the file cannot be read (${(cause as Error).message})`,
      expected: 'a readable data file',
      remedy: folder ? 'name a file in it' : 'check its permissions',
    },
    cause,
  );
}
