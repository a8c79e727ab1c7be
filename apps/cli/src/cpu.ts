import { type Backend, choice, type Definition, type Infer, integer, LowlandError, options } from '@lowland/core';
import { cpu } from '@lowland/linalg';

const cpuOptions = options({
  dtype: choice(['f64', 'f32'], { default: 'f64', summary: 'number type' }),
  kernels: choice(['auto', 'wasm', 'plain', 'relaxed'], {
    default: 'auto',
    summary: 'WebAssembly where it is allowed, else plain TypeScript; relaxed has fused multiply-add, and other bits from machine to machine',
  }),
  threads: integer({ min: 1, default: 1, summary: 'threads that compute; they change no bit' }),
});

/** linalg's backend by name. Threads start when the first device is opened, serve all of them, and end with the process. */
export const cpuDefinition: Definition<Infer<typeof cpuOptions>, Backend> = {
  apiVersion: 1,
  id: 'cpu',
  summary: 'WebAssembly SIMD kernels, with the same bits on every machine; plain TypeScript where a policy forbids them',
  options: cpuOptions,
  create({ threads: count, ...given }) {
    const backend = cpu(given);
    if (count === 1) return backend;
    if (backend.variant === 'plain') throw new LowlandError('LOWLAND_E_OPTIONS', 'Plain kernels run on one thread. Leave out the threads, or let the kernels be "auto".');
    const opened = async () => {
      const { openThreads } = await import('@lowland/linalg/threads');
      return cpu({ ...given, threads: await openThreads({ count }) });
    };
    let threaded: ReturnType<typeof opened> | undefined;
    return { ...backend, open: async () => (await (threaded ??= opened())).open() };
  },
};
