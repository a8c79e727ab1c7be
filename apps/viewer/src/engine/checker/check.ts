import { checkerProgram } from '../program.ts';
import type { Checked, Evidence } from './evidence.ts';

/** A certificate that is being checked, in a worker of its own. */
export interface Checking {
  /** What came of it; undefined where it was ended. */
  readonly checked: Promise<Checked | undefined>;
  readonly end: () => void;
}

const notLoaded = 'The program of the checker could not be loaded. See that what serves this page is still there, then check again.';

/** @param patience seconds after which the worker is ended */
export function check(evidence: Evidence, patience: number): Checking {
  let end = (): void => undefined;
  const checked = new Promise<Checked | undefined>((resolve) => {
    let worker: Worker | undefined;
    let over = false;
    const done = (outcome: Checked | undefined): void => {
      over = true;
      clearTimeout(late);
      worker?.terminate();
      resolve(outcome);
    };
    const fail = (message: string): void => { done({ fault: { code: null, message } }); };
    const late = setTimeout(() => { fail(`The checker took longer than ${patience} s and was ended. lowland verify checks certificates of any size that it can hold.`); }, patience * 1000);
    end = () => { done(undefined); };
    const start = (program: string): void => {
      if (over) return;
      worker = new Worker(program, { type: 'module', name: 'lowland checker' });
      worker.onmessage = ({ data }: MessageEvent<Checked>) => { done(data); };
      worker.onerror = (event) => {
        event.preventDefault();
        // an event without words: the program does not start at all
        const { message } = event as Partial<ErrorEvent>;
        fail(message === undefined ? notLoaded : `The checker broke: ${message}.`);
      };
      worker.postMessage(evidence);
    };
    checkerProgram().then(start, () => { fail(notLoaded); });
  });
  return { checked, end: () => { end(); } };
}
