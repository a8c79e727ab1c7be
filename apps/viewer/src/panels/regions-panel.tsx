import { useMemo } from 'preact/hooks';

import type { RegionsView } from '../model/types.ts';
import type { Table } from './export/table.ts';
import { SvgFigure } from './frame/figure.tsx';
import { Panel } from './frame/panel.tsx';
import { useWidth } from './frame/use-width.ts';
import { short } from './draw/scale.ts';
import { drawRegionState, measures } from './regions/draw-region-state.ts';

export interface RegionsPanelProps {
  readonly regions: RegionsView | null;
  readonly busy?: boolean;
  /** Why there are none. */
  readonly fault?: string | null;
  /** Asks for them. */
  readonly onFind?: () => void;
}

/** In which region of the partition R1, R2, R3 the point lies, how far it is from the thresholds, and what is proved there. */
export function RegionsPanel({ regions, busy = false, fault = null, onFind }: RegionsPanelProps) {
  const [host, width] = useWidth<HTMLDivElement>();
  const drawing = useMemo(() => regions && drawRegionState(regions), [regions]);
  const size = { width: Math.max(280, width), height: 224 };
  return (
    <Panel
      title="Regions"
      file="regions"
      saved={drawing && { drawing, size }}
      table={() => tableOf(regions)}
      empty={fault ?? (busy ? 'Computing the regions …' : 'Factorisations of a known matrix have regions: near a saddle, near the minimisers, and between them.')}
      controls={onFind && <button type="button" disabled={busy} onClick={onFind}>{regions === null ? 'Find the region' : 'Find it again'}</button>}
      notes={regions === null ? [] : notesOf(regions)}
    >
      <div ref={host} class="panel-stage" aria-busy={busy}>
        {fault !== null && <p class="panel-error" role="alert">{fault}</p>}
        {regions && <p class="panel-words">{regions.at.statement}</p>}
        {width > 0 && drawing && regions && <SvgFigure drawing={drawing} size={size} summary={`Region ${regions.at.region}. ${measures(regions).map(({ label, value, threshold, met, condition }) => `${label} ${short(value)}, threshold ${short(threshold)}: ${condition} ${met ? 'holds' : 'does not hold'}`).join('. ')}.`} />}
      </div>
    </Panel>
  );
}

function notesOf({ at: { survives, minimiser } }: RegionsView): string[] {
  return [
    `Thresholds are made of the singular values ${short(minimiser.least)} (least) and ${short(minimiser.largest)} (largest) of the minimiser; a region holds where its bar passes its mark in the direction of the arrow.`,
    ...(survives === null ? [] : [`Of the measurements: the verdict holds if their restricted isometry constant δ₃ᵣ is at most ${short(survives)}. No program can know it.`]),
  ];
}

function tableOf(regions: RegionsView | null): Table {
  const rows = regions === null ? [] : measures(regions);
  return {
    columns: [
      { name: 'region', cells: rows.map(({ region }) => region) },
      { name: 'number', cells: rows.map(({ label }) => label) },
      { name: 'at the point', cells: rows.map(({ value }) => value) },
      { name: 'threshold', cells: rows.map(({ threshold }) => threshold) },
      { name: 'holds', cells: rows.map(({ met }) => (met ? 'yes' : 'no')) },
    ],
  };
}
