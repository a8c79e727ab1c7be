import { useRef } from 'preact/hooks';

import type { DataFile } from '../model/composition.ts';
import type { Model } from '../model/model.ts';
import { short } from '../model/shelf.ts';
import { supplyData } from '../model/take-data.ts';

/** A file of data that the page is about and does not have, to be chosen. */
export function DataWanted({ model, wanted }: { readonly model: Model; readonly wanted: DataFile }) {
  const input = useRef<HTMLInputElement>(null);
  const { value } = model.shelf.draft;
  const draft = value?.wanted === wanted.sha256 ? value : null;
  const ofProblem = model.composition.value.data?.sha256 === wanted.sha256;
  return (
    <div class="notice" data-kind="fault" role="status">
      <div>
        <p>
          {ofProblem ? 'This problem is about' : 'Sections, spectra and checks of a result here need'} the file {wanted.name} (SHA-256 of what it means: {short(wanted.sha256)}), which stays on your computer and is not part of a link.
        </p>
        {draft?.fault != null && <p class="fault" role="alert">{draft.fault}</p>}
        <button type="button" disabled={draft?.busy === true} onClick={() => input.current?.click()}>
          {draft?.busy === true ? `Reading ${draft.file.name} …` : `Choose ${wanted.name}`}
        </button>
        <input
          ref={input}
          class="hidden"
          type="file"
          aria-label={`The file ${wanted.name}`}
          tabIndex={-1}
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            if (file !== undefined) void supplyData(model, file, wanted);
            currentTarget.value = '';
          }}
        />
      </div>
    </div>
  );
}
