/**
 * What a schema declares, as plain data: command lines make flags of it, pages make forms.
 */
import type { Schema } from './plugin.ts';

/** One option of a definition, out of the JSON Schema part of its options. Plain data, fit to be sent to a page. */
export interface OptionInfo {
  readonly name: string;
  readonly kind: 'number' | 'integer' | 'string' | 'boolean' | 'choice' | 'list' | 'part' | 'other';
  readonly summary: string;
  readonly required: boolean;
  readonly fallback?: unknown;
  readonly choices?: readonly string[];
  readonly least?: number;
  readonly most?: number;
  /** Whether `least` itself is excluded. */
  readonly open?: boolean;
  /** Of a list: what it holds, and whether one of them may stand for a list of one. */
  readonly items?: string;
  readonly orOne?: boolean;
  /** Of a part: what can be chosen, each with options of its own. */
  readonly parts?: readonly { readonly id: string; readonly summary: string; readonly options: readonly OptionInfo[] }[];
}

type Json = Readonly<Record<string, unknown>>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The id of a part that is the default, which may be given with or without options. */
export const defaultPart = (fallback: unknown): unknown => (isJson(fallback) && 'id' in fallback ? fallback['id'] : fallback);

/** The options that a schema declares; none where it says nothing as JSON Schema. */
export function optionsOf(schema: Schema<unknown>): readonly OptionInfo[] {
  const input = schema['~standard'].jsonSchema?.input({ target: 'draft-2020-12' });
  return input === undefined ? [] : propertiesOf(input);
}

function propertiesOf(schema: Json): OptionInfo[] {
  const required = Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : [];
  const properties = isJson(schema['properties']) ? schema['properties'] : {};
  return Object.entries(properties).map(([name, property]) => optionOf(name, isJson(property) ? property : {}, required.includes(name)));
}

function optionOf(name: string, schema: Json, required: boolean): OptionInfo {
  const summary = typeof schema['description'] === 'string' ? schema['description'] : '';
  const common = { name, summary, required, ...('default' in schema ? { fallback: schema['default'] } : {}) };
  const alternatives = [schema['oneOf'], schema['anyOf']].find(Array.isArray) as unknown[] | undefined;
  const parts = alternatives?.filter(isJson).flatMap(partOf) ?? [];
  if (parts.length > 0) return { ...common, kind: 'part', parts };
  const choices = Array.isArray(schema['enum']) ? (schema['enum'] as unknown[]).map(String) : alternatives?.filter(isJson).map((one) => String(one['const']));
  if (choices !== undefined) return { ...common, kind: 'choice', choices };
  const bounds = {
    ...bound('least', schema['exclusiveMinimum'] ?? schema['minimum']),
    ...bound('most', schema['maximum'] ?? schema['exclusiveMaximum']),
    open: 'exclusiveMinimum' in schema,
  };
  const types: readonly unknown[] = [schema['type']].flat();
  if (types.includes('array')) {
    const items = isJson(schema['items']) && typeof schema['items']['type'] === 'string' ? schema['items']['type'] : 'value';
    return { ...common, kind: 'list', items, orOne: types.length > 1 };
  }
  switch (schema['type']) {
    case 'number':
      return { ...common, kind: 'number', ...bounds };
    case 'integer':
      return { ...common, kind: 'integer', ...bounds };
    case 'boolean':
      return { ...common, kind: 'boolean' };
    case 'string':
      return { ...common, kind: 'string' };
    default:
      return { ...common, kind: 'other' };
  }
}

const bound = (name: 'least' | 'most', value: unknown): { least?: number; most?: number } => (typeof value === 'number' ? { [name]: value } : {});

/** A part is an object whose `id` is a constant. */
function partOf(schema: Json): { id: string; summary: string; options: readonly OptionInfo[] }[] {
  const properties = isJson(schema['properties']) ? schema['properties'] : {};
  const id = isJson(properties['id']) ? properties['id']['const'] : undefined;
  if (typeof id !== 'string') return [];
  const options = isJson(properties['options']) ? propertiesOf(properties['options']) : [];
  const summary = typeof schema['description'] === 'string' ? schema['description'] : '';
  return [{ id, summary, options }];
}
