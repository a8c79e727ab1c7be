import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';

import { theme } from '../draw/theme.ts';
import type { Size } from '../draw/pen.ts';
import { captioned } from '../export/caption.ts';
import { type Drawing, pngOf, pngOver, save, svgDocument } from '../export/picture.ts';
import { csvOf, type Table } from '../export/table.ts';
import { DataTable } from './data-table.tsx';

/** What a panel can be saved as, with its notes below. A picture that is no drawing brings its own ground for PNG, and what is drawn over that. */
export interface Saved {
  readonly drawing: Drawing;
  readonly size: Size;
  readonly solid?: { readonly ground: () => Promise<ImageBitmap> | null; readonly over: Drawing };
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
    ['PNG', async () => save(`${file}.png`, await pngFile(saved, notes))] as const,
    ['SVG', () => save(`${file}.svg`, new Blob([svgFile(saved, notes, title)], { type: 'image/svg+xml' }))] as const,
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

function svgFile({ drawing, size }: Saved, notes: readonly string[], title: string): string {
  const picture = captioned(drawing, size, notes);
  return svgDocument(picture.drawing, theme.value, picture.size, title);
}

async function pngFile({ drawing, size, solid }: Saved, notes: readonly string[]): Promise<Blob> {
  const ground = await (solid?.ground() ?? null);
  const picture = captioned(ground === null || solid === undefined ? drawing : solid.over, size, notes);
  return ground === null ? pngOf(picture.drawing, theme.value, picture.size) : pngOver(ground, size, picture.drawing, theme.value, picture.size);
}
