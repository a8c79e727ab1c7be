import { useMemo, useState } from 'preact/hooks';

import type { Cursor, RunView } from '../model/types.ts';
import { dashOf } from './draw/ramp.ts';
import { type ScaleKind, short } from './draw/scale.ts';
import { runColour, theme } from './draw/theme.ts';
import type { Table } from './export/table.ts';
import { Panel } from './frame/panel.tsx';
import { useWidth } from './frame/use-width.ts';
import { Choice } from './frame/choice.tsx';
import { atCursor, drawTraces, type TraceChart, type TraceLines, traceLines } from './traces/draw-traces.ts';
import { available, fittingAxis, type QuantityId } from './traces/quantities.ts';
import { type Clock, positionAt } from './traces/series.ts';
import { TracePlot } from './traces/trace-plot.tsx';

export interface TracePanelProps {
  readonly runs: readonly RunView[];
  readonly cursor: Cursor;
  /** Shown first; default the value and the gradient norm. */
  readonly first?: readonly QuantityId[];
}

type Axis = 'fitting' | ScaleKind;

/** What runs did: any of their numbers over iterations or time, all runs together. */
export function TracePanel({ runs, cursor, first = ['value', 'gradient'] }: TracePanelProps) {
  const [chosen, setChosen] = useState<readonly QuantityId[]>(first);
  const [clock, setClock] = useState<Clock>('iterations');
  const [axis, setAxis] = useState<Axis>('fitting');
  const [host, width] = useWidth<HTMLDivElement>();
  const offered = useMemo(() => available(runs), [runs]);
  // Lines are made anew when runs go on; the cursor moves over them.
  const lines = useMemo(
    () =>
      offered.flatMap((quantity): TraceLines[] => {
        if (!chosen.includes(quantity.id)) return [];
        const chart = traceLines(runs, quantity, axis === 'fitting' ? fittingAxis(quantity, runs) : axis, clock);
        return chart === undefined ? [] : [chart];
      }),
    [runs, offered, chosen, axis, clock],
  );
  const charts = useMemo(() => lines.map((chart) => atCursor(chart, cursor.iteration)), [lines, cursor.iteration]);
  const labels = runs.map(({ label }) => label);
  const height = charts.length === 1 ? 300 : 200;
  const size = { width: Math.max(width, 480), height: height * charts.length + 18 * runs.length + 8 };
  const move = (x: number): void => {
    if (clock === 'iterations') return cursor.move(Math.max(0, Math.round(x)));
    const { trace } = runs.reduce((a, b) => ((a.trace.seconds.at(-1) ?? 0) > (b.trace.seconds.at(-1) ?? 0) ? a : b));
    const at = positionAt(trace.seconds, x);
    if (at !== undefined) cursor.move(trace.iteration[at]!);
  };
  return (
    <Panel
      title="Traces"
      file="traces"
      saved={offered.length > 0 ? { drawing: drawTraces(charts, runs), size } : null}
      table={() => tableOf(runs)}
      empty="Start a run: what it observes is drawn here."
      notes={notesOf(charts, labels)}
      controls={
        <>
          {offered.length > 0 && (
            <fieldset class="panel-choice">
              <legend>Shown</legend>
              {offered.map(({ id, label }) => (
                <label key={id}>
                  <input
                    type="checkbox"
                    checked={chosen.includes(id)}
                    onChange={(event) => {
                      setChosen(event.currentTarget.checked ? [...chosen, id] : chosen.filter((other) => other !== id));
                    }}
                  />
                  {label}
                </label>
              ))}
            </fieldset>
          )}
          <Choice label="Over" value={clock} options={[['iterations', 'iterations'], ['seconds', 'seconds']]} onChange={setClock} />
          <Choice label="Axis" value={axis} options={[['fitting', 'as fits'], ['log', 'logarithmic'], ['linear', 'linear']]} onChange={setAxis} />
        </>
      }
    >
      <div ref={host}>
        <ul class="panel-key">
          {runs.map(({ id, label }, k) => (
            <li key={id}>
              <svg width="34" height="8" aria-hidden="true">
                <line x1="1" x2="33" y1="4" y2="4" stroke={runColour(theme.value, k)} stroke-width="2.5" stroke-dasharray={dashOf(k).join(' ')} />
              </svg>
              <span>{label}</span>
              <span class="panel-key-values">
                {charts
                  .map(({ quantity, marks }) => (marks[k] === null || marks[k] === undefined ? null : `${quantity.label} ${short(marks[k][1])}`))
                  .filter((text) => text !== null)
                  .join(' · ')}
              </span>
            </li>
          ))}
        </ul>
        {width > 0 && charts.map((chart) => <TracePlot key={chart.quantity.id} chart={chart} labels={labels} width={width} height={height} summary={summaryOf(chart, runs)} onPoint={move} />)}
        {charts.length === 0 && <p class="panel-empty">None of these numbers can be shown on such an axis: choose another axis, or another number.</p>}
      </div>
    </Panel>
  );
}

function notesOf(charts: readonly TraceChart[], labels: readonly string[]): string[] {
  const leaving = [...new Set(charts.flatMap((chart) => chart.leaving))].sort((a, b) => a - b).map((k) => labels[k]!);
  if (leaving.length === 0) return [];
  return [`${leaving.join('; ')} diverged: the axes have the range of the other runs, and ${leaving.length === 1 ? 'its line leaves' : 'their lines leave'} the frame. All numbers are in the CSV.`];
}

function summaryOf({ quantity, clock, lines }: TraceChart, runs: readonly RunView[]): string {
  const ways = runs.map(({ label }, k) => {
    const numbers = lines[k]!.y.filter((value) => value !== null);
    return numbers.length === 0 ? `${label}: none` : `${label}: from ${short(numbers[0]!)} to ${short(numbers.at(-1)!)}`;
  });
  return `${quantity.label} over ${clock}. ${ways.join('; ')}.`;
}

function tableOf(runs: readonly RunView[]): Table {
  const join = <T,>(of: (run: RunView) => ArrayLike<T>): T[] => runs.flatMap((run) => Array.from(of(run)));
  const trackers = [...new Set(runs.flatMap(({ snapshots }) => snapshots.flatMap(({ tracked }) => Object.keys(tracked).filter((id) => typeof tracked[id] === 'number'))))];
  return {
    columns: [
      { name: 'run', cells: runs.flatMap(({ label, trace }) => Array.from(trace.iteration, () => label)) },
      { name: 'iteration', cells: join(({ trace }) => trace.iteration) },
      { name: 'seconds', cells: join(({ trace }) => trace.seconds) },
      { name: 'value', cells: join(({ trace }) => trace.value) },
      { name: 'gradient norm', cells: join(({ trace }) => trace.gradientNorm) },
      ...trackers.map((id) => ({
        name: id,
        cells: runs.flatMap(({ trace, snapshots }) => {
          const at = new Map(snapshots.map(({ iteration, tracked }) => [iteration, tracked[id]]));
          return Array.from(trace.iteration, (iteration) => (typeof at.get(iteration) === 'number' ? (at.get(iteration) as number) : null));
        }),
      })),
    ],
  };
}
