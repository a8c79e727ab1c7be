import { FileFault } from './fault.ts';

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws FileFault for what is no JSON object, such as one that was cut off */
export function parseFields(name: string, text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FileFault(`${name} is no whole JSON document (${(error as Error).message}). If it was cut off while it was copied, copy it again.`);
  }
  if (!isFields(value)) throw new FileFault(`${name} holds no JSON object, but ${Array.isArray(value) ? 'a list' : typeof value}. Give result.json, certificate.json or a state saved here.`);
  return value;
}

export const numberIn = (fields: Fields, name: string): number => numberOrNull(fields, name) ?? NaN;

export function numberOrNull(fields: Fields, name: string): number | null {
  const value = fields[name];
  return typeof value === 'number' ? value : null;
}

export function textIn(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' ? value : null;
}

export function fieldsIn(fields: Fields, name: string): Fields | null {
  const value = fields[name];
  return isFields(value) ? value : null;
}
