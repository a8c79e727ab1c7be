import { useRef } from 'preact/hooks';

import type { ObjectiveEntry } from '../engine/protocol.ts';
import type { DataFile, Options } from '../model/composition.ts';
import type { Model } from '../model/model.ts';
import { readingOptions } from '../model/reading.ts';
import { type Held, short } from '../model/shelf.ts';
import { takeData } from '../model/take-data.ts';
import { OptionField, OptionFields } from './option-field.tsx';

/** Data of an objective: made by its generator, or read from a file that the person chooses. */
export function DataField({ model, objective }: { readonly model: Model; readonly objective: ObjectiveEntry }) {
  const input = useRef<HTMLInputElement>(null);
  const { data, generate } = model.composition.value;
  const { value: chosen } = model.shelf.draft;
  const draft = chosen?.wanted === null ? chosen : null;
  const held = data === null ? undefined : model.shelf.held.value.get(data.sha256);
  const infos = objective.generate;
  // how the next file is read: as the one before, until something else is said
  const reading = draft?.reading ?? data?.reading ?? {};
  const file = draft?.file ?? (data === null ? undefined : model.shelf.fileOf(data));
  return (
    <details open>
      <summary>{data !== null ? `Data: ${data.name}` : infos === null ? 'Data' : 'Generated data'}</summary>
      {data === null && infos !== null && infos.length > 0 && <OptionFields options={infos} values={generate} onChange={(next) => { model.compose({ generate: next }); }} />}
      {data === null && infos === null && <p class="warning">It takes {objective.data} from a file: choose one.</p>}
      {data !== null && <FileWords data={data} held={held} />}
      {draft !== null && (draft.busy ? <p role="status">Reading {draft.file.name} …</p> : <p class="fault" role="alert">{draft.fault}</p>)}
      <p class="row">
        <button type="button" disabled={draft?.busy === true} onClick={() => input.current?.click()}>
          {data === null && draft === null ? 'From a file …' : 'Another file …'}
        </button>
        {(data !== null || draft !== null) && infos !== null && (
          <button type="button" class="quiet" onClick={() => { model.shelf.drop(); model.compose({ data: null }); }}>
            Generate data instead
          </button>
        )}
      </p>
      <input
        ref={input}
        class="hidden"
        type="file"
        aria-label="Data file"
        tabIndex={-1}
        onChange={({ currentTarget }) => {
          const [next] = currentTarget.files ?? [];
          if (next !== undefined) void takeData(model, next, reading);
          currentTarget.value = '';
        }}
      />
      {data !== null && held?.form === 'entries' && objective.data === 'entries' && (
        <OptionField
          option={{ name: 'holdout', kind: 'number', summary: 'Share of the entries that is held back, as the command line does to judge a result.', required: false, fallback: 0, least: 0, most: 0.9 }}
          value={data.holdout === 0 ? undefined : data.holdout}
          onChange={(share) => { model.compose({ data: { ...data, holdout: typeof share === 'number' && share >= 0 && share < 1 ? share : 0 } }); }}
        />
      )}
      {file !== undefined && (
        <details open={draft?.fault != null}>
          <summary>How {file.name} is read</summary>
          <OptionFields options={readingOptions} values={reading} onChange={(next: Options) => { void takeData(model, file, next); }} />
        </details>
      )}
    </details>
  );
}

function FileWords({ data, held }: { readonly data: DataFile; readonly held: Held | undefined }) {
  if (held === undefined) return <p class="warning">It is not here: choose it.</p>;
  const count = held.observations.toLocaleString('en');
  return (
    <p>
      {held.rows.toLocaleString('en')} × {held.cols.toLocaleString('en')}, {held.form === 'matrix' ? 'all observed' : `${count} ${held.form} observed`}; SHA-256 of what it means: <code title={data.sha256}>{short(data.sha256)}</code>.{held.notes.length > 0 && ` ${held.notes.join('. ')}.`}
    </p>
  );
}
