import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

import { LowlandError } from '@lowland/core';

let count = 0;

/**
 * Writes a file under a temporary name in the same folder and renames it into place: readers see the old file or the
 * whole new one, also after a crash. Pieces are written as they come.
 *
 * Synchronous, so that a checkpoint is in place before the run goes on, and in a signal handler.
 *
 * @throws LOWLAND_E_OUTPUT_UNWRITABLE
 */
export function writeAtomically(path: string, data: string | Uint8Array | Iterable<string | Uint8Array>): void {
  const temporary = `${path}.${process.pid}-${++count}.tmp`;
  try {
    const file = openSync(temporary, 'wx');
    try {
      for (const piece of typeof data === 'string' || data instanceof Uint8Array ? [data] : data) writeAll(file, piece);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw isSystemError(cause) ? unwritable(path, cause) : cause;
  }
}

/** A value as readable JSON, with a newline at the end. Numbers that JSON does not know (NaN, infinities) become null. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** A field of CSV, in quotes where RFC 4180 wants them, and where blanks or emptiness would be lost. Numbers read back to the same double. */
export function csvField(value: string | number): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  return text === '' || /[",\r\n]|^\s|\s$|^#/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvLine(values: readonly (string | number)[]): string {
  return `${values.map(csvField).join(',')}\n`;
}

export function unwritable(path: string, cause: unknown): LowlandError {
  return new LowlandError(
    'LOWLAND_E_OUTPUT_UNWRITABLE',
    `${path}: cannot be written (${(cause as Error).message}); expected a folder that can be written to; check its permissions and the free space, or name another`,
    { cause, details: { file: path } },
  );
}

/** Whether the operating system, not a bug, is to blame. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function writeAll(file: number, piece: string | Uint8Array): void {
  const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(bytes.length - at, 2 ** 30));
}
