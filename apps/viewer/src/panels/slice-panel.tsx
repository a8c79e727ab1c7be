import { useMemo, useRef, useState } from 'preact/hooks';

import type { Cursor, RegionsView, RunView, SliceView } from '../model/types.ts';
import type { Size } from './draw/pen.ts';
import { short } from './draw/scale.ts';
import { theme } from './draw/theme.ts';
import type { Drawing } from './export/picture.ts';
import { Choice } from './frame/choice.tsx';
import { CanvasFigure } from './frame/figure.tsx';
import { Panel, type Saved } from './frame/panel.tsx';
import { useOwn } from './frame/use-own.ts';
import { useWidth } from './frame/use-width.ts';
import { DirectionChoice, type DirectionChoiceProps, axisLabels } from './slice/choice.tsx';
import { drawLineSlice } from './slice/draw-line.ts';
import { drawPlane } from './slice/draw-plane.ts';
import { criticalNote, explainedNote, howMade, offPlane, wayNote } from './slice/honest.ts';
import { keyHeight } from './slice/key.ts';
import { firstLook, type SliceLook } from './slice/look.ts';
import { marksIn } from './slice/marks.ts';
import { isPlane, planeOf } from './slice/plane.ts';
import { sliceTable } from './slice/slice-table.ts';
import { drawFrame } from './surface/draw-frame.ts';
import { drawSurface } from './surface/draw-surface.ts';
import { type Mesh, meshOf } from './surface/mesh.ts';
import { type Orbit, start } from './surface/orbit.ts';
import { SurfaceView } from './surface/surface-view.tsx';
import type { Surface } from './surface/three-surface.ts';
import { counted } from './words/count.ts';

export interface SlicePanelProps extends DirectionChoiceProps {
  readonly slice: SliceView | null;
  readonly regions: RegionsView | null;
  readonly runs: readonly RunView[];
  readonly cursor: Cursor;
  readonly busy?: boolean;
  /** Why there is no section, and what to do. */
  readonly fault?: string | null;
  /** The group modulo which stationary points were counted; null: all are known. */
  readonly modulo?: string | null;
  /** Why there are no regions. */
  readonly regionsFault?: string | null;
  readonly look?: SliceLook;
  readonly onLook?: (look: SliceLook) => void;
  /** Whether the choice of directions is folded away at first. */
  readonly folded?: boolean;
}

/** A section of the landscape: levels or a surface, with the runs in it. */
export function SlicePanel({ slice, regions, runs, cursor, busy = false, fault = null, regionsFault = null, modulo = null, look: given, onLook, folded = false, choice, onChange, missing = [] }: SlicePanelProps) {
  const [look, setLook] = useOwn(given, onLook, firstLook);
  const [orbit, setOrbit] = useState<Orbit>(start);
  const [noSurface, setNoSurface] = useState<string | null>(null);
  const surface = useRef<Surface | null>(null);
  const [host, width] = useWidth<HTMLDivElement>();
  const ids = useMemo(() => runs.map(({ id }) => id), [runs]);
  const named = useMemo(() => slice && { ...slice, names: axisLabels(slice.names) }, [slice]);
  const plane = useMemo(() => (named && isPlane(named) ? planeOf(named, look.spacing, look.share) : undefined), [named, look.spacing, look.share]);
  const coloured = look.colour === 'regions' ? regions : null;
  const colours = theme.value;
  const onSurface = look.view === 'surface' && noSurface === null;
  const flat = useMemo((): Drawing | undefined => {
    if (named && !isPlane(named)) return drawLineSlice(named, look.share, ids, cursor.iteration);
    return plane && drawPlane(plane, { ramp: look.ramp, cursor: cursor.iteration, runs: ids, regions: coloured });
  }, [named, plane, look.ramp, look.share, cursor.iteration, ids, coloured]);
  const mesh = useMemo(() => (onSurface && plane ? meshOf(plane, { ramp: look.ramp, cursor: cursor.iteration, runs: ids, regions: coloured, theme: colours }) : undefined), [onSurface, plane, look.ramp, cursor.iteration, ids, coloured, colours]);
  const size = { width: Math.max(280, width), height: Math.round(Math.min(640, Math.max(280, width * (plane ? 0.86 : 0.6)))) + (plane ? keyHeight : 0) };
  const set = (part: Partial<SliceLook>): void => setLook({ ...look, ...part });
  const over = useMemo(() => mesh && plane && drawFrame(plane, mesh, orbit, { ramp: look.ramp, regions: coloured }), [mesh, plane, orbit, look.ramp, coloured]);
  const saved = savedOf(flat, size, mesh && over && { mesh, orbit, over, held: surface });
  const summary = slice === null ? '' : summaryOf(slice, plane?.least, runs);

  return (
    <Panel
      title="Slice"
      file="slice"
      saved={slice === null ? null : saved}
      table={() => sliceTable(slice, coloured)}
      empty={fault ?? (busy ? 'Computing the section …' : slice === null ? 'Start a run, or reset it: the section is cut through its point. A trace alone has none: choose another run above.' : 'No value of this section is finite: choose another direction, or a smaller reach.')}
      notes={slice === null ? [] : notesOf(slice, runs, cursor, modulo)}
      controls={
        <>
          {slice?.t !== null && (
            <>
              <Choice label="View" value={look.view} options={[['flat', 'levels'], ['surface', 'surface']]} onChange={(view) => { setNoSurface(null); set({ view }); }} />
              <Choice
                label="Colour"
                value={look.colour === 'regions' ? 'regions' : look.ramp}
                options={[['viridis', 'height, viridis'], ['cividis', 'height, cividis'], ['regions', 'regions R1, R2, R3']]}
                onChange={(colour) => {
                  if (colour === 'regions') {
                    set({ colour });
                    if (!choice.regions) onChange({ ...choice, regions: true });
                  } else set({ colour: 'height', ramp: colour });
                }}
              />
            </>
          )}
          <label class="panel-select">
            <span>Height shown</span>
            <input type="range" min="0.3" max="1" step="0.01" value={look.share} aria-valuetext={`the lowest ${Math.round(100 * look.share)} percent of the values`} onInput={(event) => set({ share: event.currentTarget.valueAsNumber })} />
          </label>
          <details class="panel-fold" open={!folded}>
            <summary>
              Cut {axisLabels(choice.second === 'none' ? [choice.first] : [choice.first, choice.second]).join(' and ')}
              {choice.centre === 'zero' ? ', through zero' : ''}
            </summary>
            <div class="panel-controls">
              <DirectionChoice choice={choice} onChange={onChange} missing={missing} />
              <Choice label="Levels" value={look.spacing} options={[['low', 'denser below'], ['even', 'even'], ['log', 'logarithmic']]} onChange={(spacing) => set({ spacing })} />
            </div>
          </details>
        </>
      }
    >
      <div ref={host} class="panel-stage" aria-busy={busy}>
        {fault !== null && <p class="panel-error" role="alert">{fault}</p>}
        {look.colour === 'regions' && regions === null && <p class="panel-warning">{regionsFault ?? (busy ? 'Computing the regions …' : 'There are no regions of this section.')} Heights are shown instead.</p>}
        {noSurface !== null && look.view === 'surface' && <p class="panel-warning" role="status">No surface can be drawn here: {noSurface}. The levels show the same section.</p>}
        {width > 0 && mesh && over && <SurfaceView mesh={mesh} width={size.width} height={size.height} orbit={orbit} onOrbit={setOrbit} onFailure={setNoSurface} held={surface} summary={summary} over={over} />}
        {width > 0 && !mesh && flat && <CanvasFigure drawing={flat} size={size} summary={summary} />}
      </div>
    </Panel>
  );
}

interface Solid {
  readonly mesh: Mesh;
  readonly orbit: Orbit;
  /** Axes, key and marks. */
  readonly over: Drawing;
  readonly held: { readonly current: Surface | null };
}

/** Levels as they are drawn; a surface as polygons, and as PNG what the graphics card drew. Axes, key and marks stand over both. */
function savedOf(flat: Drawing | undefined, size: Size, solid: Solid | undefined): Saved | null {
  if (solid === undefined) return flat === undefined ? null : { drawing: flat, size };
  const { mesh, orbit, over, held } = solid;
  const polygons = drawSurface(mesh, orbit);
  const drawing: Drawing = (pen, colours, whole) => {
    polygons(pen, colours, whole);
    over(pen, colours, whole);
  };
  return { drawing, size, solid: { ground: () => held.current?.picture() ?? null, over } };
}

function summaryOf(slice: SliceView, least: { readonly s: number; readonly t: number; readonly value: number } | undefined, runs: readonly RunView[]): string {
  const where = `The function over ${axisLabels(slice.names).join(' and ')} through iteration ${slice.iteration} of ${labelIn(runs, slice.run)}, value ${short(slice.value)}.`;
  return least === undefined ? where : `${where} The least value shown is ${short(least.value)}, at ${short(least.s)}, ${short(least.t)}.`;
}

function notesOf(slice: SliceView, runs: readonly RunView[], cursor: Cursor, modulo: string | null): string[] {
  return [
    howMade(slice),
    ...(slice.explained === null ? [] : [explainedNote(slice.explained)]),
    ...(slice.t === null || slice.marks.length === 0 ? [] : [markNote(marksIn(slice).length, slice.marks.length, modulo)]),
    ...(slice.critical === null ? [] : [criticalNote(slice.critical, slice.t === null ? 'line' : 'plane')]),
    ...slice.paths.flatMap((path) => {
      const state = offPlane(path, cursor.iteration);
      return state === undefined ? [] : [wayNote(labelIn(runs, path.run), state, slice.t === null ? 'line' : 'plane')];
    }),
  ];
}

function markNote(inPlane: number, known: number, modulo: string | null): string {
  const one = modulo === null ? '' : `, of each orbit of ${modulo} one`;
  return inPlane === 0 ? `None of ${counted(known, 'known stationary point')} lies in this plane${one}.` : `Marked: ${inPlane} of ${counted(known, 'known stationary point')}${one}, those in this plane (disc: minimum, cross: saddle, triangle: maximum, square: flat).`;
}

const labelIn = (runs: readonly RunView[], run: string): string => runs.find(({ id }) => id === run)?.label ?? run;
