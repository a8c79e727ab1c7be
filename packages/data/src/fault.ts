import { type ErrorCode, LowlandError } from '@lowland/core';

/** Where in a file something is wrong: a line of text, a byte of a binary file, or the file as a whole. */
export interface Place {
  readonly file: string;
  /** 1-based. */
  readonly line?: number;
  /** 0-based. */
  readonly byte?: number;
}

/** `file:line`, `file (byte n)` or `file`. */
export function placeText({ file, line, byte }: Place): string {
  if (line !== undefined) return `${file}:${line}`;
  return byte === undefined ? file : `${file} (byte ${byte})`;
}

/** What a data error says: `problem` names what was given, `expected` what belongs there, `remedy` what to do. */
export interface Complaint {
  readonly problem: string;
  readonly expected: string;
  readonly remedy: string;
}

/** The error for bad input at `place`; file, line and byte are in `details` too. */
export function dataError(code: ErrorCode, place: Place, complaint: Complaint, cause?: unknown): LowlandError {
  const { problem, expected, remedy } = complaint;
  return new LowlandError(code, `${placeText(place)}: ${problem}; expected ${expected}; ${remedy}`, {
    details: { ...place, ...complaint },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Text from a file as an error shows it: quoted, with control characters visible, cut after 40 characters. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
