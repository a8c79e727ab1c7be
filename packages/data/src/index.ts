/** Data files. What a file may be and how it is read: `readData`, `types.ts`, `triplets.ts`, `dense.ts`, `ids.ts`. */
export { type Cells, readCells } from './cells.ts';
export { digestOf } from './digest.ts';
export { dataError } from './fault.ts';
export { asForm } from './forms.ts';
export { type Entries, rootMeanSquareError, type Split, splitEntries } from './holdout.ts';
export type { Hash, Host } from './host.ts';
export { colName, rowName } from './names.ts';
export { npyBytes, parseNpy } from './npy.ts';
export { readData } from './read.ts';
export type { Input } from './source.ts';
export { duplicateRules, formats, type LoadedData, type ReadOptions } from './types.ts';
export { blobInput } from './web.ts';
