/** Data files, read in a worker by the readers of the command line. */
import { LowlandError } from '@lowland/core';
import { blobInput, type LoadedData, readData, type ReadOptions } from '@lowland/data';

import type { Options } from '../model/composition.ts';

/** Bytes of a file of data at most, packed or unpacked. */
export const mostBytes = 200_000_000;

export const readFile = (file: File, reading: Options): Promise<LoadedData> => readData(blobInput(file.name, file, mostBytes), readOptionsOf(reading));

/** From the flags of the command line, in its words, to the options of the readers. */
export function readOptionsOf(reading: Options): ReadOptions {
  const word = (name: string): string | undefined => {
    const value = reading[name];
    return value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
  };
  const chosen = <T extends string>(name: string, ...words: readonly T[]): T | undefined => {
    const given = word(name);
    if (given === undefined) return undefined;
    const found = words.find((each) => each === given);
    if (found === undefined) throw new LowlandError('LOWLAND_E_DATA_OPTION', `${name} is ${JSON.stringify(given)}; expected one of ${words.join(', ')}; choose one`);
    return found;
  };
  const truth = (name: string): boolean | undefined => {
    const given = chosen(name, 'true', 'false');
    return given === undefined ? undefined : given === 'true';
  };
  const given = {
    format: chosen('format', 'csv', 'tsv', 'text', 'matrix-market', 'npy', 'npz'),
    layout: chosen('layout', 'triplets', 'dense'),
    delimiter: word('delimiter') === 'tab' ? '\t' : word('delimiter'),
    header: truth('header'),
    rowLabels: truth('row-labels'),
    columns: columnsOf(word('columns')),
    rows: numberOf(word('rows')),
    cols: numberOf(word('cols')),
    indexBase: numberOf(chosen('index-base', '0', '1')),
    duplicates: chosen('duplicates', 'error', 'mean', 'last'),
    missing: Array.isArray(reading['missing']) ? reading['missing'].map(String) : word('missing')?.split(','),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const numberOf = (word: string | undefined): number | undefined => (word === undefined ? undefined : Number(word));

/** `user,item,rating` and perhaps a weight, by name or number. */
function columnsOf(words: string | undefined): ReadOptions['columns'] {
  if (words === undefined) return undefined;
  const names = words.split(',').map((name) => (/^\d+$/.test(name.trim()) ? Number(name) : name.trim()));
  const [row, col, value, weight] = names;
  if (row === undefined || col === undefined || value === undefined || names.length > 4 || names.includes('')) {
    throw new LowlandError('LOWLAND_E_DATA_OPTION', `columns are ${JSON.stringify(words)}; expected three or four names or numbers between commas, row,column,value[,weight]; correct them`);
  }
  return { row, col, value, ...(weight !== undefined && { weight }) };
}
