/** Whether the browser has a GPU that can be computed with. */
import { signal } from '@preact/signals';

/** Milliseconds after which a browser that does not answer is taken to have none. */
const patience = 4000;

/** Why the backend `webgpu` is not offered; null where it is, undefined until the browser has answered. */
export const graphicsLack = signal<string | null | undefined>(undefined);

/** Asks the browser, once, while the page loads. */
export async function askForGraphics(): Promise<void> {
  graphicsLack.value = await lackOf((globalThis as { navigator: { gpu?: GPU } }).navigator.gpu, patience);
}

export async function lackOf(gpu: Pick<GPU, 'requestAdapter'> | undefined, milliseconds: number): Promise<string | null> {
  if (gpu === undefined) {
    return isSecureContext
      ? 'This browser has no WebGPU. Chrome, Edge, Safari 26 and Firefox on some systems have it.'
      : 'Browsers give WebGPU only to pages from https or from this machine. Open the page from there.';
  }
  const silent = new Promise<'silent'>((resolve) => { setTimeout(resolve, milliseconds, 'silent'); });
  const adapter = await Promise.race([gpu.requestAdapter(), silent]).catch((error: unknown) => String(error));
  if (adapter === 'silent') return `WebGPU did not answer within ${milliseconds / 1000} s.`;
  if (typeof adapter === 'string') return `WebGPU could not be asked: ${adapter}`;
  return adapter === null ? 'WebGPU finds no GPU: there is none, its driver is not supported, or the settings of the browser keep it away.' : null;
}
