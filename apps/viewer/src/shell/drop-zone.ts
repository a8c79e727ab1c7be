import { fromDrop } from '../files/drop.ts';
import { open } from '../files/open.ts';
import type { Model } from '../model/model.ts';

/** Files may be dropped anywhere on the page. */
export function followDrops(model: Model): () => void {
  const over = (event: DragEvent): void => {
    event.preventDefault();
    document.documentElement.dataset['drop'] = 'over';
  };
  const out = (event: DragEvent): void => {
    if (event.relatedTarget === null) delete document.documentElement.dataset['drop'];
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    delete document.documentElement.dataset['drop'];
    const { dataTransfer } = event;
    if (dataTransfer === null) return;
    void fromDrop(dataTransfer).then(
      (picked) => open(model, picked),
      (error: unknown) => { model.notice.value = { kind: 'fault', text: `What was dropped cannot be read: ${error instanceof Error ? error.message : String(error)}. Drop it again, or use "Open files".` }; },
    );
  };
  addEventListener('dragover', over);
  addEventListener('dragleave', out);
  addEventListener('drop', drop);
  return () => {
    removeEventListener('dragover', over);
    removeEventListener('dragleave', out);
    removeEventListener('drop', drop);
  };
}
