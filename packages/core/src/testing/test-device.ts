/**
 * The device behind both test backends: opaque handles, and every rule of the contract enforced.
 *
 * - A handle is an empty object; what it stands for is known to the device alone.
 * - Use after dispose, handles of another device, wrong lengths and shapes, and shared vectors are errors.
 * - Live allocations and reads are counted.
 */
import { baseKernelNames, type Device, type Dtype, type Kernels, type Mat, type MaybePromise, type Memory, type Vec } from '../device.ts';
import { LowlandError, type ErrorCode } from '../errors.ts';
import { blockLength, type Layout } from '../layout.ts';
import { naiveKernels, type Numbers, type PlainMatrix } from './naive-kernels.ts';

/** What a test backend counts over all its devices. */
export interface Usage {
  devices: number;
  /** Vectors and index arrays that are not freed. */
  live: number;
  reads: number;
  writes: number;
  kernels: number;
}

/** An extra kernel over plain arrays: vectors come as typed arrays, matrices as { rows, cols, complex, data }, indices as Int32Array. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- kernels of every signature
export type PlainKernel = (...args: any[]) => void;

export interface TestDeviceOptions {
  readonly dtype: Dtype;
  readonly sync: boolean;
  readonly host: boolean;
  readonly extra: Readonly<Record<string, PlainKernel>>;
  readonly usage: Usage;
  /** Gives a read after the fact: how an asynchronous device answers. */
  readonly later: <T>(value: T) => MaybePromise<T>;
}

/** One allocation; views share it. */
interface Root {
  readonly data: Numbers | Int32Array;
  freed: boolean;
}
interface Stored {
  readonly root: Root;
  readonly offset: number;
  readonly length: number;
  readonly shape?: { readonly rows: number; readonly cols: number; readonly complex: boolean };
  blocks?: { readonly layout: Layout; readonly views: Readonly<Record<string, Mat>> };
}

function fail(code: ErrorCode, message: string): never {
  throw new LowlandError(code, message);
}

export function testDevice(options: TestDeviceOptions): Device {
  const { dtype, usage } = options;
  const round = dtype === 'f32' ? Math.fround : (x: number) => x;
  const stored = new WeakMap<object, Stored>();
  let disposed = false;

  const handle = <T extends object>(face: T, content: Stored): T => {
    const frozen = Object.freeze(face);
    stored.set(frozen, content);
    return frozen;
  };
  const open = (x: object, what: string): Stored => {
    const content = stored.get(x);
    if (content === undefined) return fail('LOWLAND_E_HANDLE', `${what} is no handle of this device.`);
    if (disposed || content.root.freed) fail('LOWLAND_E_DISPOSED', `${what} was used after its memory was freed.`);
    return content;
  };
  const numbers = ({ root, offset, length }: Stored) => root.data.subarray(offset, offset + length) as Numbers;
  const cut = (x: Vec, offset: number, length: number, what: string): Stored => {
    const content = open(x, what);
    if (!Number.isInteger(offset) || !Number.isInteger(length) || offset < 0 || length < 0 || offset + length > content.length) {
      fail('LOWLAND_E_SHAPE', `${what} of ${String(length)} numbers from ${String(offset)} does not lie in a vector of ${String(content.length)}.`);
    }
    return { root: content.root, offset: content.offset + offset, length };
  };

  const device: Device = {
    dtype,
    sync: options.sync,
    kernels: {} as Kernels,
    memory: () => {
      if (disposed) fail('LOWLAND_E_DISPOSED', 'The device was used after it was disposed.');
      const roots: Root[] = [];
      let freed = false;
      const allocate = (data: Root['data']): Root => {
        if (freed || disposed) fail('LOWLAND_E_DISPOSED', 'An arena was used after it was freed.');
        const root = { data, freed: false };
        roots.push(root);
        usage.live++;
        return root;
      };
      const memory: Memory = {
        vector: (length) => {
          if (!Number.isInteger(length) || length < 0) fail('LOWLAND_E_SHAPE', `A vector has a whole number of entries; ${String(length)} was given.`);
          const root = allocate(dtype === 'f32' ? new Float32Array(length) : new Float64Array(length));
          return handle({ length, '~vec': true as const }, { root, offset: 0, length });
        },
        integers: (data) => handle({ length: data.length, '~ints': true as const }, { root: allocate(data.slice()), offset: 0, length: data.length }),
        [Symbol.dispose]: () => {
          if (!freed) usage.live -= roots.length;
          freed = true;
          for (const root of roots) root.freed = true;
        },
      };
      return memory;
    },
    view: (x, offset, length) => handle({ length, '~vec': true as const }, cut(x, offset, length, 'A view')),
    matrix: (x, offset, rows, cols, complex = false) => {
      const length = rows * cols * (complex ? 2 : 1);
      const shape = { rows, cols, complex };
      return handle({ length, '~vec': true as const, ...shape }, { ...cut(x, offset, length, 'A matrix view'), shape });
    },
    blocks: (x, layout) => {
      const content = open(x, 'A vector');
      if (content.blocks?.layout === layout) return content.blocks.views;
      let offset = 0;
      const views: Record<string, Mat> = {};
      for (const block of layout.blocks) {
        const rows = block.shape[0] ?? 1;
        const length = blockLength(block);
        const cols = block.shape.slice(1).reduce((product, size) => product * size, 1);
        views[block.name] = device.matrix(x, offset, rows, cols, block.complex ?? false);
        offset += length;
      }
      content.blocks = { layout, views };
      return views;
    },
    write: (x, data) => {
      const content = open(x, 'A vector');
      if (data.length !== content.length) fail('LOWLAND_E_SHAPE', `${String(data.length)} numbers were written to a vector of ${String(content.length)}.`);
      usage.writes++;
      numbers(content).set(data);
    },
    read: (x) => {
      usage.reads++;
      return options.later(Float64Array.from(numbers(open(x, 'A vector'))));
    },
    scalar: (x, at = 0) => {
      usage.reads++;
      const content = open(x, 'A vector');
      if (at < 0 || at >= content.length) fail('LOWLAND_E_SHAPE', `Entry ${String(at)} was read of a vector of ${String(content.length)}.`);
      return options.later(numbers(content)[at]!);
    },
    ...(options.host && { host: (x: Vec) => numbers(open(x, 'A vector')) as Float64Array }),
    [Symbol.dispose]: () => {
      if (!disposed) usage.devices--;
      disposed = true;
    },
  };
  usage.devices++;

  /** What a kernel argument stands for; lists are opened too, numbers and keys pass. A matrix may stand where a vector is asked for. */
  const unwrap = (argument: unknown, what: string, seen: Stored[], asVector = false): unknown => {
    if (Array.isArray(argument)) return argument.map((part) => unwrap(part, what, seen, asVector));
    if (typeof argument !== 'object' || argument === null || !('~vec' in argument || '~ints' in argument)) return argument;
    const content = open(argument, what);
    seen.push(content);
    const data = numbers(content);
    return content.shape === undefined || asVector ? data : ({ ...content.shape, data } satisfies PlainMatrix);
  };

  const naive = naiveKernels(round) as Record<string, PlainKernel>;
  const kernels: Record<string, PlainKernel> = {};
  for (const name of baseKernelNames) {
    kernels[name] = (...args: unknown[]) => {
      const seen: Stored[] = [];
      const plain = args.map((argument, i) => unwrap(argument, `An argument of ${name}`, seen, !matrixArguments[name]?.includes(i)));
      checkShapes(name, plain);
      const out = baseOut(name, args);
      const outStored = open(out, `The result of ${name}`);
      const inPlace = name === 'copy' || name === 'axpy' || name === 'scal';
      for (const input of seen) {
        if (input === outStored || input.root !== outStored.root) continue;
        const whole = inPlace && input.offset === outStored.offset && input.length === outStored.length;
        if (!whole) shared(name);
      }
      const isInput = seen.filter((input) => input === outStored).length > 1;
      if (isInput && !inPlace) shared(name);
      usage.kernels++;
      naive[name]!.apply(naive, plain);
    };
  }
  for (const [name, kernel] of Object.entries(options.extra)) {
    kernels[name] = (...args: unknown[]) => {
      const seen: Stored[] = [];
      const plain = args.map((argument) => unwrap(argument, `An argument of ${name}`, seen));
      const before = seen.map((content) => numbers(content).slice());
      usage.kernels++;
      kernel(...plain);
      seen.forEach((content, i) => {
        const written = numbers(content).some((x, k) => !Object.is(x, before[i]![k]));
        if (written && seen.some((other, j) => j !== i && other.root === content.root)) shared(name);
      });
    };
  }
  Object.assign(device.kernels, kernels, options.host && { host: true });
  return device;
}

function shared(name: string): never {
  return fail('LOWLAND_E_ALIAS', `${name}: the result shares a vector with an input. Write into a vector of its own.`);
}

/** Where the base kernels take matrices. */
const matrixArguments: Readonly<Record<string, readonly number[]>> = { gemm: [3, 4, 6], gemv: [2], posvRight: [0, 2, 3], sddmm: [2, 3], spmm: [3, 4] };

/** The result is the last vector among the arguments, except where the kernel says otherwise. */
function baseOut(name: string, args: readonly unknown[]): object {
  const vectors = args.filter((argument): argument is Vec => typeof argument === 'object' && argument !== null && '~vec' in argument);
  return vectors.at(-1) ?? fail('LOWLAND_E_SHAPE', `${name} was called without a vector.`);
}

const isMatrix = (x: unknown): x is PlainMatrix => typeof x === 'object' && x !== null && 'rows' in x;

/** Lengths and shapes of the base kernels' arguments, opened. */
function checkShapes(name: string, args: readonly unknown[]): void {
  const lengthOf = (x: unknown) => (x as ArrayLike<number>).length;
  const equal = (what: string, ...sizes: number[]) => {
    if (sizes.some((size) => size !== sizes[0])) fail('LOWLAND_E_SHAPE', `${name}: ${what} do not fit: ${sizes.join(', ')}.`);
  };
  const matrices = (...candidates: readonly unknown[]): PlainMatrix[] =>
    candidates.map((x) => (isMatrix(x) ? x : fail('LOWLAND_E_SHAPE', `${name} needs matrices: make them with device.matrix or device.blocks.`)));
  const sizes = (a: PlainMatrix, t: unknown): [number, number] => (t === 'N' ? [a.rows, a.cols] : [a.cols, a.rows]);
  switch (name) {
    case 'copy':
      equal('lengths', lengthOf(args[0]), lengthOf(args[1]));
      break;
    case 'axpy':
      equal('lengths', lengthOf(args[1]), lengthOf(args[2]));
      break;
    case 'mul':
      equal('lengths', lengthOf(args[0]), lengthOf(args[1]), lengthOf(args[2]));
      break;
    case 'dot': {
      equal('lengths', lengthOf(args[0]), lengthOf(args[1]));
      const at = (args[3] ?? 0) as number;
      if (at < 0 || at >= lengthOf(args[2])) fail('LOWLAND_E_SHAPE', `dot: slot ${String(at)} is not in a vector of ${String(lengthOf(args[2]))}.`);
      break;
    }
    case 'gemm': {
      const [a, b, out] = matrices(args[3], args[4], args[6]) as [PlainMatrix, PlainMatrix, PlainMatrix];
      const [rows, inner] = sizes(a, args[0]);
      const [innerToo, cols] = sizes(b, args[1]);
      equal('inner sizes', inner, innerToo);
      equal('rows', rows, out.rows);
      equal('columns', cols, out.cols);
      equal('complex flags', Number(a.complex), Number(b.complex), Number(out.complex));
      break;
    }
    case 'gemv': {
      const [a] = matrices(args[2]) as [PlainMatrix];
      const [rows, cols] = sizes(a, args[0]);
      const width = a.complex ? 2 : 1;
      equal('columns and x', cols * width, lengthOf(args[3]));
      equal('rows and out', rows * width, lengthOf(args[5]));
      break;
    }
    case 'posvRight': {
      const [a, b, out] = matrices(args[0], args[2], args[3]) as [PlainMatrix, PlainMatrix, PlainMatrix];
      if (a.complex || b.complex || out.complex) fail('LOWLAND_E_COMPLEX', 'posvRight is real.');
      equal('sizes', a.rows, a.cols, b.cols, out.cols);
      equal('rows', b.rows, out.rows);
      break;
    }
    case 'sddmm': {
      const [u, v] = matrices(args[2], args[3]) as [PlainMatrix, PlainMatrix];
      equal('lengths', lengthOf(args[0]), lengthOf(args[1]), lengthOf(args[4]));
      equal('columns', u.cols, v.cols);
      inside(name, args[0] as Int32Array, u.rows);
      inside(name, args[1] as Int32Array, v.rows);
      break;
    }
    case 'spmm': {
      const [b, out] = matrices(args[3], args[4]) as [PlainMatrix, PlainMatrix];
      equal('lengths', lengthOf(args[0]), lengthOf(args[1]), lengthOf(args[2]));
      equal('columns', b.cols, out.cols);
      inside(name, args[0] as Int32Array, args[5] === true ? b.rows : out.rows);
      inside(name, args[1] as Int32Array, args[5] === true ? out.rows : b.rows);
      break;
    }
  }
}

function inside(name: string, indices: Int32Array, size: number): void {
  const wrong = indices.find((index) => index < 0 || index >= size);
  if (wrong !== undefined) fail('LOWLAND_E_SHAPE', `${name}: index ${String(wrong)} is not from 0 to ${String(size - 1)}.`);
}
