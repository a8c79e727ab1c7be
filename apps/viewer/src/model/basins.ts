/** The map of basins of a composition: told as its runs go, begun anew when something is dragged. */
import { type ReadonlySignal, signal } from '@preact/signals';

import { Desk } from '../engine/desk.ts';
import type { BasinRequest, PluginText } from '../engine/protocol.ts';
import { type Asked, nothing } from './asked.ts';
import type { Composition } from './composition.ts';
import type { BasinMapView } from './types.ts';

/** Seconds: until plugins are loaded, and between two pictures. */
const patience = { load: 15, thought: 120 };

interface AskedMap extends Asked<BasinMapView> {
  /** The answer is that of the question before: nothing newer has come yet. */
  readonly earlier: boolean;
}

export class BasinMap {
  readonly #map = signal<AskedMap>({ ...nothing, earlier: false });
  #desk: Desk | undefined;

  get map(): ReadonlySignal<AskedMap> {
    return this.#map;
  }

  /** What was there is shown until there is something newer. */
  async ask(composition: Composition, request: BasinRequest, plugins: readonly PluginText[]): Promise<void> {
    this.withdraw();
    const desk = (this.#desk = new Desk(plugins, patience.load, patience.thought));
    const { answer } = this.#map.value;
    this.#map.value = { busy: true, answer, fault: null, earlier: answer !== null };
    const reply = await desk.ask('basins', { composition, method: 0, point: new Float64Array(0), run: 'run-1', iteration: 0 }, request, ({ part }) => {
      if (this.#desk === desk) this.#map.value = { busy: true, answer: part as BasinMapView, fault: null, earlier: false };
    });
    desk.close();
    if (this.#desk !== desk) return;
    this.#desk = undefined;
    this.#map.value = 'answer' in reply ? { busy: false, answer: reply.answer, fault: null, earlier: false } : { busy: false, answer: null, fault: 'fault' in reply ? reply.fault.message : null, earlier: false };
  }

  /** Ends the runs. */
  withdraw(): void {
    const desk = this.#desk;
    this.#desk = undefined;
    desk?.close();
  }
}
