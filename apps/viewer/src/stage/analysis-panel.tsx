import { useMemo, useState } from 'preact/hooks';

import { OptionFields } from '../compose/option-field.tsx';
import type { Catalogue } from '../engine/protocol.ts';
import type { Options } from '../model/composition.ts';
import type { Model } from '../model/model.ts';
import { chartHeight, drawLists, mostCharts } from '../panels/analysis/draw-lists.ts';
import { type List, listsOf, type Row, rowsOf } from '../panels/analysis/lists.ts';
import type { Table } from '../panels/export/table.ts';
import { SvgFigure } from '../panels/frame/figure.tsx';
import { Panel, type Saved } from '../panels/frame/panel.tsx';
import { useWidth } from '../panels/frame/use-width.ts';
import { counted } from '../panels/words/count.ts';
import { written } from '../panels/words/draw-words.ts';

/** Any analysis that is loaded, at the point at the scrubber; its result as it is, and its lists as pictures. */
export function AnalysisPanel({ model, catalogue }: { readonly model: Model; readonly catalogue: Catalogue }) {
  const [id, setId] = useState('nullity');
  const [options, setOptions] = useState<Options>({});
  const [place, setPlace] = useState('');
  const [host, width] = useWidth<HTMLDivElement>();
  const entry = catalogue.analyses.find((each) => each.id === id) ?? catalogue.analyses[0];
  const { busy, answer, fault } = model.analysis.value;
  const lists = useMemo(() => (answer === null ? [] : listsOf(answer)), [answer]);
  if (entry === undefined) return null;
  const charts = Math.min(mostCharts, lists.length);
  return (
    <Panel
      title="Any analysis"
      file="analysis"
      saved={answer === null ? null : savedOf(`${entry.id}, ${place}`, rowsOf(answer), lists)}
      table={() => tableOf(rowsOf(answer))}
      empty={fault === null ? busy ? 'Computing …' : 'Look: the result stands here, its lists of numbers as pictures.' : <p class="fault" role="alert">{fault}</p>}
      notes={[`At ${place}.`, ...(lists.length > charts ? [`Drawn: ${charts} of ${counted(lists.length, 'list')}; all numbers are in the CSV.`] : [])]}
      controls={
        <>
          <label class="panel-select">
            <span>Analysis</span>
            <select value={entry.id} onChange={({ currentTarget: { value } }) => { setId(value); setOptions({}); model.analysis.value = { busy: false, answer: null, fault: null }; }}>
              {catalogue.analyses.map((each) => <option key={each.id}>{each.id}</option>)}
            </select>
          </label>
          <button type="button" disabled={busy || model.status.value === 'idle'} onClick={() => { setPlace(model.placeInWords()); void model.askAnalysis({ id: entry.id, options }); }}>
            {busy ? 'Computing …' : 'Look'}
          </button>
          {busy && <button type="button" onClick={() => { model.withdraw(); }}>Cancel</button>}
          <p class="chosen-summary analysis-words">{entry.summary}</p>
          {entry.options.length > 0 && (
            <details class="panel-fold">
              <summary>Options</summary>
              <OptionFields options={entry.options} values={options} onChange={setOptions} />
            </details>
          )}
        </>
      }
    >
      <div ref={host} class="panel-stage" aria-busy={busy}>
        {width > 0 && charts > 0 && <SvgFigure drawing={drawLists(lists)} size={{ width: Math.max(280, width), height: charts * chartHeight + 8 }} summary={`Lists of ${entry.id}: ${lists.slice(0, charts).map(({ name, values }) => `${name}, ${counted(values.length, 'number')}`).join('; ')}.`} />}
        {answer !== null && <div class="tree" tabIndex={0} role="region" aria-label={`Result of ${entry.id}`}><Value value={answer} /></div>}
      </div>
    </Panel>
  );
}

/** Rows that a picture writes out at most. */
const mostRows = 40;

/** Numbers by name, but for those of lists, and charts of these. */
function savedOf(title: string, rows: readonly Row[], lists: readonly List[]): Saved {
  const single = rows.filter(({ name }) => !name.includes('['));
  const words = written([
    { text: title, as: 'heading' },
    ...single.slice(0, mostRows).map(({ name, value }) => ({ text: `${name}: ${value === null ? 'none' : textOf(value)}` })),
    ...(rows.length > Math.min(mostRows, single.length) ? [{ text: `All ${counted(rows.length, 'number')} and words are in the CSV.` }] : []),
  ]);
  const charts = drawLists(lists, words.size.height);
  return {
    size: { width: words.size.width, height: words.size.height + Math.min(mostCharts, lists.length) * chartHeight + 8 },
    drawing: (pen, theme, size) => {
      words.drawing(pen, theme, size);
      charts(pen, theme, size);
    },
  };
}

const tableOf = (rows: readonly Row[]): Table => ({ columns: [{ name: 'name', cells: rows.map(({ name }) => name) }, { name: 'value', cells: rows.map(({ value }) => value) }] });

/** Items of a list that are written out. */
const most = 12;

function Value({ value }: { readonly value: unknown }) {
  if (Array.isArray(value)) {
    const list = value as readonly unknown[];
    if (list.every((item) => typeof item !== 'object' || item === null)) {
      return <span class="number">[{list.slice(0, most).map(textOf).join(', ')}{list.length > most ? `, … ${list.length - most} more` : ''}]</span>;
    }
    return (
      <ol start={0}>
        {list.slice(0, most).map((item, k) => <li key={k}><Value value={item} /></li>)}
        {list.length > most && <li>… {list.length - most} more</li>}
      </ol>
    );
  }
  if (typeof value === 'object' && value !== null) {
    return (
      <dl>
        {Object.entries(value as Readonly<Record<string, unknown>>).map(([name, inner]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd><Value value={inner} /></dd>
          </div>
        ))}
      </dl>
    );
  }
  return <span class="number">{textOf(value)}</span>;
}

function textOf(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}
