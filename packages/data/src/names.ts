import type { LoadedData } from './types.ts';

type Named = Pick<LoadedData, 'rowLabels' | 'colLabels' | 'indexBase'>;

/** What row i is called in the file it came from: its id, or its number. */
export function rowName(loaded: Named, i: number): string {
  return loaded.rowLabels?.[i] ?? String(i + loaded.indexBase);
}

/** What column j is called in the file it came from. */
export function colName(loaded: Named, j: number): string {
  return loaded.colLabels?.[j] ?? String(j + loaded.indexBase);
}
