import { useState } from 'preact/hooks';

import { type Cell, rowsIn, type Table } from '../export/table.ts';
import { short } from '../draw/scale.ts';

const page = 50;

const shownCell = (cell: Cell | undefined): string => (cell === null || cell === undefined ? '–' : typeof cell === 'number' ? short(cell) : cell);

/** The numbers behind a picture, a page at a time; made when it is opened. */
export function DataTable({ table, name }: { readonly table: () => Table; readonly name: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="panel-data" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Data: {name}</summary>
      {open && <Pages table={table()} name={name} />}
    </details>
  );
}

function Pages({ table, name }: { readonly table: Table; readonly name: string }) {
  const [from, setFrom] = useState(0);
  const total = rowsIn(table);
  const start = Math.min(from, Math.max(0, total - 1));
  const rows = Array.from({ length: Math.max(0, Math.min(page, total - start)) }, (_, k) => start + k);
  return (
    <>
      {/* Tables scroll on their own on narrow screens; a region that scrolls can be reached by keyboard. */}
      <div class="panel-table" tabIndex={0} role="region" aria-label={`Data: ${name}`}>
        <table>
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th scope="col" key={column.name}>
                  {column.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row}>
                {table.columns.map(({ name: column, cells }) => (
                  <td key={column}>{shownCell(cells[row])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {total > page && (
        <p class="panel-pages">
          <button type="button" disabled={start === 0} onClick={() => setFrom(Math.max(0, start - page))}>
            Earlier rows
          </button>
          <span>
            Rows {start + 1} to {start + rows.length} of {total}
          </span>
          <button type="button" disabled={start + page >= total} onClick={() => setFrom(start + page)}>
            Later rows
          </button>
        </p>
      )}
    </>
  );
}
