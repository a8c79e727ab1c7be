import { dataError, type Place, shown } from './fault.ts';
import type { Fields } from './records.ts';

export type Side = 'row' | 'column';

/** What the ids of one side came to. */
export interface Ids {
  readonly size: number;
  /** In index order; absent where ids are indices. */
  readonly labels?: readonly string[];
  /** Index of each provisional index; absent where they are the same. */
  readonly order?: Int32Array;
}

/** Turns the ids of one side, as they come, into provisional indices. */
export interface IdReader {
  index(fields: Fields, i: number): number;
  finish(): Ids;
}

/**
 * Ids as labels, any text. Where all ids of a side are plain integers (no leading zeros; `7.0` and `+7` are 7) rows are in
 * ascending order; else in order of first appearance, and ids are the same only if their text is.
 *
 * A side whose ids are all numbers, some of them negative or fractional, is refused: those are no ids, so the columns are
 * probably not what they were taken for.
 *
 * @throws LOWLAND_E_DATA_ID_MISSING, LOWLAND_E_DATA_INDEX
 */
export class LabelReader implements IdReader {
  readonly #side: Side;
  readonly #labels: string[] = [];
  readonly #indexOfText = new Map<string, number>();
  /** Index + 1 of each integer below `direct`: what nearly all ids are, found without making a string. */
  #indexOfInteger = new Int32Array(1024);
  #textual = false;
  #bad: { readonly place: Place; readonly label: string } | undefined;

  constructor(side: Side) {
    this.#side = side;
  }

  index(fields: Fields, i: number): number {
    const integer = smallInteger(fields.bytes, fields.starts[i]!, fields.ends[i]!);
    if (integer < 0) return this.#indexByText(fields, i);
    if (integer >= this.#indexOfInteger.length) {
      const larger = new Int32Array(2 ** Math.ceil(Math.log2(integer + 1)));
      larger.set(this.#indexOfInteger);
      this.#indexOfInteger = larger;
    }
    const known = this.#indexOfInteger[integer]!;
    if (known > 0) return known - 1;
    return (this.#indexOfInteger[integer] = this.#labels.push(String(integer))) - 1;
  }

  finish(): Ids {
    if (this.#textual) return { size: this.#labels.length, labels: this.#labels };
    if (this.#bad !== undefined) {
      throw dataError('LOWLAND_E_DATA_INDEX', this.#bad.place, {
        problem: `the ${this.#side} id is ${shown(this.#bad.label)}`,
        expected: 'ids that are whole numbers from 0 up, or text',
        remedy: 'choose the right columns with --columns, or read a matrix with --layout dense',
      });
    }
    return sorted(this.#labels.map((label) => plainInteger(label)!));
  }

  #indexByText(fields: Fields, i: number): number {
    const text = fields.text(i);
    const known = this.#indexOfText.get(text);
    if (known !== undefined) return known;
    if (text === '') throw missingId(this.#side, fields.place, i);
    if (plainInteger(text) === undefined) {
      if (!/^[+-]?\d+(\.\d*)?$/.test(text) || /^[+-]?0\d/.test(text)) this.#textual = true;
      else this.#bad ??= { place: fields.place, label: text };
    }
    const index = this.#labels.push(text) - 1;
    this.#indexOfText.set(text, index);
    return index;
  }
}

/** Ids as indices from `base`, up to `size` of them, or as many as the largest one says. */
export class IndexReader implements IdReader {
  readonly #side: Side;
  readonly #size: number | undefined;
  readonly #base: number;
  #largest = -1;

  constructor(side: Side, base: number, size?: number) {
    this.#side = side;
    this.#base = base;
    this.#size = size;
  }

  index(fields: Fields, i: number): number {
    if (fields.isEmpty(i)) throw missingId(this.#side, fields.place, i);
    const index = fields.finite(i, `the ${this.#side} index`, 'correct the line, or let ids be labels (no size, no index base given)') - this.#base;
    const limit = this.#size ?? 2 ** 31 - 1;
    if (!Number.isInteger(index) || index < 0 || index >= limit) {
      throw dataError('LOWLAND_E_DATA_INDEX', fields.place, {
        problem: `the ${this.#side} index is ${fields.text(i)}`,
        expected: `a whole number from ${this.#base} to ${limit - 1 + this.#base}`,
        remedy: 'correct the line, the size or the index base',
      });
    }
    if (index > this.#largest) this.#largest = index;
    return index;
  }

  finish(): Ids {
    return { size: this.#size ?? this.#largest + 1 };
  }
}

/** The canonical text of a whole number from 0 up (`7.0`, `+7` and `7` are `7`); undefined for any other text. */
export function plainInteger(text: string): string | undefined {
  return /^\+?(0|[1-9]\d*)(?:\.0*)?$/.exec(text)?.[1];
}

export function missingId(side: Side, place: Place, i: number): Error {
  return dataError('LOWLAND_E_DATA_ID_MISSING', place, {
    problem: `the ${side} id in field ${i + 1} is empty`,
    expected: 'an id',
    remedy: 'fill it in, or leave the line out',
  });
}

const direct = 2 ** 22;

/** The integer below `direct` written in `bytes[start, end)` without sign or leading zero, else -1. */
function smallInteger(bytes: Uint8Array, start: number, end: number): number {
  const digits = end - start;
  if (digits === 0 || digits > 7 || (digits > 1 && bytes[start] === 0x30)) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value < direct ? value : -1;
}

/** Integers as canonical text, ascending and without repeats, whatever their length. */
function sorted(labels: readonly string[]): Ids {
  const unique = [...new Set(labels)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const indexOf = new Map(unique.map((label, index) => [label, index]));
  return { size: unique.length, labels: unique, order: Int32Array.from(labels, (label) => indexOf.get(label)!) };
}
