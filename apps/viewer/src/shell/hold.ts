/** Parts of the page that are not needed at first are loaded when there is nothing else to do: later the server may be gone. */
import { signal } from '@preact/signals';

import { checkerProgram, workerProgram } from '../engine/program.ts';
import { certificateReader } from '../files/certificate.ts';

/** Whether everything is here. */
export const whole = signal(false);

/** Milliseconds after which there has been enough time for what matters more. */
const quiet = 3000;

export function holdParts(): void {
  const load = (): void => {
    Promise.all([workerProgram(), checkerProgram(), import('../panels/surface/three-surface.ts'), certificateReader()]).then(
      () => { whole.value = true; },
      // each is asked for again where it is wanted, and says then what is missing
      () => undefined,
    );
  };
  // not every browser tells when it is idle
  if ('requestIdleCallback' in globalThis) requestIdleCallback(load, { timeout: quiet });
  else setTimeout(load, quiet);
}
