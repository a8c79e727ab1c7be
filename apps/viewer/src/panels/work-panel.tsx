import { useMemo } from 'preact/hooks';

import type { RunView } from '../model/types.ts';
import { short } from './draw/scale.ts';
import { runColour } from './draw/theme.ts';
import type { Drawing } from './export/picture.ts';
import type { Table } from './export/table.ts';
import { SvgFigure } from './frame/figure.tsx';
import { Panel } from './frame/panel.tsx';
import { useWidth } from './frame/use-width.ts';
import { counted, grouped } from './words/count.ts';

export interface WorkPanelProps {
  readonly runs: readonly RunView[];
}

interface Bar {
  readonly run: number;
  readonly label: string;
  readonly oracle: string;
  readonly method: number;
  readonly driver: number;
}

/** What runs cost: calls of each oracle, and how fast they went. */
export function WorkPanel({ runs }: WorkPanelProps) {
  const [host, width] = useWidth<HTMLDivElement>();
  const bars = useMemo(() => barsOf(runs), [runs]);
  const drawing = useMemo(() => drawBars(bars), [bars]);
  const size = { width: Math.max(280, width), height: 22 * bars.length + 18 };
  return (
    <Panel title="Work" file="work" saved={bars.length === 0 ? null : { drawing, size }} table={() => tableOf(runs)} empty="What runs cost stands here: calls of each oracle, iterations a second." notes={notesOf(runs)}>
      <div ref={host} class="panel-stage">
        {width > 0 && <SvgFigure drawing={drawing} size={size} summary={bars.map(({ label, oracle, method }) => `${label}: ${grouped(method)} of ${oracle}`).join('; ')} />}
      </div>
    </Panel>
  );
}

function barsOf(runs: readonly Pick<RunView, 'label' | 'work'>[]): Bar[] {
  return runs.flatMap(({ label, work }, run) => {
    if (work === null) return [];
    const oracles = [...new Set([...Object.keys(work.method), ...Object.keys(work.driver)])];
    return oracles.map((oracle) => ({ run, label, oracle, method: work.method[oracle] ?? 0, driver: work.driver[oracle] ?? 0 }));
  });
}

const drawBars =
  (bars: readonly Bar[]): Drawing =>
  (pen, theme, { width }) => {
    const most = Math.max(1, ...bars.map(({ method, driver }) => method + driver));
    const left = Math.min(190, width * 0.4);
    const x = (count: number): number => (count / most) * (width - left - 74);
    bars.forEach(({ run, oracle, method, driver }, k) => {
      const y = 8 + 22 * k;
      pen.text([left - 8, y + 12], oracle, { colour: theme.ink, align: 'end', size: 11 });
      pen.rectangle([left, y], Math.max(method > 0 ? 1 : 0, x(method)), 15, { fill: runColour(theme, run) });
      pen.rectangle([left + x(method), y], x(driver), 15, { fill: runColour(theme, run), opacity: 0.35 });
      pen.text([left + x(method + driver) + 6, y + 12], driver > 0 ? `${grouped(method)} + ${grouped(driver)}` : grouped(method), { colour: theme.soft, size: 11 });
    });
  };

function notesOf(runs: readonly RunView[]): string[] {
  const lines = runs.flatMap(({ label, work }) =>
    work === null ? [] : [`${label}: ${counted(work.iterations, 'iteration')} in ${short(work.seconds)} s${work.seconds > 0 ? `, ${grouped(Math.round(work.iterations / work.seconds))} a second` : ''}; ${counted(work.reads, 'read')} of the device; ${short(work.bytes / 1024 ** 2)} MiB.`],
  );
  return lines.length === 0 ? [] : [...lines, 'Full bars: calls of the method itself; pale ones: of observations and trackers.'];
}

function tableOf(runs: readonly RunView[]): Table {
  const rows = runs.flatMap(({ label, work }) =>
    work === null
      ? []
      : [
          ...barsOf([{ work, label }]).map(({ oracle, method, driver }) => ({ label, what: oracle, method, driver })),
          { label, what: 'iterations', method: work.iterations, driver: null },
          { label, what: 'seconds', method: work.seconds, driver: null },
          { label, what: 'reads', method: work.reads, driver: null },
          { label, what: 'bytes', method: work.bytes, driver: null },
        ],
  );
  return {
    columns: [
      { name: 'run', cells: rows.map(({ label }) => label) },
      { name: 'what', cells: rows.map(({ what }) => what) },
      { name: 'by the method', cells: rows.map(({ method }) => method) },
      { name: 'by observations', cells: rows.map(({ driver }) => driver) },
    ],
  };
}
