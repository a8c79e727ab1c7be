import { type ReadonlySignal, signal } from '@preact/signals';

import type { Desk } from '../engine/desk.ts';
import type { Prospect } from '../engine/protocol.ts';
import { type Asked, nothing, outcome } from './asked.ts';
import type { Composition, DataFile } from './composition.ts';

/** What would become of the composition, asked anew whenever it changes. */
export class Planning {
  readonly #prospect = signal<Asked<Prospect>>(nothing);
  readonly #say: (fault: string) => void;
  #turn = 0;
  /** Definitions of plugins that did not return when they were made. */
  #hung: readonly string[] = [];

  /** @param say told what the person is to know besides */
  constructor(say: (fault: string) => void) {
    this.#say = say;
  }

  get prospect(): ReadonlySignal<Asked<Prospect>> {
    return this.#prospect;
  }

  /** Other plugins are loaded: what hung may not be there. */
  forget(): void {
    this.#hung = [];
  }

  /** The last answer; null where there is none, or something else is asked meanwhile. */
  async plan(desk: Desk, composition: Composition, missing: DataFile | null): Promise<Prospect | null> {
    const turn = ++this.#turn;
    if (missing !== null) {
      this.#prospect.value = { busy: false, answer: null, fault: `${missing.name} is not here: a page keeps no files. Choose it above, or other data under Problem.` };
      return null;
    }
    this.#prospect.value = { ...this.#prospect.peek(), busy: true };
    // a person who types or drags is not asked about every number
    await new Promise((resolve) => setTimeout(resolve, 120));
    if (turn !== this.#turn) return null;
    const reply = await desk.prospect(composition, this.#hung);
    if (turn !== this.#turn) return null;
    if ('fault' in reply && reply.fault.hung !== undefined && !this.#hung.includes(reply.fault.hung)) {
      // all else is planned without it
      this.#hung = [...this.#hung, reply.fault.hung];
      this.#say(reply.fault.message);
      return this.plan(desk, composition, missing);
    }
    this.#prospect.value = outcome(reply, (answer) => answer);
    return 'answer' in reply ? reply.answer : null;
  }
}
