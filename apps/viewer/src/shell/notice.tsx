import type { Model } from '../model/model.ts';
import { wantedBy } from '../model/take-data.ts';
import { DataWanted } from './data-wanted.tsx';

/** What the person is to know, until it is put away. */
export function Notice({ model }: { readonly model: Model }) {
  const notice = model.notice.value;
  const pending = model.pending.value;
  return (
    <div class="notices" aria-live="polite">
      {notice !== null && (
        <div class="notice" data-kind={notice.kind} role={notice.kind === 'fault' ? 'alert' : 'status'}>
          <p>{notice.text}</p>
          <button type="button" aria-label="Put this message away" onClick={() => { model.notice.value = null; }}>
            ×
          </button>
        </div>
      )}
      {model.link.value !== null && (
        <div class="notice" data-kind="fault" role="status">
          <p>{model.link.value}</p>
        </div>
      )}
      {wantedBy(model).map((wanted) => <DataWanted key={wanted.sha256} model={model} wanted={wanted} />)}
      {pending.length > 0 && (
        <div class="notice" data-kind="fault" role="status">
          <p>
            The address names {pending.length === 1 ? 'a plugin' : 'plugins'}, which {pending.length === 1 ? 'was' : 'were'} not loaded: {pending.join(', ')}. Load what you trust under Plugins.
          </p>
          <button type="button" aria-label="Go without" onClick={() => { model.pending.value = []; }}>
            ×
          </button>
        </div>
      )}
    </div>
  );
}
