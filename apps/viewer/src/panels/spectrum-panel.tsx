import { useMemo } from 'preact/hooks';

import type { RunView, SpectrumView } from '../model/types.ts';
import { short } from './draw/scale.ts';
import type { Table } from './export/table.ts';
import { SvgFigure } from './frame/figure.tsx';
import { Panel } from './frame/panel.tsx';
import { useWidth } from './frame/use-width.ts';
import { drawSpectrum } from './spectrum/draw-spectrum.ts';
import { counted } from './words/count.ts';

export interface SpectrumPanelProps {
  readonly spectrum: SpectrumView | null;
  readonly runs: readonly RunView[];
  readonly busy?: boolean;
  readonly fault?: string | null;
}

/** The Hessian's eigenvalues at a point, the directions of the symmetry group set apart. */
export function SpectrumPanel({ spectrum, runs, busy = false, fault = null }: SpectrumPanelProps) {
  const [host, width] = useWidth<HTMLDivElement>();
  const drawing = useMemo(() => spectrum && drawSpectrum(spectrum), [spectrum]);
  const size = { width: Math.max(280, width), height: 260 };
  return (
    <Panel
      title="Hessian spectrum"
      file="spectrum"
      saved={drawing && { drawing, size }}
      table={() => tableOf(spectrum)}
      empty={fault ?? (busy ? 'Computing eigenvalues …' : 'The spectrum of a point of a run is drawn here.')}
      notes={spectrum === null ? [] : notesOf(spectrum, runs)}
    >
      <div ref={host} class="panel-stage" aria-busy={busy}>
        {fault !== null && <p class="panel-error" role="alert">{fault}</p>}
        {width > 0 && drawing && spectrum && <SvgFigure drawing={drawing} size={size} summary={summaryOf(spectrum)} />}
      </div>
    </Panel>
  );
}

function summaryOf(view: SpectrumView): string {
  const { smallest, largest, iteration } = view;
  const ends = smallest[0] && largest[0] ? ` Eigenvalues from ${short(smallest[0].value)} to ${short(largest[0].value)}.` : '';
  return `Hessian spectrum at iteration ${iteration}.${ends} ${signsOf(view) ?? ''}`.trim();
}

const signsOf = ({ signs }: SpectrumView): string | null => (signs === null ? null : `${signs.negative} negative, ${signs.zero} zero, ${signs.positive} positive off the orbit.`);

function notesOf(view: SpectrumView, runs: readonly RunView[]): string[] {
  const { run, iteration, variables, group, deflated, eigenvalues, density, gradientNorm, trace, products, smallest, largest } = view;
  const signs = signsOf(view);
  const residual = Math.max(0, ...[...smallest, ...largest].map((value) => value.residual));
  return [
    `Iteration ${iteration} of ${runs.find(({ id }) => id === run)?.label ?? run}: ${counted(variables, 'variable')}, gradient norm ${short(gradientNorm)}.`,
    ...(deflated > 0 && group !== null ? [`${counted(deflated, 'direction')} of the symmetry group ${group} ${deflated === 1 ? 'is' : 'are'} set apart (dashed, at 0): along ${deflated === 1 ? 'it' : 'them'} the value does not change.`] : []),
    ...(signs === null ? [] : [`${signs} Orange: downwards; blue: upwards.`]),
    ...(eigenvalues === null ? [`Marks: the ends, by Lanczos, residuals at most ${short(residual)}.${density === null ? '' : ` Line: density by stochastic Lanczos quadrature, smoothed by ${short(density.width)}.`}`] : ['Marks: all eigenvalues; bars: how many.']),
    ...(trace === null ? [] : [`Trace ${short(trace.value)}${trace.standardError > 0 ? ` ± ${short(trace.standardError)}` : ''}; ${counted(products, 'Hessian-vector product')} in all.`]),
  ];
}

function tableOf(view: SpectrumView | null): Table {
  if (view === null) return { columns: [] };
  const { eigenvalues, smallest, largest } = view;
  if (eigenvalues !== null) return { columns: [{ name: 'eigenvalue', cells: eigenvalues }] };
  const ends = [...smallest, ...largest.toReversed()];
  return { columns: [{ name: 'eigenvalue', cells: ends.map(({ value }) => value) }, { name: 'residual', cells: ends.map(({ residual }) => residual) }] };
}
