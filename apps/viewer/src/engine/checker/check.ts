import type { Checked, Evidence } from './evidence.ts';

/** A certificate that is being checked, in a worker of its own. */
export interface Checking {
  /** What came of it; undefined where it was ended. */
  readonly checked: Promise<Checked | undefined>;
  readonly end: () => void;
}

/** @param patience seconds after which the worker is ended */
export function check(evidence: Evidence, patience: number): Checking {
  const worker = new Worker(new URL('./check-worker.ts', import.meta.url), { type: 'module', name: 'lowland checker' });
  let end = (): void => undefined;
  const checked = new Promise<Checked | undefined>((resolve) => {
    const done = (outcome: Checked | undefined): void => {
      clearTimeout(late);
      worker.terminate();
      resolve(outcome);
    };
    const late = setTimeout(() => { done({ fault: { code: null, message: `The checker took longer than ${patience} s and was ended. lowland verify checks certificates of any size that it can hold.` } }); }, patience * 1000);
    end = () => { done(undefined); };
    worker.onmessage = ({ data }: MessageEvent<Checked>) => { done(data); };
    worker.onerror = (event) => {
      event.preventDefault();
      // an event without words: the program does not start at all
      done({ fault: { code: null, message: (event as Partial<ErrorEvent>).message === undefined ? 'The program of the checker could not be loaded. See that what serves this page is still there, then check again.' : `The checker broke: ${event.message}.` } });
    };
    worker.postMessage(evidence);
  });
  return { checked, end: () => { end(); } };
}
