import { FileRun } from '../model/file-run.ts';
import type { Model } from '../model/model.ts';
import type { RunView, TraceView } from '../model/types.ts';
import { readTrace } from './trace.ts';

/** Milliseconds between pictures of a trace that grows. */
const beat = 250;

/**
 * Follows the trace of a run that goes on elsewhere, by server-sent events: the browser comes back by itself after a lost connection and says how far
 * it is, so that no row is lost and none comes twice.
 *
 * @param finished reads the folder when there is a result
 */
export function follow(model: Model, title: string, path: string, finished: () => Promise<FileRun>): () => void {
  const empty = new Float64Array();
  const trace: TraceView = { iteration: empty, seconds: empty, value: empty, gradientNorm: empty };
  const view: RunView = { id: model.nextFileId(), label: `${title}: followed`, optimizer: '', status: 'running', message: null, trace, snapshots: [], stop: null, verdict: null, plan: null, work: null };
  const run = new FileRun({ view, snapshots: [], point: null, composition: null });
  model.files.value = [...model.files.value, run];
  const source = new EventSource(`api/events?path=${encodeURIComponent(path)}`);
  let text = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const draw = (): void => {
    timer = undefined;
    // the header alone is no trace yet
    if (text.indexOf('\n') < text.length - 1) run.update({ trace: readTrace(path, text).trace });
  };
  source.addEventListener('reset', () => { text = ''; });
  source.addEventListener('rows', ({ data }: MessageEvent<string>) => {
    text += `${data}\n`;
    timer ??= setTimeout(draw, beat);
  });
  source.addEventListener('files', ({ data }: MessageEvent<string>) => {
    if (!(JSON.parse(data) as unknown[]).includes('result.json')) return;
    source.close();
    clearTimeout(timer);
    void finished().then(
      (whole) => { model.files.value = model.files.value.map((each) => (each === run ? whole : each)); },
      (error: unknown) => { run.update({ status: 'file', message: error instanceof Error ? error.message : String(error) }); },
    );
  });
  source.addEventListener('open', () => { run.update({ message: null }); });
  source.addEventListener('error', () => {
    const gone = source.readyState === EventSource.CLOSED;
    run.update({ message: gone ? 'The server has closed the connection for good. Start lowland view again, and open the address that it prints.' : 'The connection is lost; trying again.', ...(gone && { status: 'file' }) });
  });
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
