import { afterEach, expect, test, vi } from 'vitest';

import { Desk } from './desk.ts';
import { isMessage } from './heard.ts';

const kept = { iteration: 0, seconds: 0, value: 1, gradientNorm: 1, tracked: {}, point: new Float64Array(2) };
const catalogue = { plugins: [], objectives: [], optimizers: [], initializers: [], backends: [], analyses: [], trackers: [] };

test.each([
  { kind: 'alive' },
  { kind: 'making', id: 'mine' },
  { kind: 'ready', catalogue },
  { kind: 'answer', id: 3, answer: undefined },
  { kind: 'fault', id: null, fault: { code: null, message: 'no' } },
  { kind: 'progress', rows: new Float64Array(4), kept: [kept], stride: 1 },
  { kind: 'lost', iteration: 64, message: 'The GPU is gone.' },
  { kind: 'ended', stop: {}, work: {}, last: kept },
])('a message: $kind', (message) => {
  expect(isMessage(message)).toBe(true);
});

test.each([null, undefined, 7, 'ready', [], {}, { kind: 'ready' }, { kind: 'ready', catalogue: { ...catalogue, optimizers: null } }, { kind: 'answer', id: '3' }, { kind: 'fault', id: null, fault: 'no' }, { kind: 'progress', rows: [1], kept: [], stride: 1 }, { kind: 'ended', stop: {}, work: {}, last: null }, { kind: 'toString' }])('no message: %j', (message) => {
  expect(isMessage(message)).toBe(false);
});

/** A worker that says one thing over and over. */
function workerThatSays(words: unknown): void {
  vi.stubGlobal('Worker', class extends EventTarget {
    #timer: ReturnType<typeof setInterval> | undefined;
    postMessage(_: unknown, [port]: MessagePort[]): void {
      this.#timer = setInterval(() => { port!.postMessage(words); }, 20);
    }

    terminate(): void {
      clearInterval(this.#timer);
    }
  });
}

afterEach(() => { vi.unstubAllGlobals(); });

const plugin = { source: 'mine.js', text: '' };

test('a plugin that does not come to an end of loading, though its worker lives, is given up', async () => {
  workerThatSays({ kind: 'alive' });
  expect(await new Desk([plugin], 0.3, 1).open()).toMatchObject({ fault: { message: expect.stringMatching(/mine.js did not load within 0.3 s/) as string } });
});

test('a worker that says what is no message is ended, and whoever waits is told', async () => {
  workerThatSays({ kind: 'ready', catalogue: null });
  expect(await new Desk([plugin], 5, 1).open()).toMatchObject({ fault: { message: expect.stringMatching(/no message of Lowland's/) as string } });
});
