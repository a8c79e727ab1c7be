/** What the matrix reads off the schema of options. */
import type { Schema } from '@lowland/core';

type Json = Readonly<Record<string, unknown>>;

/** JSON Schema of each option, by name. */
export function optionSchemas(schema: Schema<unknown>): Readonly<Record<string, Json>> {
  const input = schema['~standard'].jsonSchema?.input({ target: 'draft-2020-12' });
  return (input?.['properties'] ?? {}) as Readonly<Record<string, Json>>;
}

/** Weights of terms that may be left out. */
const weights = ['lambda', 'balance'];

/** What an option of a few values may be besides its default: choices, booleans, parts, and weights with or without their term. */
export function alternatives(name: string, schema: Json): readonly unknown[] {
  const { enum: choices, oneOf, type, default: value } = schema;
  if (oneOf !== undefined) return partIds(schema);
  if (weights.includes(name)) return [value === 0 ? 0.5 : 0];
  const all = Array.isArray(choices) ? (choices as unknown[]) : type === 'boolean' ? [true, false] : [];
  return all.filter((one) => one !== (type === 'boolean' ? (value ?? false) : value));
}

/** A switch of a generator, whose settings are numbers. */
export const isSwitch = ({ type, minimum, maximum }: Json): boolean => type === 'integer' && minimum === 0 && maximum === 1;

/** Ids of the parts that an option chooses from, the default last. */
export function partIds({ oneOf, default: value }: Json): readonly string[] {
  if (!Array.isArray(oneOf)) return [];
  const ids = (oneOf as Json[]).flatMap(({ properties }) => ((properties as Json | undefined)?.['id'] as Json | undefined)?.['const'] ?? []) as string[];
  const chosen = (value as Json | undefined)?.['id'];
  return ids.filter((id) => id !== chosen);
}
