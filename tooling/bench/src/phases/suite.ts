/**
 * Where the fused kernel of a dense factorisation spends its time: its phases against the peak of multiply and add, in one process and
 * in turns, from the second-level cache.
 *
 * Beside each share stand the operations that its code gives to the vector unit for 2 x 8 numbers, arithmetic and loads and stores,
 * and the share that they allow where six of all kinds are taken in a cycle and four sums or products started, as on Zen 5; such
 * a processor takes about five while its queues are full. No floors: `factorisation` has them.
 */
import { packedBytes, partLayout, residualModule } from '../../../../packages/linalg/src/wasm/residual-module.ts';
import { keepsOrder } from '../../../../packages/linalg/src/wasm/support.ts';
import { tileCols, tileRows } from '../../../../packages/linalg/src/cpu/residual.ts';
import { flopsPerRound, peakKernel } from '../machine/peak.ts';
import type { Suite } from '../suite.ts';

const [rows, cols, rank] = [96, 480, 10];
/** Of 2 x 8 numbers. */
const blocks = (rows * cols) / 16;

/** Vector operations for 2 x 8 numbers at rank 10: vectors of two. Left sums are tiles of 2 x 5, others of 2 x 4. */
const operations = {
  residual: { arithmetic: 16 * rank, others: 6 * rank + 16 + 6 },
  squares: { arithmetic: 16, others: 8 },
  left: { arithmetic: 16 * rank, others: 8 * (2 + 5 + 2) + (2 * 10 * 8) / tileCols },
  right: { arithmetic: 16 * rank, others: 5 * 2 * (6 + 2) + (5 * 16 * 2) / tileRows },
};
type Phase = keyof typeof operations;

/** The compiled kernel over this many rows, with the outputs that are asked for, and the squares of one tile. */
function kernels() {
  const bytes = { target: 8 * rows * cols, u: 8 * rows * rank, v: 8 * cols * rank };
  const packed = packedBytes(cols, rank, 8);
  const at = { target: 65536, u: 65536 + bytes.target, v: 0, packed: 0, left: 0, part: 0 };
  at.v = at.u + bytes.u;
  at.packed = at.v + bytes.v;
  at.left = at.packed + packed;
  at.part = at.left + bytes.u;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((at.part + partLayout(cols, rank, 8).bytes) / 65536) + 1 });
  const numbers = new Float64Array(memory.buffer);
  for (let i = 0; i < numbers.length; i += 1) numbers[i] = ((i * 37) % 101) / 101 - 0.5;
  const code = residualModule('f64', false, { rank, paced: true, inOrder: keepsOrder() }).assemble();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory, scratch: 64 } });
  const { pack, part, squares } = exports as Record<string, (...args: number[]) => void> as Record<'pack' | 'part' | 'squares', (...args: number[]) => void>;
  pack(cols, rank, at.v, at.packed);
  const run = (left: boolean, right: boolean) => () => {
    part(rows, tileRows, cols, rank, rank, at.target, at.u, at.packed, 1, at.v, left ? at.left : 0, right ? at.u : 0, at.part);
  };
  return {
    neither: run(false, false),
    left: run(true, false),
    right: run(false, true),
    both: run(true, true),
    squares: () => { for (let tile = 0; tile < (rows * cols) / (tileRows * tileCols); tile += 1) squares((tileRows * tileCols) / 8, at.part, at.part); },
  };
}

/** Seconds of each, the best of so many rounds. */
function bestOf<Name extends string>(cases: Readonly<Record<Name, () => void>>, rounds: number): Record<Name, number> {
  const names = Object.keys(cases) as Name[];
  const best = Object.fromEntries(names.map((name) => [name, Infinity])) as Record<Name, number>;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      const begin = performance.now();
      for (let i = 0; i < 8; i += 1) cases[name]();
      best[name] = Math.min(best[name], (performance.now() - begin) / 8000);
    }
  }
  return best;
}

export const phases: Suite = {
  summary: 'the phases of the dense residual against the peak, and what bounds them',
  async run({ quick, print }) {
    const { peak, ...time } = bestOf({ ...kernels(), peak: ((kernel) => () => { kernel(20_000); })(peakKernel('f64')) }, quick ? 3 : 300);
    const second = flopsPerRound('f64') * 20_000 / peak / 2;
    const spent: Record<Phase, number> = { residual: time.neither - time.squares, squares: time.squares, left: time.left - time.neither, right: time.right - time.neither };
    const line = (name: string, seconds: number, arithmetic: number, others: number, counted = arithmetic) => {
      const bound = (taken: number) => counted / Math.max(arithmetic, (4 * (arithmetic + others)) / taken);
      const share = (blocks * counted) / second / seconds;
      return [name.padEnd(14), share.toFixed(3).padStart(6), arithmetic.toFixed(0).padStart(12), others.toFixed(1).padStart(8), bound(6).toFixed(3).padStart(10), bound(5).toFixed(3).padStart(8)].join('  ');
    };
    const all = Object.values(operations);
    const sum = (of: 'arithmetic' | 'others') => all.reduce((total, phase) => total + phase[of], 0);
    print([
      `Dense residual, ${String(rows)} x ${String(cols)}, rank ${String(rank)}, f64; peak ${((2 * second) / 1e9).toFixed(1)} GFlop/s`,
      'phase            share    arithmetic    others  six taken    five',
      ...(Object.keys(operations) as Phase[]).map((name) => line(name, spent[name], operations[name].arithmetic, operations[name].others)),
      line('all, 6 rank', time.both, sum('arithmetic'), sum('others'), 48 * rank),
    ].join('\n'));
    return Promise.resolve(true);
  },
};
