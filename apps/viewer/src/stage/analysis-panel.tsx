import { useState } from 'preact/hooks';

import { OptionFields } from '../compose/option-field.tsx';
import type { Catalogue } from '../engine/protocol.ts';
import type { Options } from '../model/composition.ts';
import type { Model } from '../model/model.ts';

/** Any analysis that is loaded, at the point at the scrubber; its result as it is. */
export function AnalysisPanel({ model, catalogue }: { readonly model: Model; readonly catalogue: Catalogue }) {
  const [id, setId] = useState('nullity');
  const [options, setOptions] = useState<Options>({});
  const entry = catalogue.analyses.find((each) => each.id === id) ?? catalogue.analyses[0];
  const { busy, answer, fault } = model.analysis.value;
  if (entry === undefined) return null;
  return (
    <section class="panel" aria-labelledby="analysis-title" data-panel="analysis" aria-busy={busy}>
      <header class="panel-head">
        <h3 id="analysis-title">Any analysis</h3>
      </header>
      <div class="panel-controls">
        <label class="panel-select">
          <span>Analysis</span>
          <select value={entry.id} onChange={({ currentTarget: { value } }) => { setId(value); setOptions({}); model.analysis.value = { busy: false, answer: null, fault: null }; }}>
            {catalogue.analyses.map((each) => <option key={each.id}>{each.id}</option>)}
          </select>
        </label>
        <button type="button" disabled={busy || model.status.value === 'idle'} onClick={() => { void model.askAnalysis({ id: entry.id, options }); }}>
          {busy ? 'Computing …' : 'Look'}
        </button>
        {busy && <button type="button" onClick={() => { model.withdraw(); }}>Cancel</button>}
      </div>
      <p class="chosen-summary">{entry.summary}</p>
      {entry.options.length > 0 && (
        <details>
          <summary>Options</summary>
          <OptionFields options={entry.options} values={options} onChange={setOptions} />
        </details>
      )}
      {fault !== null && <p class="fault" role="alert">{fault}</p>}
      {answer !== null && <div class="tree"><Value value={answer} /></div>}
    </section>
  );
}

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
