import { concatenated } from './bytes.ts';
import { dataError } from './fault.ts';
import type { Hash, Host } from './host.ts';

/** Something to read, by the name that messages call it. */
export interface Input {
  readonly name: string;
  readonly host: Host;
  /** The whole content from the start; taken once. */
  chunks(): AsyncGenerator<Uint8Array>;
}

/** An opened input: its first bytes to judge it by, and all of it as chunks. Gzip is unpacked on the way. */
export interface Source {
  readonly file: string;
  readonly gzip: boolean;
  /** The first chunk, never empty. */
  readonly head: Uint8Array;
  /** The whole content from the start; can be taken once. */
  chunks(): AsyncGenerator<Uint8Array>;
  hash(): Hash;
}

/**
 * Opens `input` and gives it to `use`; closes it afterwards, however that ends.
 *
 * @throws LOWLAND_E_DATA_EMPTY, LOWLAND_E_DATA_TRUNCATED and LOWLAND_E_DATA_FORMAT (gzip), and what reading throws
 */
export async function withSource<T>({ name, host, chunks }: Input, use: (source: Source) => Promise<T>): Promise<T> {
  const raw = await peek(name, chunks());
  try {
    const gzip = raw.head[0] === 0x1f && raw.head[1] === 0x8b;
    const content = gzip ? await peek(name, gunzip(name, host, raw.chunks())) : raw;
    try {
      return await use({ file: name, gzip, head: content.head, chunks: () => content.chunks(), hash: () => host.hash() });
    } finally {
      await content.close();
    }
  } finally {
    await raw.close();
  }
}

/** All of a source in one piece. */
export async function readAll(source: Source): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.chunks()) chunks.push(chunk);
  return concatenated(chunks);
}

async function* gunzip(file: string, host: Host, chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* host.gunzip(chunks);
  } catch (cause) {
    const cut = host.damage(cause) === 'cut';
    throw dataError(
      cut ? 'LOWLAND_E_DATA_TRUNCATED' : 'LOWLAND_E_DATA_FORMAT',
      { file },
      {
        problem: cut ? 'the gzip stream ends early' : `the gzip stream is damaged (${(cause as Error).message})`,
        expected: 'a whole gzip file',
        remedy: 'copy or download it again',
      },
      cause,
    );
  }
}

interface Peeked {
  readonly head: Uint8Array;
  chunks(): AsyncGenerator<Uint8Array>;
  /** Ends the source, read or not. */
  close(): Promise<unknown>;
}

/** Reads one chunk ahead. */
async function peek(file: string, source: AsyncGenerator<Uint8Array>): Promise<Peeked> {
  let first = await source.next();
  while (first.done !== true && first.value.length === 0) first = await source.next();
  if (first.done === true) throw dataError('LOWLAND_E_DATA_EMPTY', { file }, { problem: 'the file is empty', expected: 'data', remedy: 'check how it was written' });
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
