import type { RegionsView, SliceView } from '../../model/types.ts';
import type { Cell, Table } from '../export/table.ts';
import { marksIn } from './marks.ts';
import { regionAt } from './plane.ts';

interface Row {
  readonly what: string;
  readonly s: number;
  readonly t: number;
  readonly onSlice?: Cell;
  readonly iteration?: number;
  readonly value?: Cell;
  readonly distance?: number;
  readonly kind?: string;
  readonly gradientNorm?: number;
}

/** Values of the grid, then the ways, then the marks. `regions`: those that the grid is coloured by. */
export function sliceTable(slice: SliceView | null, regions: RegionsView | null): Table {
  if (slice === null) return { columns: [] };
  const { s, t, values, paths, critical } = slice;
  const rows: Row[] = [
    ...Array.from(values, (value, k): Row => ({ what: 'grid', s: s[k % s.length]!, t: t?.[Math.floor(k / s.length)] ?? 0, onSlice: value })),
    ...paths.flatMap((path) => Array.from(path.s, (at, k): Row => ({ what: path.run, s: at, t: path.t[k]!, onSlice: path.sliceValue[k]!, iteration: path.iteration[k]!, value: path.value[k]!, distance: path.distance[k]! }))),
    ...marksIn(slice).map(({ s: at, t: up, kind, label }): Row => ({ what: `stationary point ${label}`, s: at, t: up, kind })),
    ...(typeof critical === 'object' && critical !== null ? critical.points.map((point): Row => ({ what: 'critical in the section', s: point.s, t: point.t, onSlice: point.value, kind: point.kind, gradientNorm: point.gradientNorm })) : []),
  ];
  const column = (name: string, of: (row: Row) => Cell | undefined): Table['columns'][number] => ({ name, cells: rows.map((row) => of(row) ?? null) });
  return {
    columns: [
      column('what', ({ what }) => what),
      column('s', (row) => row.s),
      ...(t === null ? [] : [column('t', (row) => row.t)]),
      column('value on the slice', ({ onSlice }) => onSlice),
      column('iteration', ({ iteration }) => iteration),
      column('true value', ({ value }) => value),
      column('distance to the plane', ({ distance }) => distance),
      ...(rows.some(({ kind }) => kind !== undefined) ? [column('kind', ({ kind }) => kind), column('gradient norm', ({ gradientNorm }) => gradientNorm)] : []),
      ...(regions === null ? [] : [column('region', ({ what, s: at, t: up }) => (what === 'grid' ? regions.names[regionAt(regions, at, up)]! : null))]),
    ],
  };
}
