/** What in a result of any shape can be written down by name, and what can be drawn. */
import type { Cell } from '../export/table.ts';

export interface Row {
  /** Such as `orbits[2].orbit.rank`. */
  readonly name: string;
  readonly value: Cell;
}

/** Everything that is a number, a word or nothing, by name, in the order of the result. */
export function rowsOf(value: unknown, name = ''): Row[] {
  if (Array.isArray(value)) return (value as readonly unknown[]).flatMap((item, k) => rowsOf(item, `${name}[${k}]`));
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, inner]) => rowsOf(inner, name === '' ? key : `${name}.${key}`));
  return [{ name: name === '' ? 'result' : name, value: typeof value === 'number' || typeof value === 'string' ? value : value === undefined || value === null ? null : JSON.stringify(value) }];
}

export interface List {
  readonly name: string;
  readonly values: Float64Array;
}

/** Numbers from which on a list is worth a picture. */
const few = 3;

/** Lists of numbers, and numbers that all entries of a list have under one name. */
export function listsOf(value: unknown, name = ''): List[] {
  if (Array.isArray(value)) {
    const items = value as readonly unknown[];
    if (items.length < few) return [];
    if (items.every((item) => typeof item === 'number')) return [{ name: name === '' ? 'result' : name, values: Float64Array.from(items) }];
    if (!items.every(isRecord)) return [];
    return Object.keys(items[0]!).flatMap((key) => {
      const column = items.map((item) => item[key]);
      return column.every((each) => typeof each === 'number') ? [{ name: `${name}[].${key}`, values: Float64Array.from(column) }] : [];
    });
  }
  return isRecord(value) ? Object.entries(value).flatMap(([key, inner]) => listsOf(inner, name === '' ? key : `${name}.${key}`)) : [];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
