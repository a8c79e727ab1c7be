import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** How far a reader is: which file, and the bytes of it that have been sent. */
export interface Position {
  readonly file: string;
  readonly offset: number;
}

/** What is new since a position. */
export interface News {
  /** The file is another one than that of the position, or is shorter: what was sent no longer holds. */
  readonly reset: boolean;
  /** Whole lines, without the last line break; empty where there are none. */
  readonly lines: string;
  readonly position: Position;
  /** Whether there is more to be had at once. */
  readonly more: boolean;
}

/** Bytes that go out at once. */
const chunk = 1 << 16;
/** A line that does not end within so many bytes is no line of a trace. */
const longest = 1 << 20;

export const idOf = ({ file, offset }: Position): string => `${file}:${offset}`;

/** A position from what `Last-Event-ID` says; undefined where it says nothing of the kind. */
export function positionOf(id: string | undefined): Position | undefined {
  const [, file, digits] = /^(\d+-\d+):(\d{1,15})$/.exec(id ?? '') ?? [];
  return file === undefined ? undefined : { file, offset: Number(digits) };
}

/**
 * Reads whole lines after a position. Half a line waits until it is whole. Undefined where there is no such file.
 *
 * A file is told from the one that replaced it by device and inode, and by being shorter than what was sent.
 */
export function readNews(path: string, from: Position | undefined): News | undefined {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const { dev, ino, size } = fstatSync(handle, { bigint: true });
    const file = `${dev}-${ino}`;
    const same = from?.file === file && from.offset <= Number(size);
    const offset = same ? from.offset : 0;
    const reset = from !== undefined && !same;
    for (let length = chunk; ; length *= 4) {
      const bytes = Buffer.alloc(Math.min(length, Math.max(0, Number(size) - offset)));
      const read = readSync(handle, bytes, 0, bytes.length, offset);
      const end = bytes.subarray(0, read).lastIndexOf(0x0a);
      const whole = offset + read >= Number(size);
      if (end >= 0) return { reset, lines: bytes.toString('utf8', 0, end), position: { file, offset: offset + end + 1 }, more: !whole };
      if (whole || length >= longest) return { reset, lines: '', position: { file, offset }, more: false };
    }
  } finally {
    closeSync(handle);
  }
}

/** Size and time of files by name, to see which have changed. */
export function stampsOf(paths: readonly (readonly [name: string, path: string])[]): ReadonlyMap<string, string> {
  return new Map(
    paths.flatMap(([name, path]): [string, string][] => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat?.isFile() === true ? [[name, `${stat.ino} ${stat.size} ${stat.mtimeMs}`]] : [];
    }),
  );
}
