import { useEffect, useMemo } from 'preact/hooks';

import type { Catalogue, Direction } from '../engine/protocol.ts';
import { labelOf } from '../model/label.ts';
import type { Model } from '../model/model.ts';
import type { PanelId } from '../model/scene.ts';
import { quickVariables } from '../model/take-data.ts';
import type { Cursor } from '../model/types.ts';
import { BasinsPanel } from '../panels/basins-panel.tsx';
import { CrossingsPanel } from '../panels/crossings-panel.tsx';
import { useWidth } from '../panels/frame/use-width.ts';
import { RegionsPanel } from '../panels/regions-panel.tsx';
import { SingularValuesPanel } from '../panels/singular-values-panel.tsx';
import { SlicePanel } from '../panels/slice-panel.tsx';
import { SpectrumPanel } from '../panels/spectrum-panel.tsx';
import { StationaryPanel } from '../panels/stationary-panel.tsx';
import { TracePanel } from '../panels/trace-panel.tsx';
import { VerdictPanel } from '../panels/verdict-panel.tsx';
import { WorkPanel } from '../panels/work-panel.tsx';
import { counted } from '../panels/words/count.ts';
import { sceneNamed } from '../scenes/open-scene.ts';
import { AnalysisPanel } from './analysis-panel.tsx';
import { Boundary } from './boundary.tsx';
import { PlanPanel } from './plan-panel.tsx';

export const allPanels: readonly PanelId[] = ['traces', 'slice', 'verdict', 'regions', 'singular-values', 'spectrum', 'plan', 'stationary', 'work'];

/** Where two columns of the style sheet's least width have room, a gap between them. */
const twoColumns = 2 * 430 + 12;

/** The panels, all of the same runs at the same time: side by side, or one below the other in the same order. */
export function Stage({ model, catalogue, panels }: { readonly model: Model; readonly catalogue: Catalogue; readonly panels: readonly PanelId[] }) {
  const [host, width] = useWidth<HTMLDivElement>();
  const columns = width >= twoColumns ? 2 : 1;
  return (
    <div class="stage" ref={host}>
      {width > 0 && Array.from({ length: columns }, (_, column) => (
        <div class="stage-column" key={column}>
          {panels.filter((_, k) => k % columns === column).map((id) => (
            <Boundary key={id} name={id}>
              <One id={id} model={model} catalogue={catalogue} />
            </Boundary>
          ))}
          {panels.length % columns === column && <AnalysisPanel model={model} catalogue={catalogue} />}
        </div>
      ))}
    </div>
  );
}

function One({ id, model, catalogue }: { readonly id: PanelId; readonly model: Model; readonly catalogue: Catalogue }) {
  const runs = model.runViews.value;
  const { at, scene: open } = model.view.value;
  const scene = sceneNamed(open);
  const cursor = useMemo((): Cursor => ({ iteration: at, move: (iteration) => { model.look({ at: iteration }); } }), [at, model]);
  switch (id) {
    case 'traces':
      return <TracePanel key={open} runs={runs} cursor={cursor} {...(scene?.traces && { first: scene.traces })} />;
    case 'slice':
      return <Slice model={model} cursor={cursor} />;
    case 'verdict':
      return <VerdictPanel runs={runs} checks={model.checks.all.value} onCheck={(position) => { void model.check(position); }} onCancel={(run) => { model.checks.withdraw(run); }} />;
    case 'singular-values':
      return <SingularValuesPanel runs={runs} cursor={cursor} />;
    case 'spectrum':
      return <Spectrum model={model} />;
    case 'regions':
      return <Regions model={model} />;
    case 'stationary':
      return <Stationary model={model} catalogue={catalogue} />;
    case 'basins':
      return <BasinsOf model={model} />;
    case 'crossings':
      return <CrossingTimes model={model} />;
    case 'work':
      return <WorkPanel runs={runs} />;
    case 'plan':
      return <PlanPanel model={model} />;
  }
}

/** Milliseconds between sections of a run that goes on. */
const beat = 700;

function Slice({ model, cursor }: { readonly model: Model; readonly cursor: Cursor }) {
  const view = model.view.value;
  const status = model.status.value;
  const { answer, busy, fault } = model.slice.value;
  const regions = model.regions.value;
  const { first, second, radius, grid, sliceSeed, colour, run, at, centre, critical } = view;
  const ready = model.runViews.value.some(({ snapshots }) => snapshots.length > 0);
  const stationary = model.stationary.value.answer;
  // a new section when something is chosen, when a run halts, and now and then while it goes on
  useEffect(() => {
    if (!ready) return undefined;
    const timer = setTimeout(() => { void model.cut(); }, 80);
    return () => { clearTimeout(timer); };
  }, [model, ready, status, first, second, radius, grid, sliceSeed, colour, run, at, centre, critical, stationary]);
  useEffect(() => {
    if (status !== 'running' || at !== null) return undefined;
    const timer = setInterval(() => { if (!model.slice.value.busy) void model.cut(); }, beat);
    return () => { clearInterval(timer); };
  }, [model, status, at]);
  const { view: picture, ramp, spacing, share } = view;
  return (
    <SlicePanel
      slice={answer}
      regions={regions.answer}
      regionsFault={regions.fault}
      modulo={stationary?.group ?? null}
      runs={model.runViews.value}
      cursor={cursor}
      busy={busy}
      fault={fault}
      folded={view.scene !== ''}
      look={{ view: picture, ramp, spacing, share, colour }}
      onLook={(look) => { model.look(look); }}
      missing={missingDirections(model)}
      choice={{ first, second, radius, grid, seed: sliceSeed, regions: colour === 'regions', centre, critical }}
      onChange={({ seed, regions: _, ...choice }) => { model.look({ ...choice, sliceSeed: seed }); }}
    />
  );
}

/** Variables of which two are worth a picture of their own. */
const few = 12;

function missingDirections(model: Model): readonly Direction[] {
  const shown = model.runViews.value.filter(({ snapshots }) => snapshots.length > 0).length;
  return [...(shown < 2 ? (['other point'] as const) : []), ...((model.variables.value ?? 0) > few ? (['coordinate'] as const) : [])];
}

function Spectrum({ model }: { readonly model: Model }) {
  const { answer, busy, fault } = model.spectrum.value;
  const status = model.status.value;
  const { run, at } = model.view.value;
  const halted = status !== 'idle' && status !== 'running';
  const unasked = halted && (model.variables.value ?? 0) <= quickVariables;
  useEffect(() => {
    if (!unasked) return undefined;
    const timer = setTimeout(() => { void model.askSpectrum(); }, 250);
    return () => { clearTimeout(timer); };
  }, [model, status, run, at, unasked]);
  return (
    <>
      <SpectrumPanel spectrum={answer} runs={model.runViews.value} busy={busy} fault={fault} />
      {halted && !unasked && (
        <p class="below">
          <button type="button" disabled={busy} onClick={() => { void model.askSpectrum(); }}>
            Compute the spectrum of {counted(model.variables.value ?? 0, 'variable')}
          </button>
          {busy && <button type="button" onClick={() => { model.withdraw(); }}>Cancel</button>}
        </p>
      )}
    </>
  );
}

function Regions({ model }: { readonly model: Model }) {
  const { answer, busy, fault } = model.regions.value;
  const idle = model.status.value === 'idle';
  return <RegionsPanel regions={answer} busy={busy} fault={fault} {...(!idle && { onFind: () => { model.look({ colour: 'regions' }); } })} />;
}

function CrossingTimes({ model }: { readonly model: Model }) {
  const { answer, busy, fault } = model.crossings.all.value;
  const from = sceneNamed(model.view.value.scene)?.crossings?.from;
  const idle = model.status.value === 'idle';
  const composition = model.runs.value[0]?.composition;
  useEffect(() => {
    if (!idle && composition !== undefined && from !== undefined) void model.crossings.ask(composition, Float64Array.from(from), model.plugins.value);
    return () => { model.crossings.withdraw(); };
  }, [model, idle, composition, from]);
  return <CrossingsPanel crossings={answer} labels={model.composition.value.methods.map(labelOf)} busy={busy} fault={fault} />;
}

/** Variables from which on fewer starts are taken, as each takes long. */
const many = 60;

function Stationary({ model, catalogue }: { readonly model: Model; readonly catalogue: Catalogue }) {
  const { answer, busy, fault } = model.stationary.value;
  const idle = model.status.value === 'idle';
  const search = sceneNamed(model.view.value.scene)?.stationary ?? { by: 'connect', options: {} };
  const variables = model.variables.value ?? 0;
  const most = search.by === 'connect' ? catalogue.analyses.find(({ id }) => id === 'connect')?.options.find(({ name }) => name === 'variables')?.fallback : undefined;
  const refusal = typeof most === 'number' && variables > most ? `They are not looked for here: there are ${counted(variables, 'variable')}, and a Hessian is formed at each of the points, of ${most} variables at most. Take a smaller problem.` : null;
  const expected = variables > many && answer === null && !idle ? `${counted(variables, 'variable')}: fewer starts are taken than of few variables, and they still take a while; how long, is told as they go.` : null;
  return (
    <StationaryPanel
      stationary={answer}
      busy={busy}
      fault={fault}
      advance={model.advance.value}
      refusal={refusal}
      expected={expected}
      onCancel={() => { model.withdraw(); }}
      {...(!idle && { onFind: () => { void model.askStationary(search); } })}
    />
  );
}

/** Begun with the runs, and anew with another composition or window. */
function BasinsOf({ model }: { readonly model: Model }) {
  const { answer, busy, earlier, fault } = model.basins.map.value;
  const { radius, grid } = model.view.value;
  const idle = model.status.value === 'idle';
  const composition = model.runs.value[0]?.composition;
  useEffect(() => {
    if (!idle && composition !== undefined) void model.basins.ask(composition, { radius, grid }, model.plugins.value);
    return () => { model.basins.withdraw(); };
  }, [model, idle, composition, radius, grid]);
  return <BasinsPanel map={answer} busy={busy} earlier={earlier} fault={fault} />;
}
