/**
 * The page's side of a worker. A worker that gives no sign of life for too long is ended, so that the page stays alive whatever a plugin does. They
 * speak over a channel of their own: what a plugin posts by itself nobody hears.
 */
import type { LoadedData } from '@lowland/data';

import { datasets } from './datasets.ts';
import { isMessage } from './heard.ts';
import { workerProgram } from './program.ts';
import type { Fault, FromWorker, PluginText, ToWorker } from './protocol.ts';

const notLoaded = 'The program of the workers could not be loaded. See that what serves this page is still there, then reload it.';

/** Milliseconds between looks at the watch. */
const glance = 250;

export class Client {
  #worker: Worker | undefined;
  readonly #port: MessagePort;
  readonly #watch: ReturnType<typeof setInterval>;
  #heard = performance.now();
  /** Until when silence is no sign of death: analyses say nothing while they think. */
  #excused = 0;

  /**
   * @param patience seconds of silence after which the worker is ended
   * @param hear what it says
   * @param died called once where it is ended, or breaks
   */
  constructor(plugins: readonly PluginText[], patience: number, hear: (message: Exclude<FromWorker, { kind: 'alive' | 'making' }>) => void, died: (fault: Fault) => void) {
    this.#patience = patience;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const end = (fault: Fault): void => {
      this.end();
      died(fault);
    };
    port1.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (this.#ended) return;
      this.#heard = performance.now();
      if (!isMessage(data)) end({ code: null, message: `The worker was ended: it said what is no message of Lowland's.${plugins.length > 0 ? ' A plugin has changed how workers speak; load only what you trust.' : ' Reload the page.'}` });
      else if (data.kind === 'making') this.#making = data.id;
      else if (data.kind !== 'alive') hear(data);
    };
    this.#watch = setInterval(() => {
      const now = performance.now();
      // a page that was asleep heard nothing either
      if (now - this.#lastGlance > 10 * glance) this.#heard = now;
      this.#lastGlance = now;
      if (now < this.#excused || now - this.#heard < this.#patience * 1000) return;
      const silence = `Nothing was heard for ${this.#patience} s, so the worker was ended`;
      if (this.#making === null) end({ code: null, message: `${silence}: a step, or a plugin, did not return. Take a smaller problem, or allow more patience under limits.` });
      else end({ code: null, message: `${silence}: ${this.#making}, which a plugin brought, did not return when it was made. Choose another, and tell whoever wrote it.`, hung: this.#making });
    }, glance);
    void workerProgram().then(
      (program) => {
        if (this.#ended) return;
        this.#heard = performance.now();
        this.#worker = new Worker(program, { type: 'module', name: 'lowland' });
        this.#worker.addEventListener('error', (event) => {
          event.preventDefault();
          // an event without words: the program does not start at all
          const { message = '' } = event as Partial<ErrorEvent>;
          end({ code: null, message: message === '' ? notLoaded : `The worker broke: ${message}.` });
        });
        const open: ToWorker = { kind: 'open', plugins };
        this.#worker.postMessage(open, [port2]);
      },
      () => { end({ code: null, message: notLoaded }); },
    );
  }

  #patience: number;
  /** What a plugin is making. */
  #making: string | null = null;
  /** Files whose numbers it has. */
  readonly #given = new Set<string>();
  #lastGlance = performance.now();
  /** What was said before the end and comes after it is not heard. */
  #ended = false;

  /** A message, after the numbers of the file that it is about. */
  send(message: ToWorker): void {
    const data = numbersFor(message);
    if (data !== undefined && !this.#given.has(data.digest)) {
      this.#given.add(data.digest);
      const numbers: ToWorker = { kind: 'numbers', data };
      this.#port.postMessage(numbers);
    }
    this.#port.postMessage(message);
  }

  /** For so many seconds silence is no sign of death. */
  excuse(seconds: number): void {
    this.#excused = performance.now() + seconds * 1000;
  }

  /** From now on silence is borne for so many seconds. */
  bear(seconds: number): void {
    this.#patience = seconds;
    this.expect();
  }

  /** Silence counts again, from now. */
  expect(): void {
    this.#excused = 0;
    this.#heard = performance.now();
  }

  end(): void {
    this.#ended = true;
    clearInterval(this.#watch);
    this.#port.close();
    this.#worker?.terminate();
  }
}

function numbersFor(message: ToWorker): LoadedData | undefined {
  const composition = 'composition' in message ? message.composition : 'at' in message ? message.at.composition : undefined;
  return composition?.data == null ? undefined : datasets.get(composition.data.sha256);
}
