/**
 * The program of the workers: one file, fetched once and held by the page. Workers are started from it, so that a page that is open goes on
 * composing, running and looking where its server has gone.
 */
import address from './worker.ts?worker&url';

/** Servers of sources give modules that name each other by address: there is no one file to hold. */
const held = !import.meta.env.DEV;

let program: Promise<string> | undefined;

/** An address to start workers from. @throws where the program is not held yet and cannot be fetched; asked again, it is fetched again */
export function workerProgram(): Promise<string> {
  program ??= (held ? fetched() : Promise.resolve(address)).catch((error: unknown) => {
    program = undefined;
    throw error;
  });
  return program;
}

async function fetched(): Promise<string> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return URL.createObjectURL(new Blob([await response.text()], { type: 'text/javascript' }));
}
