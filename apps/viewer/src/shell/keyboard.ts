import type { Model } from '../model/model.ts';

export interface Commands {
  readonly share: () => void;
  readonly help: () => void;
  readonly open: () => void;
}

/** Keys for what buttons do. Where a key has a meaning of its own, in fields and on buttons, it keeps it. */
export function followKeyboard(model: Model, commands: Commands): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target as HTMLElement;
    if (document.querySelector('dialog[open]') !== null || target.isContentEditable) return;
    const field = /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
    if (field || (/^(BUTTON|SUMMARY|A)$/.test(target.tagName) && (event.key === ' ' || event.key === 'Enter'))) return;
    // a 3-D view turns with the arrows
    if (target.tagName === 'CANVAS' && event.key.startsWith('Arrow')) return;
    const work = workOf(event, model, commands);
    if (work === undefined) return;
    event.preventDefault();
    work();
  };
  addEventListener('keydown', press);
  return () => { removeEventListener('keydown', press); };
}

function workOf({ key, shiftKey }: KeyboardEvent, model: Model, { share, help, open }: Commands): (() => void) | undefined {
  const steps = shiftKey ? 10 : 1;
  switch (key) {
    case ' ':
      return () => { if (model.status.value === 'running') model.pause(); else if (!model.blocked.value) model.start(); };
    case 's':
      return () => { if (!model.blocked.value) model.step(); };
    case 'r':
      return () => { model.reset(); };
    case 'ArrowLeft':
      return () => { move(model, -steps); };
    case 'ArrowRight':
      return () => { move(model, steps); };
    case 'Home':
      return () => { model.look({ at: 0 }); };
    case 'End':
      return () => { model.look({ at: null }); };
    case '?':
      return help;
    case 'l':
      return share;
    case 'o':
      return open;
    default:
      return /^[1-8]$/.test(key) && Number(key) <= model.shown.value.length ? () => { model.look({ run: Number(key) - 1 }); } : undefined;
  }
}

function move(model: Model, by: number): void {
  const last = model.runViews.value.reduce((most, { trace }) => Math.max(most, trace.iteration.at(-1) ?? 0), 0);
  const next = (model.view.value.at ?? last) + by;
  model.look({ at: next >= last ? null : Math.max(0, next) });
}
