/**
 * A small WebAssembly assembler: values are typed expressions, a `Body` collects statements, `assemble` makes the bytes.
 *
 * Only what the kernels need is here. An expression holds its own byte code, so using one twice computes it twice:
 * put it into a local. Addresses and counts are unsigned 32-bit numbers. Encodings are those of the WebAssembly core
 * specification (release 3.0: SIMD, relaxed SIMD, bulk memory).
 */

import type { Dtype } from '@lowland/core';

export type Type = 'i32' | 'f32' | 'f64' | 'v128';
export type Code = readonly number[];

/** An expression of one type: the code that leaves it on the stack. */
export interface Value<T extends Type> {
  readonly type: T;
  readonly code: Code;
}
export interface Local<T extends Type> extends Value<T> {
  readonly index: number;
}
/** Where numbers are wanted, literals do. */
export type I32 = Value<'i32'> | number;
export type Vector = Value<'v128'>;

const typeByte: Record<Type, number> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** LEB128, unsigned and signed. */
function unsigned(n: number): number[] {
  const bytes: number[] = [];
  for (; n > 0x7f; n = Math.floor(n / 128)) bytes.push((n % 128) | 0x80);
  return [...bytes, n];
}
function signed(n: number): number[] {
  const bytes: number[] = [];
  for (; n < -64 || n > 63; n >>= 7) bytes.push((n & 0x7f) | 0x80);
  return [...bytes, n & 0x7f];
}
function literal(type: Type, n: number): number[] {
  if (type === 'i32') return [0x41, ...signed(n | 0)];
  return type === 'f64' ? [0x44, ...new Uint8Array(Float64Array.of(n).buffer)] : [0x43, ...new Uint8Array(Float32Array.of(n).buffer)];
}
/** ASCII. */
const text = (name: string): number[] => [...unsigned(name.length), ...Array.from(name, (letter) => letter.charCodeAt(0))];
const list = (items: readonly Code[]): number[] => unsigned(items.length).concat(...items);
const section = (id: number, items: readonly Code[]): number[] => {
  const content = list(items);
  return [id].concat(unsigned(content.length), content);
};

const value = <T extends Type>(type: T, ...code: Code[]): Value<T> => ({ type, code: ([] as number[]).concat(...code) });
const lift = <T extends Type>(type: T, x: Value<T> | number): Code => (typeof x === 'number' ? literal(type, x) : x.code);

/** Opcodes take their operands from the stack; vector ones stand behind the prefix 0xfd. */
const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];
const binary = <A extends Type, R extends Type>(operand: A, result: R, ...opcode: number[]) =>
  (a: Value<A> | number, b: Value<A> | number): Value<R> => value(result, lift(operand, a), lift(operand, b), opcode);
const unary = <A extends Type, R extends Type>(operand: A, result: R, ...opcode: number[]) =>
  (a: Value<A> | number): Value<R> => value(result, lift(operand, a), opcode);
/** Of vectors. */
const onTwo = (opcode: number) => binary('v128', 'v128', ...simd(opcode));
const onOne = (opcode: number) => unary('v128', 'v128', ...simd(opcode));
const shifted = (opcode: number) => (a: Vector, count: number): Vector => value('v128', a.code, literal('i32', count), simd(opcode));
/** Alignment hints are natural at most; 0 is always allowed and costs nothing. */
const load = <R extends Type>(result: R, ...opcode: number[]) => (at: I32, offset = 0): Value<R> => value(result, lift('i32', at), opcode, [0], unsigned(offset));
const store = <A extends Type>(operand: A, ...opcode: number[]) =>
  (at: I32, x: Value<A> | number, offset = 0): Code => [...lift('i32', at), ...lift(operand, x), ...opcode, 0, ...unsigned(offset)];

export const i32 = {
  add: binary('i32', 'i32', 0x6a),
  sub: binary('i32', 'i32', 0x6b),
  mul: binary('i32', 'i32', 0x6c),
  and: binary('i32', 'i32', 0x71),
  shl: binary('i32', 'i32', 0x74),
  shr: binary('i32', 'i32', 0x76),
  eq: binary('i32', 'i32', 0x46),
  lt: binary('i32', 'i32', 0x49),
  gt: binary('i32', 'i32', 0x4b),
  ge: binary('i32', 'i32', 0x4f),
  load: load('i32', 0x28),
  store: store('i32', 0x36),
};

/** One number of either width. */
function float<T extends Dtype>(type: T) {
  const [at, compare, arithmetic] = type === 'f64' ? [0, 0x61, 0xa0] : [-1, 0x5b, 0x92];
  return {
    type,
    bytes: type === 'f64' ? 8 : 4,
    load: load(type, 0x2b + at),
    store: store(type, 0x39 + at),
    eq: binary(type, 'i32', compare),
    lt: binary(type, 'i32', compare + 2),
    gt: binary(type, 'i32', compare + 3),
    add: binary(type, type, arithmetic),
    sub: binary(type, type, arithmetic + 1),
    mul: binary(type, type, arithmetic + 2),
    div: binary(type, type, arithmetic + 3),
    sqrt: unary(type, type, arithmetic - 1),
  };
}
/** For code that serves both widths. */
export const scalar = (dtype: Dtype) => float(dtype);
export const f64 = { ...float('f64'), promote: unary('f32', 'f64', 0xbb) };
export const f32 = { ...float('f32'), demote: unary('f64', 'f32', 0xb6) };

/** Sixteen bytes as lanes of one width. `madd` is a b + c, fused where relaxed SIMD is asked for (and the engine likes). */
function lanes<T extends Dtype>(type: T) {
  const wide = type === 'f64';
  const [arithmetic, lane, splat] = wide ? [0xf0, 0x21, 0x14] : [0xe4, 0x1f, 0x13];
  const add = onTwo(arithmetic);
  const mul = onTwo(arithmetic + 2);
  return {
    count: wide ? 2 : 4,
    add,
    sub: onTwo(arithmetic + 1),
    mul,
    div: onTwo(arithmetic + 3),
    abs: onOne(arithmetic - 4),
    /** b where a < b, else a: a where b is NaN. */
    larger: onTwo(arithmetic + 7),
    splat: unary(type, 'v128', ...simd(splat)),
    extract: (x: Vector, i: number): Value<T> => value(type, x.code, simd(lane), [i]),
    loadSplat: load('v128', ...simd(wide ? 0x0a : 0x09)),
    /** One lane from memory, the others zero. */
    loadLow: load('v128', ...simd(wide ? 0x5d : 0x5c)),
    loadLane: (at: I32, x: Vector, i: number): Vector => value('v128', lift('i32', at), x.code, simd(wide ? 0x57 : 0x56), [0, 0, i]),
    madd: (a: Vector, b: Vector, c: Vector, relaxed: boolean): Vector =>
      relaxed ? value('v128', a.code, b.code, c.code, simd(wide ? 0x107 : 0x105)) : add(c, mul(a, b)),
  };
}
export const v128 = {
  load: load('v128', ...simd(0x00)),
  store: store('v128', ...simd(0x0b)),
  zero: value('v128', simd(0x0c), new Array<number>(16).fill(0)),
};

/** Lanes of a width that is only known as the module is made. */
export const vector = (dtype: Dtype) => lanes(dtype);

/** Sixteen bytes as four 32-bit or two 64-bit whole numbers, and what moves between lanes and number types. */
export const whole = {
  splat: unary('i32', 'v128', ...simd(0x11)),
  add: onTwo(0xae),
  /** Four words, each shifted by a count. */
  shiftRight: shifted(0xad),
  /** The 64-bit products of the two lower, or upper, pairs of unsigned words. */
  productsLow: onTwo(0xde),
  productsHigh: onTwo(0xdf),
  /** Of each byte the bits that are 1; bytes added; and sums of neighbours, of sixteen bytes and of eight halves. */
  ones: onOne(0x62),
  addBytes: onTwo(0x6e),
  pairsOfBytes: onOne(0x7d),
  pairsOfHalves: onOne(0x7f),
  and: onTwo(0x4e),
  or: onTwo(0x50),
  xor: onTwo(0x51),
  /** Bits of a where the mask has ones, of b elsewhere. */
  select: (a: Vector, b: Vector, mask: Vector): Vector => value('v128', a.code, b.code, mask.code, simd(0x52)),
  /** Two 64-bit lanes. */
  add64: onTwo(0xce),
  equal64: onTwo(0xd6),
  shiftLeft64: shifted(0xcb),
  shiftRight64: shifted(0xcd),
  /** Sixteen bytes by place: 0 to 15 of a, 16 to 31 of b. */
  shuffle: (a: Vector, b: Vector, places: readonly number[]): Vector => value('v128', a.code, b.code, simd(0x0d), places),
  constant: (bytes: Uint8Array): Vector => value('v128', simd(0x0c), [...bytes]),
};
/** What two numbers of 64 bits have that four of 32 do not need here. */
export const pair = {
  sqrt: onOne(0xef),
  floor: onOne(0x75),
  greater: onTwo(0x4a),
  /** The two lower of four signed words as numbers. */
  fromWords: onOne(0xfe),
  /** Two numbers of 32 bits, the upper half zero. */
  demote: onOne(0x5e),
  /** The two lower of four numbers of 32 bits. */
  promote: onOne(0x5f),
};

/** Names and types of parameters; they become locals of the same names. */
export type Signature = Readonly<Record<string, Type>>;
export type Parameters<S extends Signature> = { readonly [K in keyof S]: Local<S[K]> };
/** A function of the module under construction, to be called from others. */
export interface Func<S extends Signature> {
  readonly index: number;
  readonly signature: S;
}

/** The statements of one function. */
export class Body {
  readonly code: number[] = [];
  readonly locals: Type[] = [];
  readonly #parameters: number;

  constructor(parameters: number) {
    this.#parameters = parameters;
  }

  /** A new local, zero unless a value is given. Inside loops give one: locals live as long as the function. */
  local<T extends Type>(type: T, initial?: Value<T> | number): Local<T> {
    const index = this.#parameters + this.locals.push(type) - 1;
    const local = { type, index, code: [0x20, ...unsigned(index)] };
    if (initial !== undefined) this.set(local, initial);
    return local;
  }
  set<T extends Type>(local: Local<T>, x: Value<T> | number): void {
    this.do([...lift(local.type, x), 0x21, ...unsigned(local.index)]);
  }
  /** pointer += step */
  advance(local: Local<'i32'>, step: I32): void {
    this.set(local, i32.add(local, step));
  }
  do(...statements: Code[]): void {
    for (const statement of statements) for (const byte of statement) this.code.push(byte);
  }
  call<S extends Signature>(func: Func<S>, args: { readonly [K in keyof S]: Value<S[K]> | number }): void {
    for (const name of Object.keys(func.signature)) this.do(lift(func.signature[name]!, args[name]!));
    this.do([0x10, ...unsigned(func.index)]);
  }
  if(condition: I32, then: () => void, otherwise?: () => void): void {
    this.do(lift('i32', condition), [0x04, 0x40]);
    then();
    if (otherwise !== undefined) {
      this.do([0x05]);
      otherwise();
    }
    this.do([0x0b]);
  }
  /** do { body } while (condition()) */
  repeat(body: () => void, condition: () => I32): void {
    this.do([0x03, 0x40]);
    body();
    this.do(lift('i32', condition()), [0x0d, 0, 0x0b]);
  }
  /** for (; i < end; i += step) body(): tested before, then once per round, at its end. */
  loop(i: Local<'i32'>, end: I32, step: I32, body: () => void): void {
    this.if(i32.lt(i, end), () => {
      this.repeat(() => {
        body();
        this.advance(i, step);
      }, () => i32.lt(i, end));
    });
  }
  /** Computes a value that nobody wants, such as a load for the sake of the caches. */
  drop(x: Value<Type>): void {
    this.do(x.code, [0x1a]);
  }
  /** memory.fill and memory.copy */
  fill(at: I32, byte: I32, length: I32): void {
    this.do(lift('i32', at), lift('i32', byte), lift('i32', length), [0xfc, 11, 0]);
  }
  copy(to: I32, from: I32, length: I32): void {
    this.do(lift('i32', to), lift('i32', from), lift('i32', length), [0xfc, 10, 0, 0]);
  }
}

interface Definition {
  readonly name: string;
  readonly parameters: readonly Type[];
  readonly results: readonly Type[];
  readonly body: Body;
}

/** How a module is written down. */
export interface AssembleOptions {
  /** Engines keep the code of modules by their bytes; a note (a custom section) makes them different ones. */
  readonly note?: string;
  /** The memory is one that threads share. */
  readonly shared?: boolean;
}

/** A module that imports its memory as `env.memory` and exports all its functions. */
export class Assembly {
  readonly #functions: Definition[] = [];
  readonly #made = new Map<string, Func<Signature>>();
  #importsScratch = false;

  /** Where tiles that cannot be stored whole may lie for a moment: `env.scratch`, a place of its own for every thread. */
  get scratch(): Value<'i32'> {
    this.#importsScratch = true;
    return value('i32', [0x23, 0]);
  }

  /** A function; what `write` returns is its result. */
  func<S extends Signature>(name: string, signature: S, write: (body: Body, parameters: Parameters<S>) => Value<Type> | undefined): Func<S> {
    const types = Object.values(signature);
    const body = new Body(types.length);
    const parameters = Object.fromEntries(Object.entries(signature).map(([key, type], index) => [key, { type, index, code: [0x20, ...unsigned(index)] }]));
    const result = write(body, parameters as unknown as Parameters<S>);
    if (result !== undefined) body.do(result.code);
    this.#functions.push({ name, parameters: types, results: result === undefined ? [] : [result.type], body });
    const made = { index: this.#functions.length - 1, signature };
    this.#made.set(name, made);
    return made;
  }

  /** A function that was made before, for modules that build on another. */
  made(name: string): Func<Signature> {
    return this.#made.get(name)!;
  }

  /** The bytes of the module. */
  assemble({ note = '', shared = false }: AssembleOptions = {}): Uint8Array<ArrayBuffer> {
    const bytes = (types: readonly Type[]) => list(types.map((type) => [typeByte[type]]));
    const functions = this.#functions;
    // Any size will do; a shared memory has a maximum, so the import names the largest.
    const imports = [[...text('env'), ...text('memory'), 2, ...(shared ? [3, 0, ...unsigned(65536)] : [0, 0])]];
    if (this.#importsScratch) imports.push([...text('env'), ...text('scratch'), 3, typeByte.i32, 0]);
    return new Uint8Array([
      0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
      ...(note === '' ? [] : [0, ...unsigned(text(note).length), ...text(note)]),
      ...section(1, functions.map(({ parameters, results }) => [0x60, ...bytes(parameters), ...bytes(results)])),
      ...section(2, imports),
      ...section(3, functions.map((_, i) => unsigned(i))),
      ...section(7, functions.map(({ name }, i) => [...text(name), 0, ...unsigned(i)])),
      ...section(10, functions.map(({ body }) => {
        const code = [...list(body.locals.map((type) => [1, typeByte[type]])), ...body.code, 0x0b];
        return [...unsigned(code.length), ...code];
      })),
    ]);
  }
}
