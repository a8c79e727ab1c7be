/**
 * A turn of the event loop. A loop that only awaits settled promises never lets a timer, a signal or a message in.
 * `setTimeout` would wait 1 to 4 ms; setImmediate (Node.js) and a message to oneself (browsers) do not.
 */
export function macrotask(): Promise<void> {
  const { setImmediate: immediate } = globalThis as { readonly setImmediate?: (task: () => void) => unknown };
  return immediate === undefined ? messageToOneself() : new Promise((resolve) => void immediate(resolve));
}

function messageToOneself(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}
