import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import { dataError } from './fault.ts';

const chunkSize = 2 ** 20;

/** An opened file: its first bytes to judge it by, and all of it as chunks. Gzip is unpacked on the way. */
export interface Source {
  readonly file: string;
  readonly gzip: boolean;
  /** The first chunk, never empty. */
  readonly head: Buffer;
  /** The whole content from the start; can be taken once. */
  chunks(): AsyncGenerator<Buffer>;
}

/**
 * Opens `path` and gives it to `use`; closes it afterwards, however that ends.
 *
 * @throws LOWLAND_E_DATA_MISSING, LOWLAND_E_DATA_UNREADABLE, LOWLAND_E_DATA_EMPTY, LOWLAND_E_DATA_TRUNCATED (gzip)
 */
export async function withSource<T>(path: string, use: (source: Source) => Promise<T>): Promise<T> {
  const handle = await openFile(path);
  try {
    const raw = await peek(path, rawChunks(path, handle));
    const gzip = raw.head[0] === 0x1f && raw.head[1] === 0x8b;
    const content = gzip ? await peek(path, gunzip(path, raw.chunks())) : raw;
    try {
      return await use({ file: path, gzip, ...content });
    } finally {
      await content.close();
    }
  } finally {
    await handle.close();
  }
}

/** All of a source in one buffer. */
export async function readAll(source: Source): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source.chunks()) chunks.push(chunk);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw dataError(
        'LOWLAND_E_DATA_MISSING',
        { file: path },
        { problem: 'there is no such file', expected: 'a data file', remedy: 'check the path' },
        cause,
      );
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

async function* rawChunks(path: string, handle: FileHandle): AsyncGenerator<Buffer> {
  for (;;) {
    const buffer = Buffer.allocUnsafeSlow(chunkSize);
    let bytesRead: number;
    try {
      ({ bytesRead } = await handle.read(buffer, 0, chunkSize));
    } catch (cause) {
      throw unreadable(path, cause);
    }
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* gunzip(path: string, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const unpacked = createGunzip({ chunkSize });
  // A failure of either stage surfaces where the output is read.
  const done = pipeline(Readable.from(chunks), unpacked).catch(() => {});
  try {
    for await (const chunk of unpacked) yield chunk as Buffer;
  } catch (cause) {
    const cut = (cause as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    throw dataError(
      cut ? 'LOWLAND_E_DATA_TRUNCATED' : 'LOWLAND_E_DATA_FORMAT',
      { file: path },
      {
        problem: cut ? 'the gzip stream ends early' : `the gzip stream is damaged (${(cause as Error).message})`,
        expected: 'a whole gzip file',
        remedy: 'copy or download it again',
      },
      cause,
    );
  } finally {
    await done;
  }
}

interface Peeked {
  readonly head: Buffer;
  chunks(): AsyncGenerator<Buffer>;
  /** Ends the source, read or not. */
  close(): Promise<unknown>;
}

/** Reads one chunk ahead. */
async function peek(path: string, source: AsyncGenerator<Buffer>): Promise<Peeked> {
  const first = await source.next();
  if (first.done === true) {
    throw dataError(
      'LOWLAND_E_DATA_EMPTY',
      { file: path },
      { problem: 'the file is empty', expected: 'data', remedy: 'check how it was written' },
    );
  }
  const head = first.value;
  return {
    head,
    async *chunks() {
      yield head;
      yield* source;
    },
    close: () => source.return(undefined),
  };
}
