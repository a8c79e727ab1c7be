/** A signal that Ctrl-C (or a request to terminate) sets. */
export interface Interrupt {
  readonly signal: AbortSignal;
  release(): void;
}

/**
 * Listens for the first Ctrl-C only. With that the listener is gone and the system's own behaviour is back, so that a
 * second one ends the process at once, also in the middle of a long synchronous step.
 */
export function listenForInterrupt(announce: () => void): Interrupt {
  const controller = new AbortController();
  const stop = () => {
    release();
    announce();
    controller.abort();
  };
  const release = () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return { signal: controller.signal, release };
}
