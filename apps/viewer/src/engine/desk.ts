/**
 * A worker that answers questions, started when the first is asked and started again after one that was ended. A question that is asked anew
 * takes the place of the one before.
 */
import type { LoadedData } from '@lowland/data';

import type { Composition, Options } from '../model/composition.ts';
import type { Fitted } from './certificate.ts';
import { Client } from './client.ts';
import type { Catalogue, Fault, PluginText, Prospect, Question, Questions, Stage, Standpoint } from './protocol.ts';

/** What came of a question; `ended` where it was withdrawn. */
export type Reply<T> = { readonly answer: T } | { readonly fault: Fault } | { readonly ended: true };

export class Desk {
  readonly #plugins: readonly PluginText[];
  /** Seconds of silence that are borne: while plugins load, and while a question is thought about. */
  readonly #patience: number;
  readonly #thought: number;
  readonly #waiting = new Map<number, (reply: Reply<unknown>) => void>();
  readonly #hearing = new Map<number, (stage: Stage) => void>();
  #client: Client | undefined;
  #catalogue: ((reply: Reply<Catalogue>) => void) | undefined;
  #late: ReturnType<typeof setTimeout> | undefined;
  #next = 0;

  constructor(plugins: readonly PluginText[], patience: number, thought: number) {
    this.#plugins = plugins;
    this.#patience = patience;
    this.#thought = thought;
  }

  /** Starts the worker: what can be named, or why a plugin did not load. A plugin may take as long as silence is borne, whether or not it is silent. */
  open(): Promise<Reply<Catalogue>> {
    return new Promise((resolve) => {
      this.#catalogue = resolve;
      const names = this.#plugins.map(({ source }) => source).join(', ');
      if (names !== '') this.#late = setTimeout(() => { this.#end({ fault: { code: null, message: `${names} did not load within ${this.#patience} s: its module waits for something that does not come. Ask whoever wrote it.` } }); }, this.#patience * 1000);
      this.#start();
    });
  }

  /** @param without definitions that are known not to return when they are made */
  prospect(composition: Composition, without: readonly string[] = []): Promise<Reply<Prospect>> {
    const reply = this.#ask<Prospect>((id) => ({ kind: 'prospect', id, composition, without }));
    // plans are made as patiently as runs are
    this.#client?.bear(composition.limits.patience);
    return reply;
  }

  /** @param hear told how far it is, of questions that tell */
  ask<Q extends Question>(question: Q, at: Standpoint, ask: Questions[Q]['ask'], hear?: (stage: Stage) => void): Promise<Reply<Questions[Q]['answer']>> {
    return this.#ask<Questions[Q]['answer']>((id) => ({ kind: 'question', id, question, at, ask }), hear);
  }

  /** What a file of data holds. */
  read(file: File, reading: Options): Promise<Reply<LoadedData>> {
    return this.#ask<LoadedData>((id) => ({ kind: 'read', id, file, reading }));
  }

  /** The numbers that are fitted, less a share that is held back. */
  data(composition: Composition, holdout: number): Promise<Reply<Fitted>> {
    return this.#ask<Fitted>((id) => ({ kind: 'data', id, composition, holdout }));
  }

  /** Withdraws all questions: a worker that thinks about one is ended. */
  withdraw(): void {
    if (this.#waiting.size === 0) return;
    this.#end({ ended: true });
  }

  close(): void {
    this.#end({ ended: true });
  }

  #ask<T>(message: (id: number) => Parameters<Client['send']>[0], hear?: (stage: Stage) => void): Promise<Reply<T>> {
    return new Promise((resolve) => {
      const id = this.#next++;
      if (hear !== undefined) this.#hearing.set(id, hear);
      this.#waiting.set(id, resolve as (reply: Reply<unknown>) => void);
      this.#start().excuse(this.#thought);
      this.#client!.send(message(id));
    });
  }

  #start(): Client {
    return (this.#client ??= new Client(
      this.#plugins,
      this.#patience,
      (message) => {
        if (message.kind === 'ready') this.#said({ answer: message.catalogue });
        else if (message.kind === 'stage') this.#stage(message.id, message.stage);
        else if (message.kind === 'answer') this.#reply(message.id, { answer: message.answer });
        else if (message.kind === 'fault') {
          if (message.id === null) this.#said({ fault: message.fault });
          else this.#reply(message.id, { fault: message.fault });
        }
      },
      (fault) => { this.#end({ fault }); },
    ));
  }

  #said(reply: Reply<Catalogue>): void {
    clearTimeout(this.#late);
    this.#catalogue?.(reply);
    this.#catalogue = undefined;
  }

  /** What tells how far it is may think on: each time as long as one that says nothing. */
  #stage(id: number, stage: Stage): void {
    this.#hearing.get(id)?.(stage);
    this.#client?.excuse(this.#thought);
  }

  #reply(id: number, reply: Reply<unknown>): void {
    this.#waiting.get(id)?.(reply);
    this.#waiting.delete(id);
    this.#hearing.delete(id);
    if (this.#waiting.size === 0) this.#client?.expect();
    else this.#client?.excuse(this.#thought);
  }

  #end(reply: { readonly fault: Fault } | { readonly ended: true }): void {
    this.#client?.end();
    this.#client = undefined;
    this.#said(reply);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#hearing.clear();
    for (const resolve of waiting) resolve(reply);
  }
}
