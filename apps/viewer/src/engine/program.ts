/**
 * The programs of the workers: each one file, fetched once and held by the page. Workers are started from them, so that a page that is open goes on
 * composing, running and looking where its server has gone.
 */
import checkerAddress from './checker/check-worker.ts?worker&url';
import workerAddress from './worker.ts?worker&url';

/** Servers of sources give modules that name each other by address: there is no one file to hold. */
const holds = !import.meta.env.DEV;

/** An address to start workers from. It throws where the program is not held yet and cannot be fetched; asked again, it is fetched again. */
function held(address: string): () => Promise<string> {
  let program: Promise<string> | undefined;
  return () => {
    program ??= (holds ? fetched(address) : Promise.resolve(address)).catch((error: unknown) => {
      program = undefined;
      throw error;
    });
    return program;
  };
}

export const workerProgram = held(workerAddress);
export const checkerProgram = held(checkerAddress);

async function fetched(address: string): Promise<string> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return URL.createObjectURL(new Blob([await response.text()], { type: 'text/javascript' }));
}
