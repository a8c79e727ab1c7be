import { useMemo, useState } from 'preact/hooks';

import type { Cursor, RunView } from '../model/types.ts';
import { type ScaleKind, short } from './draw/scale.ts';
import type { Table } from './export/table.ts';
import { Choice } from './frame/choice.tsx';
import { SvgFigure } from './frame/figure.tsx';
import { Panel } from './frame/panel.tsx';
import { useWidth } from './frame/use-width.ts';
import { drawSingularValues, singularValuesOf } from './spectrum/draw-singular-values.ts';

export interface SingularValuesPanelProps {
  readonly runs: readonly RunView[];
  readonly cursor: Cursor;
}

/** The singular values of the matrix that the factors make, over a run: which are learnt when. */
export function SingularValuesPanel({ runs, cursor }: SingularValuesPanelProps) {
  const [host, width] = useWidth<HTMLDivElement>();
  const [kind, setKind] = useState<ScaleKind>('linear');
  const [chosen, setChosen] = useState<string | null>(null);
  const told = runs.filter((run) => singularValuesOf(run).length > 0);
  const run = told.find(({ id }) => id === chosen) ?? told[0];
  const rows = useMemo(() => (run === undefined ? [] : singularValuesOf(run)), [run]);
  const made = useMemo(() => (run === undefined ? undefined : drawSingularValues(rows, kind, runs.indexOf(run), cursor.iteration)), [rows, kind, cursor.iteration]);
  const size = { width: Math.max(280, width), height: 260 };
  const last = rows.at(-1);
  return (
    <Panel
      title="Singular values"
      file="singular-values"
      saved={made === undefined ? null : { drawing: made.drawing, size }}
      table={() => tableOf(rows)}
      empty="Track singular-values in a run on factors: they are drawn here as they grow."
      notes={last === undefined ? [] : [`At iteration ${last.iteration}: ${last.values.slice(0, 8).map(short).join(', ')}${last.values.length > 8 ? ', …' : ''}. The first one on top.`]}
      controls={
        run && (
          <>
            {told.length > 1 && <Choice label="Run" value={run.id} options={told.map(({ id, label }) => [id, label])} onChange={setChosen} />}
            <Choice label="Axis" value={kind} options={[['linear', 'linear'], ['log', 'logarithmic']]} onChange={setKind} />
          </>
        )
      }
    >
      <div ref={host} class="panel-stage">
        {width > 0 && made && run && (
          <SvgFigure
            drawing={made.drawing}
            size={size}
            summary={`Singular values over the iterations of ${run.label}; at the end ${last?.values.slice(0, 4).map(short).join(', ') ?? 'none'}.`}
            onPoint={(x) => cursor.move(made.iterationAt(x, size))}
          />
        )}
      </div>
    </Panel>
  );
}

function tableOf(rows: ReturnType<typeof singularValuesOf>): Table {
  const most = rows.reduce((count, { values }) => Math.max(count, values.length), 0);
  return {
    columns: [
      { name: 'iteration', cells: rows.map(({ iteration }) => iteration) },
      ...Array.from({ length: most }, (_, k) => ({ name: `singular value ${k + 1}`, cells: rows.map(({ values }) => values[k] ?? null) })),
    ],
  };
}
