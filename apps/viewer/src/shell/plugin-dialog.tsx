import { useState } from 'preact/hooks';

import { fetchPlugin } from '../files/plugin.ts';
import type { Model } from '../model/model.ts';
import { Dialog } from './dialog.tsx';

/** What is loaded; and a plugin more, after a warning. */
export function PluginDialog({ model, onClose }: { readonly model: Model; readonly onClose: () => void }) {
  const offered = model.offered.value;
  const pending = model.pending.value;
  const [address, setAddress] = useState(pending[0] ?? '');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const close = (): void => {
    model.offered.value = null;
    onClose();
  };
  const attempt = (work: () => Promise<boolean>): void => {
    setBusy(true);
    setFault(null);
    void work().then(
      (done) => {
        setBusy(false);
        if (done) close();
        else {
          setFault(model.notice.value?.text ?? 'The plugin was not loaded.');
          model.notice.value = null;
        }
      },
      (error: unknown) => {
        setBusy(false);
        setFault(error instanceof Error ? error.message : String(error));
      },
    );
  };
  return (
    <Dialog title="Plugins" onClose={close}>
      <ul>
        {model.catalogue.value?.plugins.map(({ name, version }) => (
          <li key={name}>
            {name} {version}
          </li>
        ))}
      </ul>
      <h3>Load another one</h3>
      <p class="warning">
        A plugin is a program. It runs in workers of this page: it sees what you compose and open here, and can ask other sites for things. Load only what you trust.
      </p>
      {offered === null ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            attempt(async () => model.addPlugin(await fetchPlugin(address)));
          }}
        >
          <label class="panel-select">
            <span>Address of a JavaScript module, or drop a .js file on the page</span>
            <input type="url" required placeholder="https://…/plugin.js" value={address} onInput={({ currentTarget: { value } }) => { setAddress(value); }} />
          </label>
          <p>
            <button type="submit" class="primary" disabled={busy}>
              {busy ? 'Loading …' : 'Load it'}
            </button>
          </p>
        </form>
      ) : (
        <p>
          <button type="button" class="primary" disabled={busy} onClick={() => { attempt(() => model.addPlugin(offered)); }}>
            {busy ? 'Loading …' : `Load ${offered.source}`}
          </button>
        </p>
      )}
      {fault !== null && <p class="fault" role="alert">{fault}</p>}
    </Dialog>
  );
}
