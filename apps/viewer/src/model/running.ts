/** One run as signals: what its worker tells becomes what panels draw. */
import { type ReadonlySignal, signal } from '@preact/signals';

import { Client } from '../engine/client.ts';
import type { FromWorker, Kept, Pace, PluginText, Way } from '../engine/protocol.ts';
import type { Composition } from './composition.ts';
import { Columns } from './columns.ts';
import { labelOf } from './label.ts';
import { keptAt, type Shown, wayOf } from './shown.ts';
import type { RunView } from './types.ts';

/** Seconds that a verdict may take. */
const thought = 120;

export class Running implements Shown {
  readonly composition: Composition;
  /** Position among the methods. */
  readonly method: number;
  readonly certificate = null;
  readonly #plugins: readonly PluginText[];
  readonly #view;
  readonly #columns = new Columns();
  #kept: readonly Kept[] = [];
  /** Kept points are at its multiples, and where the person stepped since it grew. */
  #stride = 1;
  #client: Client | undefined;

  constructor(composition: Composition, method: number, plugins: readonly PluginText[]) {
    this.composition = composition;
    this.method = method;
    this.#plugins = plugins;
    const chosen = composition.methods[method]!;
    this.#view = signal<RunView>({
      id: `run-${method + 1}`,
      label: labelOf(chosen),
      optimizer: chosen.id,
      status: 'idle',
      message: null,
      trace: this.#columns.view(),
      snapshots: [],
      stop: null,
      verdict: null,
      plan: null,
      work: null,
    });
  }

  get view(): ReadonlySignal<RunView> {
    return this.#view;
  }

  /** Starts it, or lets it go on; pace 0 holds it. */
  go(pace: Pace): void {
    const { status } = this.#view.value;
    if (status === 'idle') {
      this.#client = new Client(this.#plugins, this.composition.limits.patience, (message) => { this.#hear(message); }, ({ message }) => { this.#fail(message); });
      this.#client.send({ kind: 'run', composition: this.composition, method: this.method, pace });
      this.#set({ status: pace === 0 ? 'paused' : 'running' });
    } else if (status === 'running' || status === 'paused') {
      this.#client?.send({ kind: 'pace', pace });
      this.#set({ status: pace === 0 ? 'paused' : 'running', message: null });
    }
  }

  /** One observation more; of a run that goes on: none, it is held. */
  step(): void {
    const { status } = this.#view.value;
    if (status === 'running' || status === 'idle') this.go(0);
    if (status === 'paused' || status === 'idle') this.#client?.send({ kind: 'step', count: 1 });
  }

  end(): void {
    this.#client?.end();
    this.#client = undefined;
  }

  /** The kept point at or before an iteration; without one the last. */
  keptAt(iteration: number | null): Kept | undefined {
    return keptAt(this.#kept, iteration);
  }

  way(): Way {
    return wayOf(this.#view.value.id, this.#kept);
  }

  #set(part: Partial<RunView>): void {
    this.#view.value = { ...this.#view.value, ...part };
  }

  #hear(message: Exclude<FromWorker, { kind: 'alive' | 'making' }>): void {
    switch (message.kind) {
      case 'planned':
        this.#set({ plan: message.plan });
        break;
      case 'progress':
        this.#columns.add(message.rows);
        this.#keep(message.kept, message.stride);
        this.#set({ trace: this.#columns.view(), snapshots: this.#kept });
        break;
      case 'lost': {
        const { iteration, message: words } = message;
        this.#columns.back(iteration);
        this.#kept = this.#kept.filter((kept) => kept.iteration <= iteration);
        this.#set({ status: 'paused', message: `${words} Continue goes on from iteration ${iteration}.`, trace: this.#columns.view(), snapshots: this.#kept });
        break;
      }
      case 'ended':
        this.#kept = [...this.#kept.filter(({ iteration }) => iteration !== message.last.iteration), message.last];
        // the verdict may think for long without a word
        this.#client?.excuse(thought);
        this.#set({ status: 'ended', stop: message.stop, work: message.work, snapshots: this.#kept });
        break;
      case 'judged':
        this.#set({ verdict: message.verdict });
        this.end();
        break;
      case 'fault':
        this.#fail(message.fault.message);
        break;
      case 'ready':
      case 'stage':
      case 'answer':
        break;
    }
  }

  #keep(fresh: readonly Kept[], stride: number): void {
    const held = stride === this.#stride ? this.#kept : this.#kept.filter(({ iteration }) => iteration % stride === 0);
    this.#stride = stride;
    this.#kept = [...held, ...fresh];
  }

  #fail(message: string): void {
    const ended = this.#view.value.status === 'ended';
    this.end();
    this.#set(ended ? { message: `There is no verdict: ${message}` } : { status: 'failed', message });
  }
}
