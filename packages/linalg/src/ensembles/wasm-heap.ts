/**
 * The heap of ensembles in WebAssembly: lanes are neighbouring columns, so that every entry is summed as in `heap.ts`, to the bit.
 *
 * Bound by arithmetic: a product keeps four vectors of a row in registers, two operations a load.
 */
import type { Dtype } from '@lowland/core';

import { Assembly, i32, scalar, v128, vector, type I32, type Local, type Value } from '../wasm/asm.ts';
import { hasSimd } from '../wasm/support.ts';
import { type Heap, plainHeap, wholeRow } from './heap.ts';

const page = 65536;
/** Where the 64 partial sums lie: at 0. Blocks begin behind them. */
const partials = 64 * 8;

function heapModule(dtype: Dtype): Assembly {
  const asm = new Assembly();
  const lanes = vector(dtype);
  const number = scalar(dtype);
  const { bytes } = number;

  /** Addresses and steps in bytes; `wide`: bytes of a row, a multiple of 64; `begin` 0: zeros. */
  asm.func(
    'product',
    { rows: 'i32', wide: 'i32', inner: 'i32', s: 'i32', sRow: 'i32', sStep: 'i32', m: 'i32', mRow: 'i32', out: 'i32', outRow: 'i32', begin: 'i32', beginRow: 'i32' },
    (f, { rows, wide, inner, s, sRow, sStep, m, mRow, out, outRow, begin, beginRow }) => {
      const [j, k, p, q, at, to] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
      // eight sums hide the latency of additions: two rows of four vectors, or one of eight
      const locals = (count: number) => Array.from({ length: count }, () => f.local('v128'));
      const [sums, row] = [locals(8), locals(8)];
      const factor = f.local('v128');
      /** So many vectors of one row of out, or of two, which share the rows of m, from j on. */
      const blocks = (high: 1 | 2, vectors: 4 | 8, end: I32) => {
        const own = [sums.slice(0, vectors), sums.slice(4, 8)].slice(0, high);
        const step = (base: I32, h: number, by: Local<'i32'>): I32 => (h === 0 ? base : i32.add(base, by));
        f.loop(j, end, 16 * vectors, () => {
          f.set(p, i32.add(m, j));
          f.set(q, s);
          f.set(at, i32.add(begin, j));
          f.if(
            begin,
            () => { own.forEach((sum, h) => { f.set(to, step(at, h, beginRow)); sum.forEach((x, v) => { f.set(x, v128.load(to, 16 * v)); }); }); },
            () => { for (const x of own.flat()) f.set(x, v128.zero); },
          );
          f.set(k, 0);
          f.loop(k, inner, 1, () => {
            const shared = row.slice(0, vectors);
            shared.forEach((x, v) => { f.set(x, v128.load(p, 16 * v)); });
            own.forEach((sum, h) => {
              f.set(factor, lanes.loadSplat(step(q, h, sRow)));
              sum.forEach((x, v) => { f.set(x, lanes.add(x, lanes.mul(factor, shared[v]!))); });
            });
            f.advance(p, mRow);
            f.advance(q, sStep);
          });
          f.set(at, i32.add(out, j));
          own.forEach((sum, h) => { f.set(to, step(at, h, outRow)); sum.forEach((x, v) => { f.do(v128.store(to, x, 16 * v)); }); });
        });
      };
      const strip = (high: 1 | 2) => {
        f.set(j, 0);
        if (high === 1) blocks(1, 8, i32.and(wide, -128));
        blocks(high, 4, wide);
        f.advance(rows, -high);
        f.advance(s, i32.mul(sRow, high));
        f.advance(out, i32.mul(outRow, high));
        f.if(begin, () => { f.advance(begin, i32.mul(beginRow, high)); });
      };
      f.if(i32.ge(rows, 2), () => { f.repeat(() => { strip(2); }, () => i32.ge(rows, 2)); });
      f.if(rows, () => { strip(1); });
      return undefined;
    },
  );

  asm.func('copy', { rows: 'i32', cols: 'i32', scale: dtype, x: 'i32', xRow: 'i32', xStep: 'i32', out: 'i32', outRow: 'i32', outStep: 'i32', adding: 'i32' }, (f, { rows, cols, scale, x, xRow, xStep, out, outRow, outStep, adding }) => {
    const [i, j, p, q] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    const each = (value: () => Value<Dtype>) => {
      f.set(p, x);
      f.set(q, out);
      f.set(j, 0);
      f.loop(j, cols, 1, () => {
        f.do(number.store(q, value()));
        f.advance(p, xStep);
        f.advance(q, outStep);
      });
    };
    const scaled = () => number.mul(scale, number.load(p));
    f.loop(i, rows, 1, () => {
      f.if(adding, () => { each(() => number.add(number.load(q), scaled())); }, () => { each(scaled); });
      f.advance(x, xRow);
      f.advance(out, outRow);
    });
    return undefined;
  });

  /** In whole runs of 64 numbers, and one by one at the end. */
  asm.func('squares', { at: 'i32', length: 'i32' }, (f, { at, length }) => {
    const [slot, half, whole, end] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    const [x, v] = [f.local(dtype), f.local('v128')];
    f.fill(0, 0, 64 * bytes);
    f.set(end, i32.add(at, i32.mul(length, bytes)));
    f.set(whole, i32.sub(end, i32.and(i32.mul(length, bytes), 64 * bytes - 1)));
    f.loop(at, whole, 64 * bytes, () => {
      for (let offset = 0; offset < 64 * bytes; offset += 16) {
        f.set(v, v128.load(at, offset));
        f.do(v128.store(0, lanes.add(v128.load(0, offset), lanes.mul(v, v)), offset));
      }
    });
    f.loop(at, end, bytes, () => {
      f.set(x, number.load(at));
      f.do(number.store(slot, number.add(number.load(slot), number.mul(x, x))));
      f.advance(slot, bytes);
    });
    f.set(half, 32 * bytes);
    f.repeat(() => {
      f.set(slot, 0);
      f.loop(slot, half, bytes, () => { f.do(number.store(slot, number.add(number.load(slot), number.load(i32.add(slot, half))))); });
      f.set(half, i32.shr(half, 1));
    }, () => i32.ge(half, bytes));
    return number.load(0);
  });
  return asm;
}

interface Functions {
  product(...places: number[]): void;
  copy(rows: number, cols: number, scale: number, ...places: number[]): void;
  squares(at: number, length: number): number;
}

const modules = new Map<Dtype, WebAssembly.Module>();
function moduleOf(dtype: Dtype): WebAssembly.Module {
  const made = modules.get(dtype) ?? new WebAssembly.Module(heapModule(dtype).assemble());
  modules.set(dtype, made);
  return made;
}

/** In WebAssembly where the engine has it, else plain. */
export function createHeap(dtype: Dtype): Heap {
  if (!hasSimd()) return plainHeap(dtype);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { product, copy, squares } = new WebAssembly.Instance(moduleOf(dtype), { env: { memory } }).exports as unknown as Functions;
  const size = dtype === 'f64' ? 8 : 4;
  const view = () => (dtype === 'f64' ? new Float64Array(memory.buffer) : new Float32Array(memory.buffer));
  let [numbers, used] = [view(), partials / size];
  return {
    get numbers() {
      return numbers;
    },
    place(rows, cols) {
      const [at, row] = [used, wholeRow(cols, dtype)];
      used += rows * row;
      const missing = used * size - memory.buffer.byteLength;
      if (missing > 0) {
        memory.grow(Math.ceil(missing / page));
        numbers = view();
      }
      return { at, rows, cols, row, step: 1 };
    },
    product(inner, s, m, out, begin) {
      product(out.rows, size * out.row, inner, size * s.at, size * s.row, size * s.step, size * m.at, size * m.row, size * out.at, size * out.row, begin === undefined ? 0 : size * begin.at, size * out.row);
    },
    copy(rows, cols, scale, x, out, adding) {
      copy(rows, cols, scale, size * x.at, size * x.row, size * x.step, size * out.at, size * out.row, size * out.step, adding ? 1 : 0);
    },
    squares: (at, length) => squares(size * at, length),
  };
}
