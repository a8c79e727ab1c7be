/** One Chromium for all files of tests: each visit has a context of its own in it. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import { chromium as found } from '@lowland/vitest-config/chromium';
import { type Browser, chromium } from 'playwright';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the browser listens. */
    readonly browser: string;
  }
}

/** WebGL in software, for the one view that needs it; all else by the processor, which is quicker than a graphics card in software. */
const rendering = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-gpu-compositing', '--disable-gpu-rasterization', '--disable-accelerated-2d-canvas'];

/** Starts the system's Chromium. @throws where there is none: this suite never skips */
export function launch(flags: readonly string[] = []): Promise<Browser> {
  const { args = [], ...options } = found();
  return chromium.launch({ ...options, args: [...args.filter((arg) => arg !== '--disable-gpu'), ...rendering, ...flags] });
}

/** Before all files; gives what is done after them. */
export default async function start({ provide }: TestProject): Promise<() => Promise<void>> {
  const port = await freePort();
  const browser = await launch([`--remote-debugging-port=${port}`]);
  provide('browser', `http://127.0.0.1:${port}`);
  return () => browser.close();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}
