import type { ComponentChildren } from 'preact';

import { Scrubber } from '../panels/scrubber.tsx';
import { counted } from '../panels/words/count.ts';
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
        <Scrubber runs={views} cursor={{ iteration: model.view.value.at, move: (at) => { model.look({ at }); } }} />
      </div>
      {refused && status !== 'running' && model.prospect.value.answer !== null && <p class="stale">No method can run on this problem: the plan says why.</p>}
      {model.stale.value && <p class="stale">The composition has changed: the next start takes it.</p>}
      <p class="aside" aria-live="polite">
        {views.map((view) => `${view.label}: ${outcomeWords(view)}`).join('; ')}
      </p>
      <ul class="run-list">
        {views.map((view, k) => (
          <li key={view.id} data-run={(k % 8) + 1} data-status={view.status}>
            <button type="button" class="run-chip" aria-pressed={model.view.value.run === k} title={`${view.stop === null ? '' : `Ended by ${view.stop.rule}${view.stop.detail === undefined ? '' : `: ${view.stop.detail}`} `}Slices, spectra and regions are those of the run that is chosen.`} onClick={() => { model.look({ run: k }); }}>
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
        {model.files.value.length > 0 && (
          <li>
            <button type="button" class="quiet" onClick={() => { model.clearFiles(); }}>
              Take runs from files away
            </button>
          </li>
        )}
      </ul>
    </section>
  );
}

/** Without numbers that change all the time. */
const outcomeWords = ({ status, stop }: RunView): string => (status === 'ended' ? (stop?.reason ?? 'ended') : status);

function statusWords({ status, stop, trace, work, verdict, message }: RunView): string {
  const at = trace.iteration.at(-1);
  if (status === 'idle') return 'not started';
  if (status === 'failed') return 'failed';
  const iterations = at !== undefined && Number.isFinite(work?.iterations) ? work?.iterations : at;
  const where = iterations === undefined ? '' : `, ${counted(iterations, 'iteration')}`;
  if (status === 'running') return `running${where}`;
  if (status === 'paused') return `paused${where}`;
  if (status === 'file') return `from a file${where}`;
  return `${stop?.reason ?? 'ended'}${where}${verdict === null && message === null ? '; judging …' : ''}`;
}
