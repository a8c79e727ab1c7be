import type { PluginText } from '../engine/protocol.ts';
import { FileFault } from './fault.ts';

/** Characters of a plugin at most. */
const most = 10_000_000;

/** The text of a plugin module, fetched once: what all workers run is what was fetched. @throws FileFault where there is none */
export async function fetchPlugin(address: string): Promise<PluginText> {
  if (!/^https?:\/\//.test(address)) throw new FileFault(`A plugin's address begins with https:// or http://; ${address} does not.`);
  let response: Response;
  try {
    response = await fetch(address, { credentials: 'omit', referrerPolicy: 'no-referrer' });
  } catch {
    throw new FileFault(`${address} cannot be reached, or its site does not let other pages read it (CORS). Download the file and drop it here.`);
  }
  if (!response.ok) throw new FileFault(`${address} answers ${response.status} ${response.statusText}: look at the address.`);
  const text = await response.text();
  if (text.length > most) throw new FileFault(`${address} has ${(text.length / 1e6).toFixed(0)} MB; a plugin has ${most / 1e6} MB at most.`);
  return { source: address, text };
}
