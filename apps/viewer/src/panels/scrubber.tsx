import { useEffect, useRef, useState } from 'preact/hooks';

import type { Cursor, RunView } from '../model/types.ts';
import { short } from './draw/scale.ts';
import { positionAt } from './traces/series.ts';
import { grouped } from './words/count.ts';

export interface ScrubberProps {
  readonly runs: readonly RunView[];
  readonly cursor: Cursor;
}

/** Seconds that playing a whole run takes. */
const playingSeconds = 8;

/** The time that all panels show. At its right end it follows runs that go on. */
export function Scrubber({ runs, cursor }: ScrubberProps) {
  const last = runs.reduce((most, { trace }) => Math.max(most, trace.iteration.at(-1) ?? 0), 0);
  const at = Math.min(last, cursor.iteration ?? last);
  const [playing, setPlaying] = useState(false);
  const now = useRef({ at, last, move: cursor.move });
  now.current = { at, last, move: cursor.move };

  useEffect(() => {
    if (!playing) return undefined;
    // With reduced motion the picture changes in few large steps instead of moving.
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    let [frame, since, position] = [0, performance.now(), now.current.at >= now.current.last ? 0 : now.current.at];
    const tick = (time: number): void => {
      frame = requestAnimationFrame(tick);
      if (time - since < (calm ? 1000 : 30)) return;
      position += (now.current.last * (time - since)) / 1000 / playingSeconds;
      since = time;
      if (position >= now.current.last) {
        setPlaying(false);
        now.current.move(null);
      } else now.current.move(Math.round(position));
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [playing]);

  const words = runs
    .map(({ label, trace }) => {
      const k = positionAt(trace.iteration, at);
      return k === undefined ? null : `${label}: value ${short(trace.value[k]!)}`;
    })
    .filter((text) => text !== null)
    .join('; ');
  return (
    <div class="scrubber" role="group" aria-label="Time">
      <button type="button" disabled={last === 0} aria-pressed={playing} onClick={() => setPlaying(!playing)}>
        {playing ? 'Stop' : 'Play'}
      </button>
      <input
        type="range"
        min="0"
        max={Math.max(1, last)}
        step="1"
        value={at}
        disabled={last === 0}
        aria-label="Iteration"
        aria-valuetext={`iteration ${at}${words === '' ? '' : `; ${words}`}`}
        onInput={(event) => {
          setPlaying(false);
          const wanted = event.currentTarget.valueAsNumber;
          cursor.move(wanted >= last ? null : wanted);
        }}
      />
      <output>{cursor.iteration === null ? `end: iteration ${grouped(last)}` : `iteration ${grouped(at)} of ${grouped(last)}`}</output>
    </div>
  );
}
