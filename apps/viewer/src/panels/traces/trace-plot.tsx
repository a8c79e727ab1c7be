import 'uplot/dist/uPlot.min.css';

import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';

import { dashOf } from '../draw/ramp.ts';
import { ticks, tickText } from '../draw/scale.ts';
import { runColour, theme, type Theme } from '../draw/theme.ts';
import { fitting } from '../words/wrap.ts';
import { near, type TraceChart } from './draw-traces.ts';

export interface TracePlotProps {
  readonly chart: TraceChart;
  readonly labels: readonly string[];
  readonly width: number;
  readonly height: number;
  readonly summary: string;
  /** Called with a place on the horizontal axis that is clicked. */
  readonly onPoint: (x: number) => void;
}

/** One quantity of all runs, by uPlot. */
export function TracePlot({ chart, labels, width, height, summary, onPoint }: TracePlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const now = useRef({ chart, onPoint });
  now.current = { chart, onPoint };
  const colours = theme.value;
  const key = labels.join('\n');
  // Whether dashes are drawn.
  const crowded = chart.lines.map(({ x }, k) => dashOf(k, x.length).length).join();

  // A new plot where its frame changes; new numbers go into the one there is.
  useLayoutEffect(() => {
    if (host.current === null) return undefined;
    const made = new uPlot(optionsOf(now, labels, colours, width, height), aligned(now.current.chart), host.current);
    made.over.addEventListener('click', () => {
      if (made.cursor.left !== undefined && made.cursor.left >= 0) now.current.onPoint(made.posToVal(made.cursor.left, 'x'));
    });
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
    };
  }, [key, colours, chart.kind, chart.clock, chart.quantity.id, crowded, width, height]);

  useEffect(() => {
    plot.current?.setData(aligned(now.current.chart));
  }, [chart.lines]);
  useEffect(() => {
    plot.current?.redraw(false, false);
  }, [chart.marks]);

  return <div class="panel-figure trace-plot" ref={host} role="img" aria-label={summary} />;
}

const aligned = ({ lines, y: scale }: TraceChart): uPlot.AlignedData => uPlot.join(lines.map(({ x, y }) => [x, y.map((value) => (value === null ? null : near(scale, value)))]));

function optionsOf(now: { readonly current: { readonly chart: TraceChart } }, labels: readonly string[], colours: Theme, width: number, height: number): uPlot.Options {
  const { chart } = now.current;
  const axis = (label: string, from: (chart: TraceChart) => TraceChart['x'], room: number): uPlot.Axis => ({
    label,
    labelSize: 18,
    labelFont: '12px system-ui, sans-serif',
    font: '11px system-ui, sans-serif',
    stroke: colours.soft,
    grid: { stroke: colours.line, width: 1 },
    ticks: { stroke: colours.strong, width: 1, size: 4 },
    // uPlot would write 0 for small numbers of a logarithmic axis, and leave out most of many decades.
    // it draws no axis at all where none of its increments fits, as of runs that diverge: here is one that fits always
    incrs: (_plot, _axis, min, max) => [10 ** Math.max(1, Math.ceil(Math.log10(max - min)))],
    splits: () => ticks(from(now.current.chart), room),
    filter: (_plot, at) => at,
    values: (_plot, at) => at.map(tickText),
  });
  return {
    width,
    height,
    legend: { show: false },
    cursor: { points: { show: false }, drag: { x: false, y: false } },
    // half of the last number of the axis stands beyond its end
    padding: [8, 20, 0, 0],
    scales: {
      x: { time: false, range: () => [now.current.chart.x.from, now.current.chart.x.to] },
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- a constant enum of a declaration file cannot be named in modules compiled one by one
      y: { distr: chart.kind === 'log' ? 3 : 1, range: () => [now.current.chart.y.from, now.current.chart.y.to] },
    },
    axes: [
      { ...axis(chart.clock, ({ x }) => x, Math.max(2, Math.floor(width / 80))), size: 26 },
      { ...axis(fitting(chart.quantity.label, height - 60), ({ y }) => y, Math.max(2, Math.floor(height / 40))), size: 58 },
    ],
    series: [{}, ...labels.map((label, k) => ({ label, stroke: runColour(colours, k), width: 1.8, dash: [...dashOf(k, chart.lines[k]?.x.length)], points: { show: false } }))],
    hooks: {
      draw: [
        (plot) => {
          drawMarks(plot, now.current.chart, colours);
        },
      ],
    },
  };
}

/** Where each run is at the time scrubber. */
function drawMarks({ ctx, valToPos, bbox }: uPlot, { marks }: TraceChart, colours: Theme): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left - 8, bbox.top - 8, bbox.width + 16, bbox.height + 16);
  ctx.clip();
  ctx.setLineDash([]);
  marks.forEach((mark, k) => {
    if (mark === null) return;
    ctx.beginPath();
    ctx.arc(valToPos(mark[0], 'x', true), valToPos(mark[1], 'y', true), 4.5 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fillStyle = runColour(colours, k);
    ctx.fill();
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.strokeStyle = colours.surface;
    ctx.stroke();
  });
  ctx.restore();
}
