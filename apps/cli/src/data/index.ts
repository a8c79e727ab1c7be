/** Data files in, results out. What a file may be and how it is read: `@lowland/data`. */
export { asForm, type Cells, digestOf, colName, type LoadedData, npyBytes, parseNpy, readCells, readData, type ReadOptions, rowName } from '@lowland/data';
export { fileInput, nodeHash } from './file-input.ts';
export { prepareOutput } from './output-folder.ts';
export { writePredictions } from './predictions.ts';
export { csvLine, jsonText, writeAtomically } from './write.ts';
