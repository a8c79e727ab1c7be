/** Writes what the page finds and what its worker finds into the document. */
import { type Findings, findings } from './findings.ts';

const page = await findings();
const worker = new Worker('/worker.js', { type: 'module' });
worker.addEventListener('error', ({ message }) => { write({ failed: message }); });
worker.addEventListener('message', ({ data }: MessageEvent<Findings>) => { write({ page, worker: data }); });

function write(found: unknown): void {
  document.body.append(Object.assign(document.createElement('pre'), { textContent: JSON.stringify(found) }));
}
