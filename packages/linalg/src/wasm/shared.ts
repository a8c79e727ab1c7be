/** One memory for all devices and host algorithms of the process: an engine reserves some GiB of addresses for each, and has room for a few dozen. */
import { Arena } from './arena.ts';
import { Site } from './site.ts';

let shared: Site | undefined;

/** @throws LOWLAND_E_MEMORY when there is no room for a memory at all */
export const sharedSite = (): Site => (shared ??= new Site(new Arena()));

/** Bytes of the shared memory in use, scratch of kernels included; 0 before its first use. */
export function liveBytes(): number {
  return shared?.arena.live ?? 0;
}
