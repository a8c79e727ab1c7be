/** All documents that are made from what is registered: where they stand, and their text. */
import * as blas from '@lowland/blas';
import { type DefinitionOf, type Kind, kinds, type Registry } from '@lowland/core';
import * as landscape from '@lowland/landscape';
import * as linalg from '@lowland/linalg';
import * as objectives from '@lowland/objectives';
import * as optimizers from '@lowland/optimizers';
import * as webgpu from '@lowland/webgpu';

import type { Matrix } from '../composition/matrix.ts';
import { page } from '../composition/table.ts';
import { readSources } from './doc-comments.ts';
import { type Entry, entryPage, singular } from './entry-page.ts';
import { example } from './examples.ts';

const app = 'apps/cli/src';
const packages = { blas, landscape, linalg, objectives, optimizers, webgpu };
const folderOf = (name: string): string => `packages/${name}/src`;
const folders = [app, ...Object.keys(packages).map(folderOf)];
const exported = new Map(Object.entries(packages).map(([name, module]) => [folderOf(name), new Set(Object.keys(module))]));
/** Of packages what they themselves export; an app has definitions of its own, and exports nothing. */
const published = (name: string, folder: string): boolean => folder === app || exported.get(folder)?.has(name) === true;

/** Entries in the order of the registry, with all that their pages show. */
export function entriesOf(registry: Registry, root: string, matrix: Matrix): readonly Entry[] {
  const sources = readSources(root, folders, published);
  const runs = (row: string, column: string): boolean => {
    const outcome = matrix.outcomes[matrix.rows.findIndex(({ name }) => name === row)]?.[matrix.columns.findIndex(({ name }) => name === column)];
    return outcome !== undefined && outcome.kind !== 'refused';
  };
  const runsWith = (column: string): readonly string[] => matrix.rows.map(({ name }) => name).filter((name) => !name.includes(',') && runs(name, column));
  // with another part where the default one does not do
  const optimizersOf = (objective: string): readonly string[] => {
    const names = matrix.columns.filter(({ name, kind }) => kind === 'optimizer' && runs(objective, name)).map(({ name }) => name);
    return names.filter((name) => !name.includes(', ') || !names.includes(name.split(', ')[0]!));
  };
  return kinds.flatMap((kind) =>
    registry.all(kind).map((definition): Entry => {
      const { id, summary } = definition;
      const partners = kind === 'optimizers' ? runsWith(id) : kind === 'initializers' ? runsWith(`start ${id}`) : kind === 'objectives' ? optimizersOf(id) : [];
      return { kind, definition, makers: sources.makers(id, summary), example: example(registry, kind, definition, { objectives: runsWith, optimizers: optimizersOf }), partners };
    }),
  );
}

const pathOf = (kind: Kind, { id }: DefinitionOf<Kind>): string => `${kind}/${id}.md`;

/** From the path below `docs` to the text. */
export function documents(entries: readonly Entry[], matrix: Matrix): ReadonlyMap<string, string> {
  return new Map([
    ['composition.md', page(matrix)],
    ['catalogue/README.md', index(entries)],
    ...entries.map((entry): [string, string] => [`catalogue/${pathOf(entry.kind, entry.definition)}`, entryPage(entry)]),
  ]);
}

function index(entries: readonly Entry[]): string {
  const sections = kinds.map((kind) => {
    const own = entries.filter((entry) => entry.kind === kind);
    if (own.length === 0) return '';
    const rows = own.map(({ definition }) => `| [\`${definition.id}\`](${pathOf(kind, definition)}) | ${definition.summary.replaceAll('|', '\\|')} |`);
    return `## ${kind}\n\n| ${singular(kind)} | |\n|---|---|\n${rows.join('\n')}\n`;
  });
  return `# The catalogue\n\nAll that \`lowland list\` names, a page each, written by \`pnpm write-docs\` from the definitions and the doc comments. [What fits together](../composition.md), [how to choose](../choosing.md).\n\n${sections.filter((section) => section !== '').join('\n')}`;
}
