import { useMemo } from 'preact/hooks';

import type { BasinMapView } from '../model/types.ts';
import { drawBasins, keyHeight, keyOf } from './basins/draw-basins.ts';
import { short } from './draw/scale.ts';
import type { Table } from './export/table.ts';
import { CanvasFigure } from './frame/figure.tsx';
import { Panel } from './frame/panel.tsx';
import { useWidth } from './frame/use-width.ts';
import { grouped } from './words/count.ts';

export interface BasinsPanelProps {
  readonly map: BasinMapView | null;
  readonly busy?: boolean;
  /** It is the map of what was composed before; the new one is on its way. */
  readonly earlier?: boolean;
  readonly fault?: string | null;
}

/** Where the first method ends from each start of a grid, as the runs go. */
export function BasinsPanel({ map, busy = false, earlier = false, fault = null }: BasinsPanelProps) {
  const [host, width] = useWidth<HTMLDivElement>();
  const drawing = useMemo(() => map && drawBasins(map), [map]);
  const wide = Math.max(280, Math.min(560, width));
  const size = { width: wide, height: wide + 10 + (map === null ? 0 : keyHeight(map)) };
  return (
    <Panel
      title="Basins"
      file="basins"
      saved={drawing && { drawing, size }}
      table={() => tableOf(map)}
      empty={fault ?? (busy ? 'All starts set out …' : 'Start: the first method runs from each point of a grid.')}
      notes={map === null ? [] : notesOf(map, busy && !earlier, earlier)}
    >
      <div ref={host} class="panel-stage">
        {fault !== null && <p class="panel-error" role="alert">{fault}</p>}
        {busy && map !== null && <progress aria-label="Steps of all starts" max={map.of} {...(!earlier && { value: map.taken })} />}
        {width > 0 && drawing && map && <CanvasFigure drawing={drawing} size={size} summary={`Where ${map.method} ends from ${grouped(map.labels.length)} starts. ${keyOf(map).map(({ text }) => text).join('. ')}.`} />}
      </div>
    </Panel>
  );
}

function notesOf({ method, backend, dtype, adapter, labels, s, taken, tolerance, seconds, note }: BasinMapView, busy: boolean, earlier: boolean): string[] {
  const where = `${backend}${adapter === null || adapter === '' ? '' : ` (${adapter})`} in ${dtype}`;
  return [
    ...(earlier ? ['This is the map of before; the new one shows with its first steps.'] : []),
    `${busy ? 'So far' : 'In all'} ${grouped(taken)} steps of ${method} from each of ${grouped(s.length)} × ${grouped(s.length)} starts on ${where}, ${short(Number(seconds.toPrecision(2)))} s${labels.includes(-1) && !busy ? '; some are still going' : ''}. A run ends where its gradient is at most ${short(Number(tolerance.toPrecision(2)))} long.`,
    'Ends are told apart by what the symmetry leaves as it is, and by the part of the orbit; their values and ways down are computed on the cpu in f64.',
    ...(note === null ? [] : [`${note}.`]),
  ];
}

const ends: Readonly<Record<number, string>> = { [-1]: 'still going', [-2]: 'diverged', [-3]: 'another end' };

function tableOf(map: BasinMapView | null): Table {
  if (map === null) return { columns: [] };
  const { s, labels, steps, basins, names } = map;
  const count = s.length;
  const column = (name: string, of: (k: number, label: number) => number | string | null): Table['columns'][number] => ({ name, cells: Array.from(labels, (label, k) => of(k, label)) });
  return {
    columns: [
      column(names[0], (k) => s[k % count]!),
      column(names[1], (k) => s[Math.floor(k / count)]!),
      column('end', (_, label) => ends[label] ?? label + 1),
      column('value at the end', (_, label) => basins[label]?.value ?? null),
      column('ways down there', (_, label) => basins[label]?.down ?? null),
      column('steps', (k) => steps[k]!),
    ],
  };
}
