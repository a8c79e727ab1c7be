import { type Backend, choice, type Definition, type Infer, integer, LowlandError, options } from '@lowland/core';
import { cpu } from '@lowland/linalg';

const cpuOptions = options({
  dtype: choice(['f64', 'f32'], { default: 'f64', summary: 'number type; verdicts are always computed in f64' }),
  kernels: choice(['auto', 'wasm', 'plain', 'relaxed'], {
    default: 'auto',
    summary: 'WebAssembly where it is allowed, else plain TypeScript; relaxed has fused multiply-add, and other bits from machine to machine',
  }),
  threads: integer({ min: 1, max: 256, default: 1, summary: 'threads that compute; they change no bit' }),
});

/** linalg's backend by name. Threads start when the first device is opened, serve all of them, and end with the backend. */
export const cpuDefinition: Definition<Infer<typeof cpuOptions>, Backend> = {
  apiVersion: 1,
  id: 'cpu',
  summary: 'WebAssembly SIMD kernels, with the same bits on every machine; plain TypeScript where a policy forbids them',
  whenToUse: 'The default. With `threads` for problems of milliseconds a step; f32 halves the memory and bounds accuracy to about six digits.',
  options: cpuOptions,
  create({ threads: count, ...given }) {
    const alone = cpu(given);
    if (count === 1) return alone;
    if (alone.variant === 'plain') {
      throw new LowlandError('LOWLAND_E_OPTIONS', `Plain kernels run on one thread; ${count} were asked for. Leave threads out, or use kernels "auto" where WebAssembly is allowed.`);
    }
    const start = async () => {
      const { openThreads } = await import('@lowland/linalg/threads');
      const threads = await openThreads({ count });
      return { threads, backend: cpu({ ...given, threads }) };
    };
    let started: ReturnType<typeof start> | undefined;
    return {
      ...alone,
      details: { ...alone.details, threads: count },
      open: async () => (await (started ??= start())).backend.open(),
      // What could not start has told `open`, and needs no end.
      [Symbol.asyncDispose]: async () => {
        await started?.then(({ threads }) => threads[Symbol.asyncDispose](), () => {});
      },
    };
  },
};
