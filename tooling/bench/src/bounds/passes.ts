/** The two passes of completion over one instance: on a device, and their code as it is and without its arithmetic. */
import { layoutLength, type Device, type Kernels, type Layout } from '@lowland/core';
import { sparsePattern } from '@lowland/linalg';

import { observedModule } from '../../../../packages/linalg/src/wasm/observed-module.ts';
import type { Instance } from '../tasks/generate.ts';
import type { CompletionDescent } from '../tasks/task.ts';
import { innermostLoops, stripped, type LoopCounts } from './stripped.ts';

const names = { alongRows: 'products', alongColumns: 'gathered' } as const;
export type Pass = keyof typeof names;

/** Entries compressed both ways. */
function compressed({ rows, cols }: CompletionDescent, { row, col }: Instance) {
  const pattern = sparsePattern({ rows, cols, row: row as Int32Array, col: col as Int32Array });
  return { ...pattern, row: pattern.transposed.map((e) => row![e]!), col: col as Int32Array, order: pattern.transposed };
}

/** What descent does in a step: both passes, then the move and the look of the driver. */
export function onDevice(device: Device, task: CompletionDescent, instance: Instance): Readonly<Record<Pass | 'vectors', () => void>> {
  const { rowPointers, colPointers, row, col, order } = compressed(task, instance);
  const { rows, cols, rank, step } = task;
  const memory = device.memory();
  const { observedResidual, observedProduct, axpy, dot, copy } = device.kernels as Required<Kernels>;
  const layout: Layout = { blocks: [{ name: 'U', shape: [rows, rank] }, { name: 'V', shape: [cols, rank] }] };
  const length = layoutLength(layout);
  const [point, gradient, kept, square] = [memory.vector(length), memory.vector(length), memory.vector(length), memory.vector(1)];
  device.write(point, Float64Array.of(...instance['u']!, ...instance['v']!));
  const factors = (x: typeof point) => [device.matrix(x, 0, rows, rank), device.matrix(x, rows * rank, cols, rank)] as const;
  const [[u, v], [left, right]] = [factors(point), factors(gradient)];
  const [data, z] = [memory.vector(col.length), memory.vector(col.length)];
  device.write(data, instance['values'] as Float64Array);
  const [alongRows, columns, alongColumns, inRows, places] = [rowPointers, col, colPointers, row, order].map((each) => memory.integers(each)) as [never, never, never, never, never];
  return {
    alongRows: () => { observedResidual(alongRows, columns, data, undefined, u, v, z, 1, v, left, square); },
    alongColumns: () => { observedProduct(alongColumns, inRows, places, z, 1, u, right); },
    // A step of nothing, so that the point stays where it is.
    vectors: () => {
      axpy(-step * 0, gradient, point);
      dot(point, point, square);
      copy(point, kept);
    },
  };
}

/**
 * The code of both passes on one thread, as it is and without its arithmetic, over the same memory: where arrays lie, and on pages of
 * which size, makes a difference of a tenth and more.
 */
export function inOneMemory(task: CompletionDescent, instance: Instance): Readonly<Record<'whole' | 'loadsOnly', Readonly<Record<Pass, () => void>>>> {
  const { rowPointers, colPointers, row, col, order } = compressed(task, instance);
  const { rows, cols, rank } = task;
  const bytes = 8 * rank;
  const arrays = {
    rowPointers, colPointers, order, row: row.map((i) => bytes * i), col: col.map((j) => bytes * j),
    data: instance['values'] as Float64Array, z: new Float64Array(col.length),
    u: instance['u'] as Float64Array, v: instance['v'] as Float64Array, left: new Float64Array(rows * rank), right: new Float64Array(cols * rank),
  };
  // Lines of caches hold numbers of one array only; the address 0 is left to "not there".
  let end = 64;
  const at = Object.fromEntries(Object.entries(arrays).map(([name, { byteLength }]) => [name, (end += 64 * Math.ceil(byteLength / 64) + 64) - 64 * Math.ceil(byteLength / 64)])) as Record<keyof typeof arrays, number>;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65536) + 1 });
  for (const [name, array] of Object.entries(arrays)) {
    new Uint8Array(memory.buffer, at[name as keyof typeof arrays], array.byteLength).set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  const made = (change: (code: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>) => {
    const run = (pass: Pass) => new WebAssembly.Instance(new WebAssembly.Module(change(codeOf(pass, rank))), { env: { memory } }).exports['run'] as (...args: number[]) => void;
    const [first, second] = [run('alongRows'), run('alongColumns')];
    return {
      alongRows: () => { first(at.rowPointers, at.rowPointers + 4 * rows, at.col, at.data, 0, at.u, at.v, 0, 0, rank, at.z, 0, 1, at.v, at.left); },
      alongColumns: () => { second(at.colPointers, at.colPointers + 4 * cols, at.row, at.order, at.z, 1, at.u, 0, rank, at.right); },
    };
  };
  return { whole: made((code) => code), loadsOnly: made(stripped) };
}

const codeOf = (pass: Pass, rank: number) => observedModule('f64', false, rank, names[pass]).assemble();

/** Entries that one round of each innermost loop takes, as the code has them: residuals of two entries or one, sums of four rows or one. */
const entriesOfRound = { alongRows: [2, 1, 4, 1], alongColumns: [4, 1] } as const;

/** What a pass over this instance gives to the vector unit in its innermost loops, counted in its code. */
export function countsOf(pass: Pass, task: CompletionDescent, instance: Instance): LoopCounts {
  const { rowPointers, colPointers } = compressed(task, instance);
  const pointers = pass === 'alongRows' ? rowPointers : colPointers;
  const loops = innermostLoops(codeOf(pass, task.rank));
  const total = { loads: 0, stores: 0, arithmetic: 0 };
  const add = (rounds: number, { loads, stores, arithmetic }: LoopCounts) => {
    total.loads += rounds * loads;
    total.stores += rounds * stores;
    total.arithmetic += rounds * arithmetic;
  };
  for (let line = 0; line + 1 < pointers.length; line += 1) {
    const entries = pointers[line + 1]! - pointers[line]!;
    const rounds = entriesOfRound[pass];
    for (let k = 0; k < rounds.length; k += 2) {
      add(Math.floor(entries / rounds[k]!), loops[k]!);
      add(entries % rounds[k]!, loops[k + 1]!);
    }
  }
  return total;
}
