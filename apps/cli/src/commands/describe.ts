import { type DefinitionOf, type Kind, kinds, type ObjectiveDefinition, type Registry, type Schema, unknownName } from '@lowland/core';

import { loadCatalog } from '../catalog.ts';
import { jsonFlag } from '../command-line/base-flags.ts';
import { usageError } from '../command-line/flag.ts';
import { type OptionInfo, optionsOf, otherwiseText, typeText } from '../command-line/options.ts';
import { parse } from '../command-line/parse.ts';
import { jsonText } from '../data/write.ts';
import { exit, type ExitCode, exitCodeHelp } from '../exit.ts';
import { wrap } from '../report.ts';
import { type Screen, screen } from '../terminal/style.ts';
import { pluginFlag } from './list.ts';

/** `lowland describe <id>`: when to use it, formula, options with their defaults, reference, and what it needs or gives. */
export async function describe(argv: readonly string[]): Promise<ExitCode> {
  const { values, operands } = parse(
    { name: 'describe', summary: 'Formula, options, defaults and reference of anything that lowland list shows.', operand: '<id>', epilogue: exitCodeHelp },
    [pluginFlag, jsonFlag],
    { argv, environment: process.env },
  );
  const [id] = operands;
  if (id === undefined) throw usageError('Name one thing to describe; lowland list shows what there is.');
  const catalog = await loadCatalog((values['plugin'] as string[] | undefined) ?? [], process.cwd());
  const found = findAnywhere(catalog, id);
  if (found === undefined) return describeChoice(catalog, id, values['json'] === true);
  const { kind, definition } = found;
  const options = optionsOf(definition.options);
  if (values['json'] === true) {
    const { summary, whenToUse = null, formula = null, reference = null, requires, provides } = definition;
    const data = 'data' in definition ? { data: definition.data } : {};
    const generate = generatorOf(definition);
    process.stdout.write(
      jsonText({
        id,
        kind: singular(kind),
        summary,
        whenToUse,
        formula,
        reference,
        ...data,
        ...(kind === 'objectives' ? { provides: provides ?? [] } : { requires: requires ?? [] }),
        options: options.map(publicForm),
        ...(generate === undefined ? {} : { generate: generate.map(publicForm) }),
      }),
    );
    return exit.ok;
  }
  print(definition, kind, options, screen(process.stdout));
  return exit.ok;
}

/** An option as JSON shows it. */
function publicForm({ fallback, parts, ...option }: OptionInfo): Record<string, unknown> {
  return {
    ...option,
    default: fallback ?? null,
    ...(parts === undefined ? {} : { parts: parts.map((part) => ({ ...part, options: part.options.map(publicForm) })) }),
  };
}

type AnyDefinition = DefinitionOf<Kind>;

const singular = (kind: Kind): string => (kind === 'analyses' ? 'analysis' : kind.slice(0, -1));

/** A choice of an option that is no definition of its own, as a loss is, and the options that have it. */
interface OfferedChoice {
  readonly part: OptionPart;
  /** `loss of matrix-completion` */
  readonly by: readonly string[];
}

type OptionPart = NonNullable<OptionInfo['parts']>[number];

/** Choices by name, wherever an option offers them. Options of one name mean the same thing. */
function choicesIn(catalog: Registry): Map<string, OfferedChoice> {
  const found = new Map<string, OfferedChoice>();
  for (const kind of kinds) {
    for (const { id, options } of catalog.all(kind)) {
      for (const { name, parts = [] } of optionsOf(options as Schema<unknown>)) {
        for (const part of parts) {
          const { by = [] } = found.get(part.id) ?? {};
          found.set(part.id, { part, by: [...by, `${name} of ${id}`] });
        }
      }
    }
  }
  return found;
}

function describeChoice(catalog: Registry, id: string, json: boolean): ExitCode {
  const choices = choicesIn(catalog);
  const found = choices.get(id);
  if (found === undefined) throw unknownName('definition', id, [...kinds.flatMap((kind) => catalog.all(kind).map((definition) => definition.id)), ...choices.keys()]);
  const { part, by } = found;
  const out = screen(process.stdout);
  if (json) out.write(jsonText({ id, kind: 'choice', summary: part.summary, by, options: part.options.map(publicForm) }));
  else {
    const options = part.options.length === 0 ? [] : ['', 'options', ...part.options.flatMap((option) => optionLines(option, out.columns))];
    out.write(`${[`${out.style('bold', id)}  (choice of an option)`, ...wrap(part.summary, out.columns), ...options, '', ...wrap(`a choice for: ${by.join(', ')}`, out.columns)].join('\n')}\n`);
  }
  return exit.ok;
}

function findAnywhere(catalog: Registry, id: string): { kind: Kind; definition: AnyDefinition } | undefined {
  for (const kind of kinds) {
    const definition = catalog.all(kind).find((candidate) => candidate.id === id);
    if (definition !== undefined) return { kind, definition };
  }
  return undefined;
}

const generatorOf = (definition: AnyDefinition): readonly OptionInfo[] | undefined => {
  const { generate } = definition as Partial<Pick<ObjectiveDefinition<unknown>, 'generate'>>;
  return generate === undefined ? undefined : optionsOf(generate.options);
};

function print(definition: AnyDefinition, kind: Kind, options: readonly OptionInfo[], out: Screen): void {
  const { id, summary, whenToUse, formula, reference, requires, provides } = definition;
  const generate = generatorOf(definition);
  const lines = [
    `${out.style('bold', id)}  (${singular(kind)})`,
    ...wrap(summary, out.columns),
    ...(whenToUse === undefined ? [] : ['', ...wrap(whenToUse, out.columns)]),
    ...(formula === undefined ? [] : ['', `  ${formula}`]),
    ...('data' in definition ? ['', `data: ${definition.data}`] : []),
    ...(options.length === 0 ? [] : ['', 'options', ...options.flatMap((option) => optionLines(option, out.columns))]),
    ...(generate === undefined ? [] : ['', '--generate', ...generate.flatMap((option) => optionLines(option, out.columns))]),
    ...(provides === undefined || provides.length === 0 ? [] : ['', ...wrap(`provides: ${provides.join(', ')}`, out.columns)]),
    ...(requires === undefined || requires.length === 0 ? [] : ['', `requires: ${requires.join(', ')}`]),
    ...(reference === undefined ? [] : ['', ...wrap(`reference: ${reference}`, out.columns)]),
  ];
  out.write(`${lines.join('\n')}\n`);
}

function optionLines(option: OptionInfo, columns: number, indent = '  '): string[] {
  const { name, parts, summary } = option;
  return [
    `${indent}${name}: ${typeText(option)} (${otherwiseText(option)})`,
    ...(summary === '' ? [] : wrap(summary, columns - indent.length - 4).map((line) => `${indent}    ${line}`)),
    ...(parts ?? []).flatMap((part) => part.options.flatMap((inner) => optionLines({ ...inner, name: `${part.id}.${inner.name}` }, columns, `${indent}  `))),
  ];
}
