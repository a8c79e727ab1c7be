/** How long noise takes from one well to the next: for each Langevin run of a scene, by the law, exactly, and simulated as the page runs. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { ExitTimes } from '@lowland/landscape';

import { Desk } from '../engine/desk.ts';
import type { PluginText } from '../engine/protocol.ts';
import { type Asked, nothing } from './asked.ts';
import type { Chosen, Composition } from './composition.ts';
import type { CrossingView } from './types.ts';

/** Seconds. */
const patience = { load: 15, thought: 120 };

/** Paths that are simulated, where the steps that they take together are no more than so many. */
const most = 200;
const mostSteps = 3e7;
/** Fewer paths say little. */
const fewest = 20;

export class Crossings {
  readonly #all = signal<Asked<readonly CrossingView[]>>(nothing);
  #desk: Desk | undefined;

  /** Of the Langevin methods, in their order; the simulated ones come later. */
  get all(): ReadonlySignal<Asked<readonly CrossingView[]>> {
    return this.#all;
  }

  /** From the minimum at a point, over the lowest pass, to the next. */
  async ask(composition: Composition, from: Float64Array, plugins: readonly PluginText[]): Promise<void> {
    this.withdraw();
    const desk = (this.#desk = new Desk(plugins, patience.load, patience.thought));
    const methods = composition.methods.flatMap((method, k) => (method.id === 'langevin' ? [{ ...dynamicsOf(method), method: k }] : [])).filter(({ temperature }) => temperature > 0);
    const exit = async ({ method, temperature, strength }: (typeof methods)[number], count: number, step: number): Promise<ExitTimes> => {
      const reply = await desk.ask('analysis', { composition, method, point: from, run: `run-${method + 1}`, iteration: 0 }, { id: 'exit-times', options: { temperature, strength, paths: count, step } });
      if ('answer' in reply) return reply.answer as ExitTimes;
      throw new Error('fault' in reply ? reply.fault.message : '');
    };
    this.#all.value = { ...this.#all.value, busy: true, fault: null };
    // what is known when something fails is still shown
    let found: readonly CrossingView[] | null = null;
    try {
      let views: readonly CrossingView[] = [];
      for (const dynamics of methods) {
        const { eyringKramers, exact, minimum } = await exit(dynamics, 0, 0);
        const step = 0.02 / (Math.max(...minimum.eigenvalues) * (1 + dynamics.strength ** 2));
        const steps = (exact?.time ?? eyringKramers.time) / step;
        const count = Math.min(most, Math.floor(mostSteps / steps));
        views = [...views, { ...dynamics, law: eyringKramers.time, exact: exact?.time ?? null, step, steps, paths: count < fewest ? 0 : count, simulated: null }];
      }
      if (this.#desk !== desk) return;
      found = views;
      this.#all.value = { busy: true, answer: views, fault: null };
      for (const [k, view] of views.entries()) {
        if (view.paths === 0) continue;
        const { simulated } = await exit(view, view.paths, view.step);
        if (this.#desk !== desk) return;
        views = views.map((each, position) => (position === k ? { ...each, simulated } : each));
        this.#all.value = { busy: true, answer: views, fault: null };
      }
      this.#all.value = { busy: false, answer: views, fault: null };
    } catch (error) {
      if (this.#desk === desk) this.#all.value = { busy: false, answer: found, fault: (error as Error).message };
    } finally {
      desk.close();
    }
  }

  /** Ends what is being computed. */
  withdraw(): void {
    const desk = this.#desk;
    this.#desk = undefined;
    desk?.close();
  }
}

interface Dynamics {
  readonly temperature: number;
  /** a of the rotation; 0: none. */
  readonly strength: number;
}

function dynamicsOf({ options }: Chosen): Dynamics {
  const { temperature, drift } = options as { readonly temperature?: number; readonly drift?: Chosen };
  const strength = drift?.id === 'rotation' ? (drift.options['strength'] as number | undefined) : 0;
  return { temperature: temperature ?? 1, strength: strength ?? 1 };
}
