/** How fast one thread reads memory: the sum of 256 MB, sixteen bytes a load, eight sums. */
import { Assembly, v128, vector } from '../../../../packages/linalg/src/wasm/asm.ts';

const bytes = 2 ** 28;
const sums = 8;

/** Bytes a second, the best of so many passes. */
export function readBandwidth(passes: number): number {
  const lanes = vector('f64');
  const assembly = new Assembly();
  assembly.func('read', { at: 'i32', end: 'i32' }, (f, p) => {
    const totals = Array.from({ length: sums }, () => f.local('v128'));
    f.loop(p.at, p.end, 16 * sums, () => {
      totals.forEach((total, i) => { f.set(total, lanes.add(total, v128.load(p.at, 16 * i))); });
    });
    for (const total of totals.slice(1)) f.set(totals[0]!, lanes.add(totals[0]!, total));
    return lanes.extract(totals[0]!, 0);
  });
  const memory = new WebAssembly.Memory({ initial: bytes / 65536 });
  // Pages that nobody wrote to may all be the same page of zeros.
  new Float64Array(memory.buffer).fill(1);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assembly.assemble()), { env: { memory } });
  const read = exports['read'] as (at: number, end: number) => number;
  let best = 0;
  for (let i = 0; i < passes; i += 1) {
    const begin = performance.now();
    read(0, bytes);
    best = Math.max(best, bytes / ((performance.now() - begin) / 1000));
  }
  return best;
}
