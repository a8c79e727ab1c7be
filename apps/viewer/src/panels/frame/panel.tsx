import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';

import { theme } from '../draw/theme.ts';
import type { Size } from '../draw/pen.ts';
import { type Drawing, pngOf, save, svgDocument } from '../export/picture.ts';
import { csvOf, type Table } from '../export/table.ts';
import { DataTable } from './data-table.tsx';

/** What a panel can be saved as. A picture that is no drawing brings its own PNG. */
export interface Saved {
  readonly drawing: Drawing;
  readonly size: Size;
  readonly png?: () => Promise<Blob>;
}

export interface PanelProps {
  readonly title: string;
  /** Stem of file names: lower case, without spaces. */
  readonly file: string;
  /** Null where there is nothing to show: then `empty` says what to do. */
  readonly saved: Saved | null;
  readonly table: () => Table;
  readonly empty?: ComponentChildren;
  /** Choices above the picture. */
  readonly controls?: ComponentChildren;
  /** Below it: what it cannot show itself. */
  readonly notes?: readonly string[];
  readonly children?: ComponentChildren;
}

/** A picture with its heading, its choices, what is to be said about it, its numbers, and its files. */
export function Panel({ title, file, saved, table, empty, controls, notes = [], children }: PanelProps) {
  const id = useId();
  const [failed, setFailed] = useState<string | null>(null);
  const attempt = (work: () => Promise<void> | void): void => {
    setFailed(null);
    void (async () => {
      await work();
    })().catch((error: unknown) => {
      setFailed(error instanceof Error ? error.message : String(error));
    });
  };
  const files = saved && [
    ['PNG', async () => save(`${file}.png`, await (saved.png?.() ?? pngOf(saved.drawing, theme.value, saved.size)))] as const,
    ['SVG', () => save(`${file}.svg`, new Blob([svgDocument(saved.drawing, theme.value, saved.size, title)], { type: 'image/svg+xml' }))] as const,
    ['CSV', () => save(`${file}.csv`, new Blob([csvOf(table())], { type: 'text/csv' }))] as const,
  ];
  return (
    <section class="panel" aria-labelledby={id} data-panel={file}>
      <header class="panel-head">
        <h3 id={id}>{title}</h3>
        {files && (
          <div class="panel-files" role="group" aria-label={`Save ${title}`}>
            {files.map(([name, work]) => (
              <button type="button" key={name} aria-label={`Save ${title} as ${name}`} onClick={() => attempt(work)}>
                {name}
              </button>
            ))}
          </div>
        )}
      </header>
      {controls !== undefined && <div class="panel-controls">{controls}</div>}
      {saved === null ? <div class="panel-empty">{empty}</div> : children}
      {failed !== null && (
        <p class="panel-error" role="alert">
          {failed}
        </p>
      )}
      {saved !== null && notes.length > 0 && (
        <ul class="panel-notes">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {saved !== null && <DataTable table={table} name={title} />}
    </section>
  );
}
