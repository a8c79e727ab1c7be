import { useId } from 'preact/hooks';

import type { Entry } from '../engine/protocol.ts';
import type { Chosen } from '../model/composition.ts';
import { OptionFields } from './option-field.tsx';

export interface ChosenFieldProps {
  readonly label: string;
  readonly entries: readonly Entry[];
  readonly chosen: Chosen;
  /** By id: null where it can be had here, else why not. */
  readonly fits?: Readonly<Record<string, string | null>> | undefined;
  readonly onChange: (chosen: Chosen) => void;
  /** Whether the options are open from the start. */
  readonly open?: boolean;
}

/** A definition by name, with its options. What does not fit stays in the list, with its reason. */
export function ChosenField({ label, entries, chosen, fits, onChange, open = false }: ChosenFieldProps) {
  const id = useId();
  const entry = entries.find((each) => each.id === chosen.id);
  const refused = (each: Entry): boolean => typeof fits?.[each.id] === 'string';
  const [can, cannot] = [entries.filter((each) => !refused(each)), entries.filter(refused)];
  const option = (each: Entry) => (
    <option key={each.id} value={each.id} title={fits?.[each.id] ?? each.summary}>
      {each.id}
    </option>
  );
  const given = Object.keys(chosen.options).length;
  return (
    <div class="chosen">
      <label class="chosen-label" for={id}>
        {label}
      </label>
      <select id={id} value={chosen.id} onChange={({ currentTarget: { value } }) => { onChange({ id: value, options: {} }); }}>
        {entry === undefined && <option value={chosen.id}>{`${chosen.id} (not loaded)`}</option>}
        {cannot.length === 0 ? can.map(option) : <optgroup label="Can run here">{can.map(option)}</optgroup>}
        {cannot.length > 0 && <optgroup label="Cannot run here">{cannot.map(option)}</optgroup>}
      </select>
      {entry !== undefined && (
        <>
          <p class="chosen-summary">{entry.summary}</p>
          {entry.options.length > 0 && (
            <details open={open}>
              <summary>Options{given > 0 ? `, ${given} set` : ''}</summary>
              <OptionFields options={entry.options} values={chosen.options} onChange={(options) => { onChange({ ...chosen, options }); }} />
            </details>
          )}
          {[entry.formula, entry.whenToUse, entry.reference].some((text) => text !== null) && (
            <details>
              <summary>About {entry.id}</summary>
              {entry.formula !== null && <p class="formula">{entry.formula}</p>}
              {entry.whenToUse !== null && <p class="chosen-note">{entry.whenToUse}</p>}
              {entry.reference !== null && <p class="chosen-note">{entry.reference}</p>}
            </details>
          )}
        </>
      )}
    </div>
  );
}
