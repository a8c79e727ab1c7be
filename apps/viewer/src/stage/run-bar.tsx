import type { ComponentChildren } from 'preact';

import { Scrubber } from '../panels/scrubber.tsx';
import type { Model } from '../model/model.ts';
import type { RunView } from '../model/types.ts';

const paces: readonly (readonly [string, number])[] = [
  ['as fast as it goes', Infinity],
  ['100 a second', 100],
  ['20 a second', 20],
  ['5 a second', 5],
];

/** Start, hold, step, back to the start; how fast; and the time that all panels show. */
export function RunBar({ model, children }: { readonly model: Model; readonly children?: ComponentChildren }) {
  const status = model.status.value;
  const views = model.runViews.value;
  const running = status === 'running';
  const refused = model.blocked.value;
  return (
    <section class="run-bar" aria-label="Run">
      {children}
      <div class="run-controls">
        {running ? (
          <button type="button" class="primary" onClick={() => { model.pause(); }}>
            Pause
          </button>
        ) : (
          <button type="button" class="primary" disabled={refused} onClick={() => { model.start(); }}>
            {status === 'paused' && !model.stale.value ? 'Continue' : status === 'idle' ? 'Start' : 'Start again'}
          </button>
        )}
        <button type="button" disabled={refused} onClick={() => { model.step(); }}>
          Step
        </button>
        <button type="button" disabled={status === 'idle'} onClick={() => { model.reset(); }}>
          Reset
        </button>
        <label class="inline">
          Iterations
          <select value={String(model.pace.value)} onChange={({ currentTarget: { value } }) => { model.setPace(Number(value)); }}>
            {paces.map(([name, pace]) => (
              <option key={name} value={String(pace)}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {model.stale.value && <span class="stale">The composition has changed: the next start takes it.</span>}
      </div>
      <Scrubber runs={views} cursor={{ iteration: model.view.value.at, move: (at) => { model.look({ at }); } }} />
      <ul class="run-list" aria-live="polite">
        {views.map((view, k) => (
          <li key={view.id} data-run={(k % 8) + 1} data-status={view.status}>
            <button type="button" class="run-chip" aria-pressed={model.view.value.run === k} title="Slices, spectra and regions are those of this run" onClick={() => { model.look({ run: k }); }}>
              <span class="dot" aria-hidden="true" />
              <span class="run-name">{view.label}</span>
              <span class="run-words">{statusWords(view)}</span>
            </button>
            {view.message !== null && (
              <p class="fault" role="alert">
                {view.message}
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function statusWords({ status, stop, trace, work }: RunView): string {
  const at = trace.iteration.at(-1);
  if (status === 'idle') return 'not started';
  if (status === 'failed') return 'failed';
  const where = at === undefined ? '' : ` ${(work?.iterations ?? at).toLocaleString('en')} iterations`;
  if (status === 'running') return `running,${where}`;
  if (status === 'paused') return `paused,${where}`;
  if (status === 'file') return `from a file,${where}`;
  return `${stop?.reason ?? 'ended'}${stop === null ? '' : ` (${stop.rule})`},${where}`;
}
