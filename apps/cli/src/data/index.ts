/** Data files in, results out. What a file may be and how it is read: `readData`, `types.ts`, `triplets.ts`, `dense.ts`, `ids.ts`. */
export { type Cells, readCells } from './cells.ts';
export { digestOf } from './digest.ts';
export { asForm } from './forms.ts';
export { colName, rowName } from './names.ts';
export { npyBytes, parseNpy } from './npy.ts';
export { prepareOutput } from './output-folder.ts';
export { writePredictions } from './predictions.ts';
export { readData } from './read.ts';
export type { LoadedData, ReadOptions } from './types.ts';
export { csvLine, jsonText, writeAtomically } from './write.ts';
