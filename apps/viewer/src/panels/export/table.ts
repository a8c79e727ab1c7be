/** The numbers behind a picture. */

export type Cell = number | string | null;

export interface Column {
  readonly name: string;
  readonly cells: ArrayLike<Cell>;
}

/** Columns of one length. */
export interface Table {
  readonly columns: readonly Column[];
}

export const rowsIn = ({ columns }: Table): number => columns.reduce((most, { cells }) => Math.max(most, cells.length), 0);

/** RFC 4180, with all digits, so that numbers read back are the same. Empty: not known. */
export function csvOf(table: Table): string {
  const lines = [table.columns.map(({ name }) => quoted(name)).join(',')];
  for (let row = 0; row < rowsIn(table); row++) lines.push(table.columns.map(({ cells }) => quoted(cells[row] ?? null)).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function quoted(cell: Cell): string {
  if (cell === null) return '';
  // A text that a spreadsheet would take for a formula is kept from being one.
  const text = typeof cell === 'number' ? String(cell) : /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
