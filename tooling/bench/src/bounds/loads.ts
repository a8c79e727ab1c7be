/** How many loads of sixteen bytes the machine makes in a second, of numbers that nobody waits for. */
import { Assembly, i32, v128 } from '../../../../packages/linalg/src/wasm/asm.ts';

/** Bytes that any first-level cache holds. */
const near = 16_384;
const together = 16;

/** Loads of one call of `fromFirst`, and a function that makes them; likewise whole rows of a factor at places from a list. */
export function loadKernels(rows: number, rank: number, places: Int32Array) {
  const vectors = Math.floor(rank / 2);
  const asm = new Assembly();
  asm.func('sweep', { passes: 'i32' }, (f, { passes }) => {
    const [pass, at] = [f.local('i32'), f.local('i32')];
    f.loop(pass, passes, 1, () => {
      f.set(at, 0);
      f.loop(at, near, 16 * together, () => {
        for (let k = 0; k < together; k += 1) f.drop(v128.load(at, 16 * k));
      });
    });
    return undefined;
  });
  asm.func('gather', { list: 'i32', end: 'i32', base: 'i32' }, (f, { list, end, base }) => {
    const row = f.local('i32');
    f.loop(list, end, 4, () => {
      f.set(row, i32.add(base, i32.load(list)));
      for (let k = 0; k < vectors; k += 1) f.drop(v128.load(row, 16 * k));
    });
    return undefined;
  });
  const at = near + 8 * rows * rank;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((at + places.byteLength) / 65536) });
  // Pages that nobody wrote to may all be the same page of zeros.
  new Uint8Array(memory.buffer).fill(1);
  new Int32Array(memory.buffer, at, places.length).set(places.map((place) => 8 * rank * place));
  const { sweep, gather } = new WebAssembly.Instance(new WebAssembly.Module(asm.assemble()), { env: { memory } }).exports as Record<'sweep' | 'gather', (...args: number[]) => void>;
  const passes = 64;
  return {
    /** From the first-level cache. */
    first: { loads: (passes * near) / 16, run: () => { sweep(passes); } },
    /** Whole rows of a factor of this size, one after the other, at the places of the entries. */
    gathered: { loads: places.length * vectors, run: () => { gather(at, at + places.byteLength, near); } },
  };
}
