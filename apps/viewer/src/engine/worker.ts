/** A worker: it loads plugins, then runs one method, or answers questions one after another, over the channel that comes with the first message. */
import type { Registry } from '@lowland/core';

import { answer, prospect } from './answer.ts';
import { catalogueOf } from './catalogue.ts';
import { fittedAgain } from './certificate.ts';
import { datasets } from './datasets.ts';
import { faultOf } from './fault.ts';
import { announceTo } from './making.ts';
import { loadRegistry } from './plugins.ts';
import type { FromWorker, Stage, ToWorker } from './protocol.ts';
import { readFile } from './read-file.ts';
import { run, Valve } from './run.ts';

/** Milliseconds between signs of life: they stop where something does not return. */
const pulse = 500;

let registry: Promise<Registry> | undefined;
let valve: Valve | undefined;
/** Questions wait for the ones before. */
let turn: Promise<unknown> = Promise.resolve();

/** Opened before a plugin is loaded, and out of reach of plugins: what they post themselves is not taken for what is told here. */
let port: MessagePort | undefined;
const tell = (message: FromWorker): void => { port?.postMessage(message); };

addEventListener(
  'message',
  ({ data, ports }: MessageEvent<ToWorker>) => {
    [port] = ports;
    port!.onmessage = ({ data: next }: MessageEvent<ToWorker>) => { hear(next); };
    hear(data);
  },
  { once: true },
);

function hear(data: ToWorker): void {
  switch (data.kind) {
    case 'open':
      registry = loadRegistry(data.plugins);
      inTurn(null, async () => { tell({ kind: 'ready', catalogue: catalogueOf(await registry!) }); });
      break;
    case 'prospect':
      inTurn(data.id, async () => { tell({ kind: 'answer', id: data.id, answer: await prospect(await registry!, data.composition, data.without) }); });
      break;
    case 'question':
      inTurn(data.id, async () => { tell({ kind: 'answer', id: data.id, answer: await answer(await registry!, data.question, data.at, data.ask, stages(data.id)) }); });
      break;
    case 'data':
      inTurn(data.id, async () => { tell({ kind: 'answer', id: data.id, answer: fittedAgain(await registry!, data.composition, data.holdout) }); });
      break;
    case 'read':
      inTurn(data.id, async () => { tell({ kind: 'answer', id: data.id, answer: await readFile(data.file, data.reading) }); });
      break;
    case 'numbers':
      datasets.set(data.data.digest, data.data);
      break;
    case 'run': {
      const own = (valve = new Valve(data.pace));
      inTurn(null, async () => { await run(await registry!, data.composition, data.method, own, tell); });
      break;
    }
    case 'pace':
      if (valve !== undefined) valve.pace = data.pace;
      break;
    case 'step':
      valve?.step(data.count);
      break;
  }
}

/** Milliseconds between words about how far a question is. */
const word = 100;

/** Tells how far a question is, now and then: they are posted while it is thought about. */
function stages(id: number): (stage: Stage) => void {
  let [told, name] = [-Infinity, ''];
  return (stage) => {
    const now = performance.now();
    if (stage.name === name && now - told < word) return;
    [told, name] = [now, stage.name];
    tell({ kind: 'stage', id, stage });
  };
}

function inTurn(id: number | null, work: () => Promise<void>): void {
  turn = turn.then(work).catch((error: unknown) => { tell({ kind: 'fault', id, fault: faultOf(error) }); });
}

announceTo((id) => { tell({ kind: 'making', id }); });
setInterval(() => { tell({ kind: 'alive' }); }, pulse);
