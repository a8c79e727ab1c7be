import { type Cells, colName, type LoadedData, rowName } from '@lowland/data';

import { csvLine, writeAtomically } from './write.ts';

const linesPerPiece = 10_000;

/** Writes predicted values as CSV (`row,column,value`) in the ids of the data, streamed and renamed into place. */
export function writePredictions(path: string, loaded: LoadedData, cells: Cells, values: Float64Array): void {
  writeAtomically(path, predictionLines(loaded, cells, values));
}

function* predictionLines(loaded: LoadedData, { row, col }: Cells, values: Float64Array): Generator<string> {
  let piece = csvLine(['row', 'column', 'value']);
  for (let k = 0; k < values.length; k++) {
    piece += csvLine([rowName(loaded, row[k]!), colName(loaded, col[k]!), values[k]!]);
    if ((k + 1) % linesPerPiece === 0) {
      yield piece;
      piece = '';
    }
  }
  yield piece;
}
