import { effect } from '@preact/signals';

import { readAddress } from './address.ts';
import type { Model } from './model.ts';

/** Milliseconds between changes of the address: browsers refuse, or slow down, pages that change it all the time. */
const beat = 300;

/** The address follows the state, and the state an address that is typed or gone back to. */
export function followAddress(model: Model): void {
  let written = location.hash;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = -Infinity;
  const write = (): void => {
    timer = undefined;
    const address = model.address();
    // a person who has just gone elsewhere is followed, not called back
    if (address === written || location.hash !== written) return;
    written = address;
    last = performance.now();
    history.replaceState(null, '', address);
    written = location.hash;
  };
  effect(() => {
    const address = model.address();
    if (model.catalogue.value === null || address === written) return;
    clearTimeout(timer);
    const wait = last + beat - performance.now();
    if (wait <= 0) write();
    else timer = setTimeout(write, wait);
  });
  addEventListener('hashchange', () => {
    if (location.hash === written) return;
    clearTimeout(timer);
    written = location.hash;
    const read = readAddress(location.hash);
    if (read !== undefined) model.restore(read.state, [], read.refused);
  });
}
