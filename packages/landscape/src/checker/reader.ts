/** Readers of parsed JSON that say where it is not what it should be. */
import { LowlandError } from '@lowland/core';

/** @throws LOWLAND_E_CERTIFICATE */
export type Reader<T> = (value: unknown, path: string) => T;

function fail(path: string, expected: string, value: unknown): never {
  const given = value === undefined ? 'it is missing' : `it is ${JSON.stringify(value).slice(0, 60)}`;
  throw new LowlandError('LOWLAND_E_CERTIFICATE', `${path}: expected ${expected}, but ${given}. Take the certificate as it was written.`);
}

export const text: Reader<string> = (value, path) => (typeof value === 'string' ? value : fail(path, 'text', value));
export const toggle: Reader<boolean> = (value, path) => (typeof value === 'boolean' ? value : fail(path, 'true or false', value));

/** A finite number, with `above` strictly more than `least`. */
export const number =
  ({ least = -Infinity, above = false }: { readonly least?: number; readonly above?: boolean }): Reader<number> =>
  (value, path) => {
    if (typeof value === 'number' && Number.isFinite(value) && value >= least && !(above && value === least)) return value;
    return fail(path, least === -Infinity ? 'a finite number' : `a finite number ${above ? 'above' : 'of at least'} ${least}`, value);
  };

export const integer =
  ({ least }: { readonly least: number }): Reader<number> =>
  (value, path) =>
    Number.isSafeInteger(value) && (value as number) >= least ? (value as number) : fail(path, `a whole number of at least ${least}`, value);

export const oneOf =
  <const T extends string>(...choices: readonly T[]): Reader<T> =>
  (value, path) =>
    (choices as readonly unknown[]).includes(value) ? (value as T) : fail(path, `one of ${choices.join(', ')}`, value);

export const maybe =
  <T>(reader: Reader<T>): Reader<T | null> =>
  (value, path) =>
    value === null ? null : reader(value, path);

export const list =
  <T>(reader: Reader<T>): Reader<readonly T[]> =>
  (value, path) =>
    Array.isArray(value) ? value.map((entry, k) => reader(entry, `${path}[${k}]`)) : fail(path, 'a list', value);

/** An object with these fields and no others. */
export const fields =
  <T extends object>(readers: { readonly [K in keyof T]-?: Reader<T[K]> }): Reader<T> =>
  (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(path, 'an object', value);
    const given = value as Readonly<Record<string, unknown>>;
    for (const key of Object.keys(given)) if (!Object.hasOwn(readers, key)) fail(`${path}.${key}`, 'no such field', given[key]);
    return Object.fromEntries(
      Object.entries<Reader<unknown>>(readers).map(([key, reader]) => [key, reader(Object.hasOwn(given, key) ? given[key] : undefined, `${path}.${key}`)]),
    ) as T;
  };

/** An object that is of one of several kinds, told apart by the text in one of its fields. */
export const variants =
  <T>(key: string, readers: Readonly<Record<string, Reader<T>>>): Reader<T> =>
  (value, path) => {
    const kind = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
    if (typeof kind !== 'string' || !Object.hasOwn(readers, kind)) return fail(`${path}.${key}`, `one of ${Object.keys(readers).join(', ')}`, kind);
    return readers[kind]!(value, path);
  };
