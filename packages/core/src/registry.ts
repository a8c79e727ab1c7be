/**
 * Finds definitions by name. A registry is a value that an app builds from plugins; nothing is scanned or global.
 */
import { LowlandError } from './errors.ts';
import type { DataForm, Plugin } from './plugin.ts';

/** Plugins in arrays of any depth, so that a package may export several. */
export type Plugins = Plugin | readonly Plugins[];

/** The kinds of definitions, as a plugin lists them. */
export const kinds = ['objectives', 'optimizers', 'backends', 'initializers', 'analyses', 'trackers', 'parts'] as const;
export type Kind = (typeof kinds)[number];

/** One definition of a kind. */
export type DefinitionOf<K extends Kind> = NonNullable<Plugin[K]>[number];

export interface Registry {
  readonly plugins: readonly Plugin[];
  /** All definitions of a kind, in the order of the plugins. */
  all<K extends Kind>(kind: K): readonly DefinitionOf<K>[];
  /**
   * The definition of that name.
   * @throws LOWLAND_E_UNKNOWN_ID with the nearest names
   */
  find<K extends Kind>(kind: K, id: string): DefinitionOf<K>;
}

/**
 * Collects the definitions of plugins.
 *
 * @throws LOWLAND_E_PLUGIN when something is no plugin
 * @throws LOWLAND_E_API_VERSION when a plugin was written for another version of the contract
 * @throws LOWLAND_E_DUPLICATE_ID when two definitions of one kind share a name
 */
export function createRegistry(plugins: Plugins): Registry {
  const list = flatten(plugins);
  const entries = new Map<Kind, Map<string, { readonly definition: DefinitionOf<Kind>; readonly plugin: string }>>();
  for (const kind of kinds) entries.set(kind, new Map());
  for (const plugin of list) {
    checkPlugin(plugin);
    for (const kind of kinds) {
      const known = entries.get(kind)!;
      for (const definition of plugin[kind] ?? []) {
        checkVersion(definition.apiVersion, `${singular(kind)} "${definition.id}" of plugin "${plugin.name}"`);
        const other = known.get(definition.id);
        if (other !== undefined) {
          throw new LowlandError(
            'LOWLAND_E_DUPLICATE_ID',
            `Two plugins define ${singular(kind)} "${definition.id}": "${other.plugin}" and "${plugin.name}". Leave one of them out.`,
            { details: { kind, id: definition.id, plugins: [other.plugin, plugin.name] } },
          );
        }
        known.set(definition.id, { definition, plugin: plugin.name });
      }
    }
  }
  return {
    plugins: list,
    all: <K extends Kind>(kind: K) => Array.from(entries.get(kind)!.values(), ({ definition }) => definition as DefinitionOf<K>),
    find: <K extends Kind>(kind: K, id: string) => {
      const known = entries.get(kind)!;
      const found = known.get(id);
      if (found === undefined) throw unknownName(singular(kind), id, [...known.keys()]);
      return found.definition as DefinitionOf<K>;
    },
  };
}

function flatten(plugins: Plugins): readonly Plugin[] {
  return Array.isArray(plugins) ? (plugins as readonly Plugins[]).flatMap(flatten) : [plugins as Plugin];
}

function singular(kind: Kind): string {
  return kind === 'analyses' ? 'analysis' : kind.slice(0, -1);
}

function checkPlugin(plugin: unknown): asserts plugin is Plugin {
  const given = typeof plugin === 'object' && plugin !== null ? (plugin as Partial<Plugin>) : {};
  if (typeof given.name !== 'string' || typeof given.version !== 'string') {
    throw new LowlandError('LOWLAND_E_PLUGIN', 'A plugin is an object with name, version, apiVersion and lists of definitions; something else was given. Does the module export it as `default` or `plugin`?');
  }
  checkVersion(given.apiVersion, `Plugin "${given.name}"`);
  for (const kind of kinds) {
    const definitions: unknown = given[kind];
    if (definitions === undefined) continue;
    if (!Array.isArray(definitions)) throw new LowlandError('LOWLAND_E_PLUGIN', `Plugin "${given.name}": its ${kind} are no list of definitions.`);
    for (const [k, definition] of definitions.entries()) {
      const wrong = lackOf(definition, kind);
      if (wrong !== undefined) throw new LowlandError('LOWLAND_E_PLUGIN', `Plugin "${given.name}": ${idOf(definition) ?? `number ${k + 1}`} of its ${kind} is no definition: ${wrong}.`, { details: { kind, position: k } });
    }
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
const idOf = (candidate: unknown): string | undefined => (isObject(candidate) && typeof candidate['id'] === 'string' ? `"${candidate['id']}"` : undefined);

/** Why something is no definition of a kind; nothing where it is one. */
function lackOf(candidate: unknown, kind: Kind): string | undefined {
  if (!isObject(candidate)) return 'it is no object';
  if (typeof candidate['id'] !== 'string') return '`id` is no text';
  if (typeof candidate['create'] !== 'function') return '`create` is no function (options) => value';
  const { options } = candidate;
  if (!isObject(options) || !('~standard' in options)) return "`options` is no schema (options() of core, or another with '~standard')";
  if (kind === 'objectives' && !dataForms.includes(candidate['data'])) return `\`data\` is none of ${dataForms.join(', ')}`;
  return undefined;
}

const dataForms: readonly unknown[] = ['none', 'matrix', 'entries', 'measurements'] satisfies readonly DataForm[];

function checkVersion(version: unknown, who: string): void {
  if (version !== 1) throw new LowlandError('LOWLAND_E_API_VERSION', `${who} is written for version ${String(version)} of the contract; this is version 1. Install a matching version.`);
}

/** The error for a name that is not there, with the names that look like it. */
export function unknownName(what: string, given: string, known: readonly string[]): LowlandError {
  const near = nearest(given, known);
  const hint = near.length > 0 ? `Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?` : `There ${known.length === 1 ? 'is' : 'are'} ${known.join(', ') || 'none'}.`;
  return new LowlandError('LOWLAND_E_UNKNOWN_ID', `There is no ${what} "${given}". ${hint}`, { details: { given, near, known } });
}

/** At most three names within a third of the length in edits, or that contain what was given; nearest first. */
function nearest(given: string, known: readonly string[]): string[] {
  const rated = known.map((name) => ({ name, distance: name.includes(given) && given.length > 2 ? 1 : edits(given.toLowerCase(), name.toLowerCase()) }));
  const limit = Math.max(2, given.length / 3);
  return rated.filter(({ distance }) => distance <= limit).sort((a, b) => a.distance - b.distance).slice(0, 3).map(({ name }) => name);
}

/** Levenshtein distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
