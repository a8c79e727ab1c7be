import { useState } from 'preact/hooks';

import { save } from '../panels/export/picture.ts';
import { commandsOf } from '../model/command.ts';
import type { Model } from '../model/model.ts';
import { stateDocument } from '../files/state.ts';
import { Dialog } from './dialog.tsx';

/** The state as a link, as commands that repeat it, and as a file. */
export function ShareDialog({ model, onClose }: { readonly model: Model; readonly onClose: () => void }) {
  const catalogue = model.catalogue.value;
  const plugins = model.plugins.value.map(({ source }) => source);
  const link = `${location.origin}${location.pathname}${model.address()}`;
  const commands = catalogue === null ? [] : commandsOf(model.composition.value, catalogue, model.prospect.value.answer?.forms ?? [], plugins);
  return (
    <Dialog title="Share and repeat" onClose={onClose}>
      <h3>Link</h3>
      <p>All of the composition and the view, the seed included.</p>
      <Copied name="link" text={link} />
      <h3>Command line</h3>
      <p>{commands.length === 1 ? 'This gives' : 'These give'} the same numbers, to the last bit.</p>
      {commands.map((command, k) => <Copied key={k} name={`command ${k + 1}`} text={command} />)}
      <h3>File</h3>
      <p>The state, what the runs have observed so far, and points of them (the first, the last, the one at the time shown, and as many between as five megabytes take), as JSON; open it here again: sections and spectra can be looked at without a run.</p>
      <button type="button" onClick={() => { save('lowland.json', new Blob([stateDocument(model)], { type: 'application/json' })); }}>
        Save the state as JSON
      </button>
    </Dialog>
  );
}

function Copied({ name, text }: { readonly name: string; readonly text: string }) {
  const [done, setDone] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => { setDone(true); }, () => { setDone(false); });
  };
  return (
    <div class="copied">
      <textarea readOnly rows={2} aria-label={name} value={text} onFocus={({ currentTarget }) => { currentTarget.select(); }} />
      <button type="button" aria-label={`Copy ${name}`} onClick={copy}>
        {done ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}
