/** How a file of data is read where that is not found out: what the flags of the command line say, in the same words. */
import type { OptionInfo } from '@lowland/core';

const option = (name: string, summary: string, more: Partial<OptionInfo> = {}): OptionInfo => ({ name, kind: 'string', summary, required: false, ...more });
const choice = (name: string, summary: string, ...choices: readonly string[]): OptionInfo => option(name, summary, { kind: 'choice', choices });

export const readingOptions: readonly OptionInfo[] = [
  choice('layout', 'Text: lines of row, column, value, or one line for each row.', 'triplets', 'dense'),
  option('columns', 'Triplets: columns of row, column, value and perhaps weight, by name or number: user,item,rating.', { fallback: '1,2,3' }),
  choice('duplicates', 'A cell that is given twice: refused, the mean, or the last.', 'error', 'mean', 'last'),
  choice('unlisted', 'Cells that a file of entries leaves out, where a full matrix is wanted.', 'error', 'zero'),
  option('missing', 'What stands in an unobserved cell; several between commas. NaN is one only where it is named.', { fallback: 'NA' }),
  choice('header', 'Text: whether the first line names the columns.', 'true', 'false'),
  choice('row-labels', 'A table: whether the first column names the rows.', 'true', 'false'),
  option('delimiter', 'Text: what separates fields, or "whitespace".'),
  choice('format', 'Where the name and the content do not tell.', 'csv', 'tsv', 'text', 'matrix-market', 'npy', 'npz'),
  option('rows', 'Triplets: ids are indices into so many rows, not labels.'),
  option('cols', 'Triplets: ids are indices into so many columns, not labels.'),
  choice('index-base', 'Triplets: ids are indices that start there.', '0', '1'),
];
