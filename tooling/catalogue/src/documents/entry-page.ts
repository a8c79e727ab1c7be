/** The page of one entry, from its definition and the doc comments of the functions behind it. */
import type { DefinitionOf, Kind, ObjectiveDefinition } from '@lowland/core';

import { type OptionInfo, optionsOf, otherwiseText, typeText } from '../../../../apps/cli/src/command-line/options.ts';
import type { DocComment } from './doc-comments.ts';
import type { Arguments } from './examples.ts';

export interface Entry {
  readonly kind: Kind;
  readonly definition: DefinitionOf<Kind>;
  readonly makers: readonly DocComment[];
  readonly example: Arguments | undefined;
  /** What it runs with, where that is of interest. */
  readonly partners: readonly string[];
}

export const singular = (kind: Kind): string => (kind === 'analyses' ? 'analysis' : kind.slice(0, -1));

export function entryPage({ kind, definition, makers, example, partners }: Entry): string {
  const { id, summary, whenToUse, formula, reference, requires, provides } = definition;
  const { data, generate } = definition as Partial<Pick<ObjectiveDefinition<unknown>, 'data' | 'generate'>>;
  const options = optionsOf(definition.options);
  const sections = [
    `# \`${id}\``,
    `*${capitalised(singular(kind))}.* ${prose(summary)}`,
    whenToUse === undefined ? '' : `**When to use it.** ${whenToUse}`,
    formula === undefined ? '' : fence('text', formula),
    ...makers.map(({ name, text }) => `${makers.length > 1 ? `## \`${name}\`\n\n` : ''}${prose(text)}`),
    options.length === 0 ? '' : `## Options\n\n${optionTable(options)}`,
    data === undefined || data === 'none' ? '' : `## Data\n\n${capitalised(data)} from a file, \`--data\`${generate === undefined ? '' : ', or planted by `--generate`'}.`,
    generate === undefined ? '' : optionTable(optionsOf(generate.options)),
    example === undefined ? '' : `## On the command line\n\n${fence('console', `$ lowland ${example.join(' ')}`)}`,
    makers.length === 0 ? '' : `## In code\n\n${makers.map((maker) => maker.name).map((name) => `\`${name}()\``).join(', ')}${thrown(makers)}`,
    list('Provides', provides),
    list('Requires', requires),
    list(kind === 'objectives' ? 'Runs with' : 'Runs on', partners),
    reference === undefined ? '' : `## Reference\n\n${reference}`,
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

const fence = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Conjugates, as in a a^*, are no emphasis; code stays as it is. */
const prose = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line.startsWith('    ') ? line : line.split('`').map((part, k) => (k % 2 === 0 ? part.replaceAll('^*', '^\\*') : part)).join('`')))
    .join('\n');

const list = (title: string, names: readonly string[] | undefined): string =>
  names === undefined || names.length === 0 ? '' : `**${title}** ${[...new Set(names)].map((name) => `\`${name}\``).join(', ')}`;

const thrown = (makers: readonly DocComment[]): string => {
  const lines = [...new Set(makers.flatMap(({ throws }) => throws))];
  return lines.length === 0 ? '' : `\n\nThrows\n\n${lines.map((line) => `- ${line.replaceAll(/`?(LOWLAND_E_\w+)`?/g, '`$1`')}`).join('\n')}`;
};

const escaped = (text: string): string => text.replaceAll('|', '\\|');

function optionTable(options: readonly OptionInfo[]): string {
  const rows = (own: readonly OptionInfo[], prefix: string): string[] =>
    own.flatMap((option) => [
      `| \`${prefix}${option.name}\` | ${escaped(typeText(option))} | ${escaped(otherwiseText(option))} | ${escaped(prose(option.summary))} |`,
      ...(option.parts ?? []).flatMap((part) => rows(part.options, `${prefix}${option.name} ${part.id}.`)),
    ]);
  return ['| option | takes | without it | |', '|---|---|---|---|', ...rows(options, '')].join('\n');
}
