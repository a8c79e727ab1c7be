import { useMemo } from 'preact/hooks';

import type { CrossingView } from '../model/types.ts';
import { drawCrossings, frameHeight, rowHeight, width95 } from './crossings/draw-crossings.ts';
import { short } from './draw/scale.ts';
import type { Table } from './export/table.ts';
import { SvgFigure } from './frame/figure.tsx';
import { Panel } from './frame/panel.tsx';
import { useWidth } from './frame/use-width.ts';
import { counted } from './words/count.ts';

export interface CrossingsPanelProps {
  readonly crossings: readonly CrossingView[] | null;
  /** Of the runs, by position. */
  readonly labels: readonly string[];
  readonly busy?: boolean;
  readonly fault?: string | null;
}

/** How long noise takes from one well to the next: each run by itself, and one against the other. */
export function CrossingsPanel({ crossings, labels, busy = false, fault = null }: CrossingsPanelProps) {
  const [host, width] = useWidth<HTMLDivElement>();
  const drawing = useMemo(() => crossings && drawCrossings(crossings, labels), [crossings, labels]);
  const size = { width: Math.max(280, width), height: rowHeight * (crossings?.length ?? 0) + frameHeight };
  return (
    <Panel
      title="Crossing times"
      file="crossings"
      saved={drawing && crossings && crossings.length > 0 ? { drawing, size } : null}
      table={() => tableOf(crossings ?? [], labels)}
      empty={fault ?? (busy ? 'Computing how long noise takes to cross …' : 'Compose a Langevin method: how long it takes from one well to the next is computed here.')}
      notes={crossings === null ? [] : notesOf(crossings, labels, busy)}
    >
      <div ref={host} class="panel-stage" aria-busy={busy && crossings === null}>
        {fault !== null && <p class="panel-error" role="alert">{fault}</p>}
        {width > 0 && drawing && crossings && <SvgFigure drawing={drawing} size={size} summary={crossings.map((view) => `${labels[view.method] ?? ''}: ${meanWords(view)}`).join('. ')} />}
      </div>
    </Panel>
  );
}

/** Mean and interval as simulated, the exact mean, the law. */
function meanWords({ law, exact, simulated }: CrossingView): string {
  return [
    ...(simulated === null ? [] : [`simulated ${short(simulated.time)} ± ${short(width95 * simulated.standardError)}`]),
    ...(exact === null ? [] : [`exact ${short(exact)}`]),
    `law ${short(law)}`,
  ].join(', ');
}

function notesOf(views: readonly CrossingView[], labels: readonly string[], busy: boolean): string[] {
  const [first, second] = views;
  return [
    ...views.map((view) => `${labels[view.method] ?? ''}: ${meanWords(view)}${simulationWords(view, busy)}`),
    ...(first === undefined || second === undefined ? [] : [ratioWords(first, second)]),
    'A crossing is the time of the dynamics from the minimum of one well until it is as far as the minimum of the other. Exact: the backward equation, solved on two grids. The law holds for low temperatures, its relative error is of the order of T.',
  ];
}

function simulationWords({ simulated, step, steps, paths }: CrossingView, busy: boolean): string {
  if (simulated !== null) return ` (95 %, ${counted(simulated.exits, 'crossing')} of ${counted(simulated.paths, 'path')}, steps of ${short(step)}).`;
  if (paths === 0) return `. Not simulated: a crossing takes about ${short(steps)} steps of ${short(step)}.`;
  return busy ? '; paths are being simulated …' : '.';
}

/** Times fall by a factor: as simulated with its interval (of a quotient of two means), and exactly. */
function ratioWords(first: CrossingView, second: CrossingView): string {
  const parts = [
    ...(first.simulated === null || second.simulated === null ? [] : [simulatedRatio(first.simulated, second.simulated)]),
    ...(first.exact === null || second.exact === null ? [] : [`exactly ${short(first.exact / second.exact)}`]),
    `by the law ${short(first.law / second.law)}`,
  ];
  return `The second crosses sooner by a factor: ${parts.join(', ')}.`;
}

function simulatedRatio(a: NonNullable<CrossingView['simulated']>, b: NonNullable<CrossingView['simulated']>): string {
  const ratio = a.time / b.time;
  const spread = Math.exp(width95 * Math.hypot(a.standardError / a.time, b.standardError / b.time));
  return `simulated ${short(ratio)} (95 %: ${short(ratio / spread)} to ${short(ratio * spread)})`;
}

function tableOf(views: readonly CrossingView[], labels: readonly string[]): Table {
  const column = (name: string, of: (view: CrossingView) => number | null): Table['columns'][number] => ({ name, cells: views.map(of) });
  return {
    columns: [
      { name: 'run', cells: views.map(({ method }) => labels[method] ?? '') },
      column('temperature', ({ temperature }) => temperature),
      column('rotation', ({ strength }) => strength),
      column('law', ({ law }) => law),
      column('exact', ({ exact }) => exact),
      column('simulated', ({ simulated }) => simulated?.time ?? null),
      column('standard error', ({ simulated }) => simulated?.standardError ?? null),
      column('paths', ({ simulated }) => simulated?.paths ?? null),
      column('crossings', ({ simulated }) => simulated?.exits ?? null),
      column('step', ({ step }) => step),
    ],
  };
}
