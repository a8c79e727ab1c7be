import { useMemo, useState } from 'preact/hooks';

import type { Advance } from '../model/advance.ts';
import type { StationaryPointView, StationaryView } from '../model/types.ts';
import { short } from './draw/scale.ts';
import type { Table } from './export/table.ts';
import { Choice } from './frame/choice.tsx';
import { SvgFigure } from './frame/figure.tsx';
import { Panel } from './frame/panel.tsx';
import { useWidth } from './frame/use-width.ts';
import { advanceWords } from './stationary/advance-words.ts';
import { morseGraph } from './stationary/draw-stationary.ts';
import { drawTree } from './stationary/draw-tree.ts';
import { counted } from './words/count.ts';

export interface StationaryPanelProps {
  readonly stationary: StationaryView | null;
  readonly busy?: boolean;
  readonly fault?: string | null;
  /** Starts the search: it takes a while, so a person asks for it. */
  readonly onFind?: () => void;
  readonly onCancel?: () => void;
  /** How far it is; null: nothing is told. */
  readonly advance?: Advance | null;
  /** Why it is not looked for here. */
  readonly refusal?: string | null;
  /** What to expect of it. */
  readonly expected?: string | null;
}

const kinds: Readonly<Record<StationaryPointView['kind'], string>> = { least: 'least value', minimum: 'local minimum', saddle: 'saddle', maximum: 'maximum', degenerate: 'flat to second order' };

/** Stationary points by index and value, and how they hang together. */
export function StationaryPanel({ stationary, busy = false, fault = null, onFind, onCancel, advance = null, refusal = null, expected = null }: StationaryPanelProps) {
  const [host, width] = useWidth<HTMLDivElement>();
  const [picture, setPicture] = useState<'graph' | 'tree'>('graph');
  const [selected, setSelected] = useState<number | null>(null);
  const graph = useMemo(() => stationary && stationary.points.length > 0 && morseGraph(stationary), [stationary]);
  const size = { width: Math.max(280, width), height: 320 };
  const tree = picture === 'tree' && stationary !== null && stationary.tree.length > 0;
  const point = selected === null ? undefined : stationary?.points[selected];
  const drawing = !graph || !stationary ? null : tree ? drawTree(stationary) : graph.drawing(point === undefined ? null : selected);
  return (
    <Panel
      title="Stationary points"
      file="stationary-points"
      saved={drawing && { drawing, size }}
      table={() => tableOf(stationary)}
      empty={fault ?? refusal ?? (busy ? 'Looking for stationary points …' : stationary !== null ? 'No stationary point was found.' : 'Minima, saddles and maxima, and the ways down between them, can be looked for in problems of few variables.')}
      notes={stationary === null ? [] : notesOf(stationary)}
      controls={
        <>
          {onFind && (
            <button type="button" disabled={busy || refusal !== null} onClick={onFind}>
              {busy ? 'Looking …' : stationary === null ? 'Find them' : 'Find them again'}
            </button>
          )}
          {busy && onCancel && <button type="button" onClick={onCancel}>Cancel the search</button>}
          {busy && (
            <p class="panel-advance">
              <progress aria-label="The search for stationary points" {...(advance !== null && { value: advance.done, max: advance.of })} />
              <span>{advance === null ? 'Making ready …' : advanceWords(advance)}</span>
            </p>
          )}
          {!busy && refusal === null && expected !== null && <p class="panel-advance">{expected}</p>}
          {stationary !== null && stationary.tree.length > 0 && <Choice label="Picture" value={picture} options={[['graph', 'Morse graph'], ['tree', 'tree of barriers']]} onChange={setPicture} />}
          {graph && stationary && !tree && (
            <Choice
              label="Point"
              value={selected === null ? '' : String(selected)}
              options={[['', 'none'], ...stationary.points.map(({ kind, value }, k) => [String(k), `${k + 1}: ${kinds[kind]}, ${short(value)}`] as const)]}
              onChange={(chosen) => setSelected(chosen === '' ? null : Number(chosen))}
            />
          )}
        </>
      }
    >
      <div ref={host} class="panel-stage" aria-busy={busy}>
        {fault !== null && <p class="panel-error" role="alert">{fault}</p>}
        {width > 0 && drawing && stationary && (
          <SvgFigure drawing={drawing} size={size} summary={summaryOf(stationary)} {...(graph && !tree && { onPoint: (x: number, y: number) => setSelected(graph.nearest([x, y], size)) })} />
        )}
        {point && selected !== null && !tree && <p class="panel-words" aria-live="polite">{wordsOf(point, selected)}</p>}
      </div>
    </Panel>
  );
}

function wordsOf({ value, index, kind, spurious, orbit, smallest, largest, gradientNorm }: StationaryPointView, k: number): string {
  const shape = orbit === null ? '' : ` Its orbit has dimension ${orbit.dimension}${orbit.components > 1 ? ` in ${orbit.components} parts` : ''}${orbit.rank === null ? '' : `, its factors rank ${orbit.rank}`}.`;
  const curvature = smallest === null || largest === null ? '' : ` Off the orbit curvatures are from ${short(smallest)} to ${short(largest)}.`;
  const gradient = gradientNorm === null ? '' : ` Gradient norm ${short(gradientNorm)}.`;
  return `Point ${k + 1}: ${kinds[kind]}, value ${short(value)}, ${index === null ? 'index unknown' : `index ${index}`}${spurious ? '; spurious: descent can be caught here' : ''}.${shape}${curvature}${gradient}`;
}

function summaryOf({ points, falls }: StationaryView): string {
  const counts = Object.entries(kinds).flatMap(([kind, name]) => {
    const count = points.filter((point) => point.kind === kind).length;
    return count === 0 ? [] : [`${count} ${name}`];
  });
  return `${counted(points.length, 'stationary point')}: ${counts.join(', ')}; ${counted(falls.filter(({ to }) => to !== null).length, 'way')} down.`;
}

function notesOf({ points, group, statement, audit, complete, falls, missing }: StationaryView): string[] {
  return [
    statement,
    ...missing,
    ...(group === null ? [] : [`Points are counted modulo ${group}: one for each orbit.`]),
    ...(complete === true ? ['The list is proved complete.'] : []),
    ...(audit === null ? [] : [`Euler audit: ${audit}`]),
    `Disc: minimum (green the least value); cross: saddle; triangle: maximum; square: flat.${points.some(({ spurious }) => spurious) ? ' Red ring: spurious.' : ''}${falls.length > 0 ? ' Lines: ways down.' : ''}`,
  ];
}

function tableOf(view: StationaryView | null): Table {
  const points = view?.points ?? [];
  return {
    columns: [
      { name: 'point', cells: points.map((_, k) => k + 1) },
      { name: 'kind', cells: points.map(({ kind }) => kinds[kind]) },
      { name: 'value', cells: points.map(({ value }) => value) },
      { name: 'index', cells: points.map(({ index }) => index) },
      { name: 'spurious', cells: points.map(({ spurious }) => (spurious ? 'yes' : 'no')) },
      { name: 'orbit dimension', cells: points.map(({ orbit }) => orbit?.dimension ?? null) },
      { name: 'rank', cells: points.map(({ orbit }) => orbit?.rank ?? null) },
      { name: 'least curvature', cells: points.map(({ smallest }) => smallest) },
      { name: 'largest curvature', cells: points.map(({ largest }) => largest) },
      { name: 'gradient norm', cells: points.map(({ gradientNorm }) => gradientNorm) },
      { name: 'seen', cells: points.map(({ seen }) => seen) },
      { name: 'ways down to', cells: points.map((_, k) => [...new Set(view?.falls.flatMap(({ from, to }) => (from === k && to !== null ? [to + 1] : [])) ?? [])].join(' ')) },
    ],
  };
}
