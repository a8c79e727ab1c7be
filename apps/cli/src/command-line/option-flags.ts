import { type Flag, integer, number, oneOf, text, toggle, usageError } from './flag.ts';
import { defaultPart, fallbackText, type OptionInfo } from './options.ts';
import type { Values } from './parse.ts';

/** Options by name, as a definition's `create` takes them. A part is `{ id, options }`. */
export type Options = Readonly<Record<string, unknown>>;

/** Whose options: their group in help, and the prefix that tells apart options of one name. */
export interface Owner {
  readonly group: string;
  readonly options: readonly OptionInfo[];
  /** From the name of a top-level option to the name of its flag. */
  readonly flagName: (option: string) => string;
}

/**
 * The flags of an owner's options. A part's own options are flags of the form `--step.shrink`, there once the part is
 * chosen (or is the default): `values` says what is chosen so far.
 */
export function flagsOf(owner: Owner, values: Values): Flag[] {
  const visit = (options: readonly OptionInfo[], prefix: string): Flag[] =>
    options.flatMap((option) => {
      const name = prefix === '' ? owner.flagName(option.name) : `${prefix}.${option.name}`;
      const chosen = option.parts?.find(({ id }) => id === (values[name] ?? defaultPart(option.fallback)));
      return [flagOf(option, name, owner.group), ...(chosen === undefined ? [] : visit(chosen.options, name))];
    });
  return visit(owner.options, '');
}

/** What the settings say about an owner's options; those that were not given are left to the schema's defaults. */
export function optionValues(owner: Owner, values: Values): Options {
  const visit = (options: readonly OptionInfo[], prefix: string): Record<string, unknown> =>
    Object.fromEntries(
      options.flatMap((option): [string, unknown][] => {
        const name = prefix === '' ? owner.flagName(option.name) : `${prefix}.${option.name}`;
        const value = values[name];
        if (option.parts === undefined) return value === undefined ? [] : [[option.name, value]];
        const id = value ?? defaultPart(option.fallback);
        const inner = visit(option.parts.find((part) => part.id === id)?.options ?? [], name);
        if (value === undefined && Object.keys(inner).length === 0) return [];
        return [[option.name, { id, options: inner }]];
      }),
    );
  return visit(owner.options, '');
}

function flagOf(option: OptionInfo, name: string, group: string): Flag {
  const shown = option.kind === 'part' ? defaultPart(option.fallback) : option.fallback;
  const choices = option.choices ?? option.parts?.map(({ id }) => id);
  const summary = choices === undefined ? option.summary : `${option.summary}${option.summary === '' ? '' : ': '}${choices.join(', ')}`;
  return {
    name,
    placeholder: { part: 'id', choice: 'choice', list: 'json', other: 'json' }[option.kind as string] ?? option.kind,
    summary: option.required ? `${summary} (required)` : summary,
    group,
    ...(shown === undefined ? {} : { fallback: fallbackText(shown) }),
    parse: parserOf(option, choices),
  };
}

function parserOf(option: OptionInfo, choices: readonly string[] | undefined): Flag['parse'] {
  if (choices !== undefined) return oneOf(...choices);
  switch (option.kind) {
    case 'number':
      return number(option);
    case 'integer':
      return integer(option);
    case 'boolean':
      return toggle;
    case 'string':
      return text;
    default:
      return json;
  }
}

function json(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw usageError(`expected JSON, not "${value}"`, cause);
  }
}
