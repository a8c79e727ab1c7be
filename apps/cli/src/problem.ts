import { type DataForm, type DataMap, type ObjectiveDefinition, parseOptions, unknownName } from '@lowland/core';
import { type Entries, splitEntries } from '@lowland/data';

import { usageError } from './command-line/flag.ts';
import { optionsOf } from './command-line/options.ts';
import type { Values } from './command-line/parse.ts';
import { asForm, digestOf, fileInput, type LoadedData, nodeHash, readData, type ReadOptions } from './data/index.ts';

/** The data of a run, before an objective is made of them. */
export interface ProblemData {
  /** What the objective is made of: the training part where entries are held back. */
  readonly data: DataMap[DataForm];
  /** All of it, with the ids of the file; absent for objectives without data. */
  readonly loaded?: LoadedData;
  /** Entries held back. */
  readonly held?: Entries;
  /** Of generated data. */
  readonly truth?: DataMap['matrix'];
}

/** Share of the entries that is held back where nothing is said. */
export const defaultHoldout = 0.1;

/**
 * Reads or generates what `definition` needs, and holds back a part of the entries.
 *
 * @throws LOWLAND_E_USAGE where --data and --generate do not fit the objective, LOWLAND_E_DATA_… for what is wrong in a file.
 */
export async function problemData(definition: ObjectiveDefinition<unknown>, values: Values, seed: number): Promise<ProblemData> {
  const { id, data: form } = definition;
  const file = values['data'] as string | undefined;
  const spec = values['generate'] as string | undefined;
  if (form === 'none') {
    if (file !== undefined || spec !== undefined) throw usageError(`The objective ${id} takes no data; leave out --data and --generate.`);
    return { data: undefined };
  }
  if ((file === undefined) === (spec === undefined)) {
    throw usageError(`The objective ${id} needs ${form}: give either --data <file> or --generate <spec>${file === undefined ? '' : ', not both'}.`);
  }
  const { loaded, truth } = file === undefined ? generated(definition, form, spec ?? '', seed) : await fromFile(file, form, values);
  const known = truth === undefined ? {} : { truth };
  const fraction = (values['holdout'] as number | undefined) ?? (loaded.form === 'entries' && definition.provides?.includes('predict') ? defaultHoldout : 0);
  if (fraction === 0) return { data: loaded.data, loaded, ...known };
  if (loaded.form !== 'entries') throw usageError(`--holdout holds back entries; the objective ${id} takes ${form}.`);
  const split = splitEntries(loaded.data, fraction, seed);
  if (split === undefined) return { data: loaded.data, loaded, ...known };
  return { data: split.training, held: split.held, loaded, ...known };
}

async function fromFile(file: string, form: DataForm, values: Values): Promise<{ loaded: LoadedData; truth?: undefined }> {
  const loaded = await readData(fileInput(file), readOptions(values));
  return { loaded: asForm(loaded, form, values['unlisted'] === 'zero' ? { unlisted: 'zero' } : {}) };
}

/** From flag to option of the readers. */
const readers: Readonly<Record<string, keyof ReadOptions>> = {
  format: 'format',
  layout: 'layout',
  delimiter: 'delimiter',
  header: 'header',
  'row-labels': 'rowLabels',
  columns: 'columns',
  rows: 'rows',
  cols: 'cols',
  'index-base': 'indexBase',
  duplicates: 'duplicates',
  missing: 'missing',
};

function readOptions(values: Values): ReadOptions {
  return Object.fromEntries(Object.entries(readers).flatMap(([flag, option]) => (values[flag] === undefined ? [] : [[option, values[flag]]])));
}

/**
 * The settings that --generate names.
 *
 * @throws LOWLAND_E_USAGE for what is no list of pairs; LOWLAND_E_UNKNOWN_ID for names that are no settings
 */
export function generatorSettings({ id, generate }: ObjectiveDefinition<unknown>, spec: string): Readonly<Record<string, string | number>> {
  const known = generate === undefined ? [] : optionsOf(generate.options).map(({ name }) => name);
  return Object.fromEntries(
    spec.split(',').map((pair): [string, string | number] => {
      const [name = '', value, ...more] = pair.split('=').map((part) => part.trim());
      if (value === undefined || value === '' || more.length > 0) throw usageError(`--generate: expected name=value pairs between commas, not "${pair}".`);
      if (!known.includes(name)) throw unknownName(`setting of --generate for ${id} called`, name, known);
      return [name, Number.isNaN(Number(value)) ? value : Number(value)];
    }),
  );
}

function generated(definition: ObjectiveDefinition<unknown>, form: Exclude<DataForm, 'none'>, spec: string, seed: number): { loaded: LoadedData; truth?: DataMap['matrix'] } {
  const { id, generate } = definition;
  if (generate === undefined) throw usageError(`The objective ${id} generates no data; give a file with --data.`);
  const options: unknown = parseOptions(generate.options, generatorSettings(definition, spec), '--generate');
  const { data, truth } = generate.create(options, seed);
  const loaded = {
    form,
    data,
    indexBase: 1,
    digest: digestOf(form, data!, nodeHash()),
    source: `generated: ${spec}`,
    format: 'text',
    notes: [],
  } as unknown as LoadedData;
  return { loaded, ...(truth === undefined ? {} : { truth }) };
}
