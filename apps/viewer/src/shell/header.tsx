import { useRef } from 'preact/hooks';

import { fromInput } from '../files/drop.ts';
import { open } from '../files/open.ts';
import type { Model } from '../model/model.ts';
import { ThemeButton } from './theme-button.tsx';

export interface HeaderProps {
  readonly model: Model;
  readonly onShare: () => void;
  readonly onPlugin: () => void;
  readonly onHelp: () => void;
}

export function Header({ model, onShare, onPlugin, onHelp }: HeaderProps) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const pick = (input: HTMLInputElement): void => {
    if (input.files !== null && input.files.length > 0) void open(model, fromInput(input.files));
    // the same file may be picked again
    input.value = '';
  };
  return (
    <header class="bar">
      <h1>
        <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
          <path d="M3 9c6 0 7 14 13 14S23 9 29 9" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" />
          <circle cx="16" cy="21" r="3" fill="var(--accent)" />
        </svg>
        <span class="brand">Lowland</span>
      </h1>
      <nav class="bar-tools" aria-label="Page">
        <button type="button" data-open="files" onClick={() => files.current?.click()}>
          Open files
        </button>
        <button type="button" data-open="folder" class="wide" onClick={() => folder.current?.click()}>
          Open a folder
        </button>
        <button type="button" onClick={onPlugin}>
          Plugins
        </button>
        <button type="button" onClick={onShare}>
          Share
        </button>
        <ThemeButton />
        <button type="button" aria-label="Help" onClick={onHelp}>
          ?
        </button>
      </nav>
      <input ref={files} class="hidden" type="file" multiple aria-label="Files" tabIndex={-1} onChange={({ currentTarget }) => { pick(currentTarget); }} />
      <input ref={folder} class="hidden" type="file" {...{ webkitdirectory: true }} aria-label="Folder" tabIndex={-1} onChange={({ currentTarget }) => { pick(currentTarget); }} />
    </header>
  );
}
