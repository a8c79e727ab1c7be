/** Waits until the machine has nothing else to do: each start of a measuring process is gated. */
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** The least share of idle processor time at which a start counts as quiet. */
export const quietShare = 0.93;
const windowMilliseconds = 250;
/** The longest wait before one start, and before all of a suite together: then it starts anyhow, and is counted as not quiet. */
const patience = { start: 5, suite: 60 } as const;

interface Ticks {
  readonly idle: number;
  readonly all: number;
}

/** Ticks of all processors since the machine started, from the text of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
export function ticksOf(stat: string): Ticks {
  const ticks = stat.slice(0, stat.indexOf('\n')).trim().split(/\s+/).slice(1, 9).map(Number);
  return { idle: ticks[3]! + ticks[4]!, all: ticks.reduce((sum, x) => sum + x, 0) };
}

/** Share of idle time in a quarter of a second; `undefined` where the system doesn't say (other than Linux). */
export async function idleShare(): Promise<number | undefined> {
  const now = () => ticksOf(readFileSync('/proc/stat', 'utf8'));
  let before: Ticks;
  try {
    before = now();
  } catch {
    return undefined;
  }
  await setTimeout(windowMilliseconds);
  const after = now();
  return (after.idle - before.idle) / Math.max(1, after.all - before.all);
}

/** Counts the starts of a suite. */
export class Gate {
  starts = 0;
  quiet = 0;
  readonly #open: boolean;
  #waited = 0;

  /** An open gate counts and lets everyone pass. */
  constructor({ open }: { readonly open: boolean }) {
    this.#open = open;
  }

  /** Waits for a quiet quarter of a second, at most as long as `patience` says. */
  async pass(): Promise<void> {
    this.starts += 1;
    if (this.#open) return;
    const begin = performance.now();
    const elapsed = () => (performance.now() - begin) / 1000;
    for (;;) {
      const share = await idleShare();
      if (share === undefined) break;
      if (share > quietShare) {
        this.quiet += 1;
        break;
      }
      if (elapsed() >= patience.start || this.#waited + elapsed() >= patience.suite) break;
    }
    this.#waited += elapsed();
  }
}
