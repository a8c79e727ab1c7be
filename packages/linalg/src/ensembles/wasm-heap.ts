/**
 * The heap of ensembles in WebAssembly: lanes are runs, so that every number is summed as in `heap.ts`, to the bit.
 *
 * Products are bound by arithmetic: tiles of entries stay in registers, 6 loads for 8 products and additions of vectors.
 */
import { type Dtype, LowlandError } from '@lowland/core';

import { Assembly, i32, scalar, v128, vector, type I32, type Local } from '../wasm/asm.ts';
import { hasSimd } from '../wasm/support.ts';
import { type Heap, type Places, plainHeap, threads } from './heap.ts';

const page = 65536;

const places = { rows: 'i32', cols: 'i32', inner: 'i32', vectors: 'i32', s: 'i32', sRow: 'i32', sStep: 'i32', m: 'i32', mRow: 'i32', mStep: 'i32', out: 'i32', outRow: 'i32', outStep: 'i32', begin: 'i32', beginRow: 'i32', beginStep: 'i32' } as const;

/** Places, rows and steps in bytes. `wide`: bytes of an item. */
function heapModule(dtype: Dtype): Assembly {
  const asm = new Assembly();
  const lanes = vector(dtype);
  const number = scalar(dtype);

  /** For each of so many `vectors` of an item; `begin` 0: zeros. `shared`: s is numbers, and the vectors of an item are columns. */
  const product = (name: string, shared: boolean) => {
    asm.func(name, places, (f, { rows, cols, inner, vectors, s, sRow, sStep, m, mRow, mStep, out, outRow, outStep, begin, beginRow, beginStep }) => {
      const [left, low, k, p, q, sAt, mAt, outAt, beginAt, outCol, beginCol] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
      const mFirst = f.local('i32');
      const sums = Array.from({ length: 8 }, () => f.local('v128'));
      const [shares, factor] = [[f.local('v128'), f.local('v128')], f.local('v128')];
      const behind = Array.from({ length: 8 }, (_, h) => f.local('i32', i32.mul(sRow, h)));
      const [outBehind, beginBehind] = [outRow, beginRow].map((row) => Array.from({ length: 8 }, (_, h) => f.local('i32', i32.mul(row, h))));
      const rowOfS = (h: number): I32 => (h === 0 ? p : i32.add(p, behind[h]!));
      /** So many rows and columns of out. */
      const tile = (high: number, wide: number) => {
        const each = (visit: (sum: Local<'v128'>, h: number, w: number) => void) => { for (let h = 0; h < high; h++) for (let w = 0; w < wide; w++) visit(sums[h * wide + w]!, h, w); };
        const entry = (at: Local<'i32'>, rowsBehind: readonly Local<'i32'>[], step: Local<'i32'>, h: number, w: number): I32 => {
          const inRow = h === 0 ? at : i32.add(at, rowsBehind[h]!);
          return w === 0 ? inRow : i32.add(inRow, step);
        };
        f.if(begin, () => { each((sum, h, w) => { f.set(sum, v128.load(entry(beginAt, beginBehind!, beginStep, h, w))); }); }, () => { each((sum) => { f.set(sum, v128.zero); }); });
        f.set(p, sAt);
        f.set(q, mAt);
        f.set(k, 0);
        f.loop(k, inner, 1, () => {
          for (let w = 0; w < wide; w++) f.set(shares[w]!, v128.load(w === 0 ? q : i32.add(q, mStep)));
          for (let h = 0; h < high; h++) {
            f.set(factor, shared ? lanes.loadSplat(rowOfS(h)) : v128.load(rowOfS(h)));
            for (let w = 0; w < wide; w++) f.set(sums[h * wide + w]!, lanes.add(sums[h * wide + w]!, lanes.mul(factor, shares[w]!)));
          }
          f.advance(p, sStep);
          f.advance(q, mRow);
        });
        each((sum, h, w) => { f.do(v128.store(entry(outAt, outBehind!, outStep, h, w), sum)); });
        f.advance(sAt, i32.mul(sRow, high));
        f.advance(outAt, i32.mul(outRow, high));
        f.advance(beginAt, i32.mul(beginRow, high));
        f.advance(low, -high);
      };
      const strip = (wide: number, heights: readonly number[]) => {
        f.set(sAt, s);
        f.set(mAt, m);
        f.set(outAt, outCol);
        f.set(beginAt, beginCol);
        f.set(low, rows);
        for (const high of heights) f.if(i32.ge(low, high), () => { f.repeat(() => { tile(high, wide); }, () => i32.ge(low, high)); });
      };
      f.repeat(() => {
        f.set(mFirst, m);
        f.set(outCol, out);
        f.set(beginCol, begin);
        f.set(left, cols);
        f.if(i32.ge(left, 2), () => {
          f.repeat(() => {
            strip(2, [4, 1]);
            f.advance(m, i32.shl(mStep, 1));
            f.advance(outCol, i32.shl(outStep, 1));
            f.advance(beginCol, i32.shl(beginStep, 1));
            f.advance(left, -2);
          }, () => i32.ge(left, 2));
        });
        f.if(left, () => { strip(1, [8, 4, 1]); });
        f.set(m, i32.add(mFirst, 16));
        f.advance(out, 16);
        f.if(begin, () => { f.advance(begin, 16); });
        if (!shared) f.advance(s, 16);
        f.advance(vectors, -1);
      }, () => vectors);
      return undefined;
    });
  };
  product('product', false);
  product('sharedProduct', true);

  const across = { factor: 'i32', x: 'i32', out: 'i32', end: 'i32', wide: 'i32' } as const;
  for (const adding of [false, true]) {
    asm.func(adding ? 'addScaled' : 'scale', across, (f, { factor, x, out, end, wide }) => {
      const [c, from, to, share, own] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('v128'), f.local('v128')];
      f.loop(c, wide, 16, () => {
        f.set(share, v128.load(i32.add(factor, c)));
        f.set(from, i32.add(x, c));
        f.set(to, i32.add(out, c));
        f.loop(to, end, wide, () => {
          f.set(own, lanes.mul(share, v128.load(from)));
          f.do(v128.store(to, adding ? lanes.add(v128.load(to), own) : own));
          f.advance(from, wide);
        });
      });
      return undefined;
    });
  }

  /** Of `whole` rounds of 64 items, and items behind them up to `end`. `round`: bytes of 64 items; `half`: bytes of half of the partial sums that are not zero. */
  asm.func('squares', { at: 'i32', whole: 'i32', end: 'i32', round: 'i32', half: 'i32', wide: 'i32' }, (f, { at, whole, end, round, half, wide }) => {
    const [slot, from, k] = [f.local('i32'), f.local('i32'), f.local('i32')];
    const [sums, x] = [Array.from({ length: 4 }, () => f.local('v128')), f.local('v128')];
    f.loop(slot, round, 64, () => {
      for (const sum of sums) f.set(sum, v128.zero);
      f.set(from, i32.add(at, slot));
      f.set(k, 0);
      f.loop(k, whole, 1, () => {
        sums.forEach((sum, v) => {
          f.set(x, v128.load(from, 16 * v));
          f.set(sum, lanes.add(sum, lanes.mul(x, x)));
        });
        f.advance(from, round);
      });
      sums.forEach((sum, v) => { f.do(v128.store(slot, sum, 16 * v)); });
    });
    f.set(slot, 0);
    f.set(from, i32.add(at, i32.mul(whole, round)));
    f.loop(from, end, 16, () => {
      f.set(x, v128.load(from));
      f.do(v128.store(slot, lanes.add(v128.load(slot), lanes.mul(x, x))));
      f.advance(slot, 16);
    });
    f.if(i32.ge(half, wide), () => {
      f.repeat(() => {
        f.set(slot, 0);
        f.loop(slot, half, 16, () => { f.do(v128.store(slot, lanes.add(v128.load(slot), v128.load(i32.add(slot, half))))); });
        f.set(half, i32.shr(half, 1));
      }, () => i32.ge(half, wide));
    });
    return undefined;
  });

  for (const complex of [false, true]) {
    const name = complex ? 'Complex' : 'Real';
    asm.func(`intensities${name}`, { z: 'i32', data: 'i32', rho: 'i32', end: 'i32', wide: 'i32' }, (f, { z, data, rho, end, wide }) => {
      const [c, re, im, own] = [f.local('i32'), f.local('v128'), f.local('v128'), f.local('v128')];
      f.loop(rho, end, wide, () => {
        f.set(c, 0);
        f.loop(c, wide, 16, () => {
          f.set(re, v128.load(z));
          f.set(own, lanes.mul(re, re));
          if (complex) {
            f.set(im, v128.load(i32.add(z, wide)));
            f.set(own, lanes.add(own, lanes.mul(im, im)));
          }
          f.set(own, lanes.add(own, v128.load(i32.add(data, c))));
          f.do(v128.store(i32.add(rho, c), own));
          f.do(v128.store(z, lanes.mul(own, re)));
          if (complex) f.do(v128.store(i32.add(z, wide), lanes.mul(own, im)));
          f.advance(z, 16);
        });
        if (complex) f.advance(z, wide);
        f.advance(data, wide);
      });
      return undefined;
    });
    asm.func(`magnitudes${name}`, { z: 'i32', data: 'i32', rho: 'i32', end: 'i32', wide: 'i32', smoothing: dtype }, (f, { z, data, rho, end, wide, smoothing }) => {
      const { bytes } = number;
      const [c, re, im, size, own] = [f.local('i32'), f.local(dtype), f.local(dtype), f.local(dtype), f.local(dtype)];
      f.loop(rho, end, wide, () => {
        f.set(c, 0);
        f.loop(c, wide, bytes, () => {
          f.set(re, number.load(z));
          f.set(size, number.mul(re, re));
          if (complex) {
            f.set(im, number.load(i32.add(z, wide)));
            f.set(size, number.add(size, number.mul(im, im)));
          }
          f.set(size, number.sqrt(number.add(size, smoothing)));
          f.set(own, number.add(size, number.load(i32.add(data, c))));
          f.do(number.store(i32.add(rho, c), own));
          f.if(number.eq(size, 0), () => { f.set(own, 0); }, () => { f.set(own, number.div(own, size)); });
          f.do(number.store(z, number.mul(own, re)));
          if (complex) f.do(number.store(i32.add(z, wide), number.mul(own, im)));
          f.advance(z, bytes);
        });
        if (complex) f.advance(z, wide);
        f.advance(data, wide);
      });
      return undefined;
    });
  }
  return asm;
}

type Across = (factor: number, x: number, out: number, end: number, wide: number) => void;
type Weigh = (z: number, data: number, rho: number, end: number, wide: number, smoothing: number) => void;
interface Functions {
  product(...places: number[]): void;
  sharedProduct(...places: number[]): void;
  readonly scale: Across;
  readonly addScaled: Across;
  squares(at: number, whole: number, end: number, round: number, half: number, wide: number): void;
  readonly intensitiesReal: Weigh;
  readonly intensitiesComplex: Weigh;
  readonly magnitudesReal: Weigh;
  readonly magnitudesComplex: Weigh;
}

const modules = new Map<Dtype, WebAssembly.Module>();
function moduleOf(dtype: Dtype): WebAssembly.Module {
  const made = modules.get(dtype) ?? new WebAssembly.Module(heapModule(dtype).assemble());
  modules.set(dtype, made);
  return made;
}

/** Numbers in a vector of sixteen bytes. */
export const vectorLanes = (dtype: Dtype): number => (dtype === 'f64' ? 2 : 4);

/** Bytes that addresses reach: they are compared as numbers with a sign. */
const reach = 2 ** 31;

/** @throws LOWLAND_E_ENSEMBLE where there is no room */
function grow(memory: WebAssembly.Memory, missing: number): void {
  const bytes = memory.buffer.byteLength + missing;
  let cause: unknown;
  if (bytes <= reach) {
    try {
      memory.grow(Math.ceil(missing / page));
      return;
    } catch (error) {
      cause = error;
    }
  }
  throw new LowlandError('LOWLAND_E_ENSEMBLE', `Ensembles on the host hold their problems in up to ${reach} bytes, or what the system has; these take ${bytes}.`, { details: { bytes }, cause });
}

/** In WebAssembly where the engine has it, else plain. Lanes are a multiple of `vectorLanes`. @throws LOWLAND_E_ENSEMBLE when something is placed that memory has no room for */
export function createHeap(dtype: Dtype, lanes: number): Heap {
  if (!hasSimd()) return plainHeap(dtype, lanes);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const functions = new WebAssembly.Instance(moduleOf(dtype), { env: { memory } }).exports as unknown as Functions;
  const size = dtype === 'f64' ? 8 : 4;
  const [wide, vectors] = [size * lanes, lanes / vectorLanes(dtype)];
  const view = () => (dtype === 'f64' ? new Float64Array(memory.buffer) : new Float32Array(memory.buffer));
  // partial sums come first
  let [numbers, used] = [view(), threads * lanes];
  return {
    lanes,
    get numbers() {
      return numbers;
    },
    place(items) {
      const at = used;
      used += items * lanes;
      const missing = used * size - memory.buffer.byteLength;
      if (missing > 0) {
        grow(memory, missing);
        numbers = view();
      }
      return at;
    },
    product(rows, cols, inner, s, m, out, begin = none) {
      functions.product(
        rows, cols, inner, vectors, size * s.at, wide * s.row, wide * s.step, size * m.at, wide * m.row, wide * m.step, size * out.at, wide * out.row, wide * out.step, size * begin.at, wide * begin.row, wide * begin.step,
      );
    },
    sharedProduct(rows, inner, s, m, out, begin = none) {
      functions.sharedProduct(rows, vectors, inner, 1, size * s.at, size * s.row, size * s.step, size * m.at, wide * m.row, 16, size * out.at, wide * out.row, 16, size * begin.at, wide * begin.row, 16);
    },
    scale(factor, x, items) {
      functions.scale(size * factor, size * x, size * x, size * x + wide * items, wide);
    },
    addScaled(factor, x, out, items) {
      functions.addScaled(size * factor, size * x, size * out, size * out + wide * items, wide);
    },
    squares(x, items) {
      let half = threads / 2;
      // zeros need not be added
      while (half >= items) half /= 2;
      functions.squares(size * x, Math.floor(items / threads), size * x + wide * items, wide * threads, wide * Math.floor(half), wide);
      return 0;
    },
    weigh(count, complex, smoothing, z, negativeData, rho) {
      const { intensitiesReal, intensitiesComplex, magnitudesReal, magnitudesComplex } = functions;
      const weigh = smoothing < 0 ? (complex ? intensitiesComplex : intensitiesReal) : complex ? magnitudesComplex : magnitudesReal;
      weigh(size * z, size * negativeData, size * rho, size * rho + wide * count, wide, smoothing);
    },
  };
}

/** The partial sums, which nothing begins with. */
const none: Places = { at: 0, row: 0, step: 0 };
