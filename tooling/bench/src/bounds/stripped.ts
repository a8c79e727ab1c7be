/**
 * A module of the emitter without its arithmetic: every sum and product of 64-bit numbers, and every shuffle, becomes a `drop` of its second
 * operand. What is left is the very same code with its loads, stores, addresses and loops. Engines keep loads that nobody uses, since a
 * load may trap.
 */

/** One instruction: where it lies, with its operands, and what it does. */
interface Instruction {
  readonly at: number;
  readonly end: number;
  readonly does: 'load' | 'look' | 'store' | 'arithmetic' | 'shuffle' | 'loop' | 'open' | 'close' | 'other';
}

/** What the vector unit is given in one round of an innermost loop. */
export interface LoopCounts {
  /** Of vectors and of numbers that go to the vector unit. */
  readonly loads: number;
  readonly stores: number;
  /** Sums, products and shuffles. */
  readonly arithmetic: number;
}

/** An unsigned LEB128 number, and where it ends. */
function unsigned(code: Uint8Array, at: number): readonly [value: number, end: number] {
  let [value, scale, end] = [0, 1, at];
  for (;;) {
    const byte = code[end]!;
    end += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return [value, end];
    scale *= 128;
  }
}
const past = (code: Uint8Array, at: number, numbers: number): number => (numbers === 0 ? at : past(code, unsigned(code, at)[1], numbers - 1));

/** Instructions of the kernels over observed entries; another one is an error, not a guess. */
function instruction(code: Uint8Array, at: number): Instruction {
  const opcode = code[at]!;
  const is = (does: Instruction['does'], end = at + 1): Instruction => ({ at, end, does });
  if (opcode === 0xfd) return vectorInstruction(code, at);
  if (opcode === 0x03) return is('loop', at + 2);
  if (opcode === 0x04) return is('open', at + 2);
  if (opcode === 0x0b) return is('close');
  if (opcode === 0x01 || opcode === 0x05 || opcode === 0x1a) return is('other');
  if (opcode === 0x0d || (opcode >= 0x20 && opcode <= 0x22) || opcode === 0x41) return is('other', past(code, at + 1, 1));
  // Indices and pointers do not go to the vector unit.
  if (opcode === 0x28) return is('look', past(code, at + 1, 2));
  if (opcode === 0x2a || opcode === 0x2b) return is('load', past(code, at + 1, 2));
  if (opcode >= 0x36 && opcode <= 0x39) return is('store', past(code, at + 1, 2));
  if (opcode === 0x44) return is('other', at + 9);
  if (opcode >= 0x45 && opcode <= 0x78) return is('other');
  if (opcode >= 0xa0 && opcode <= 0xa3) return is('arithmetic');
  throw new Error(`An instruction 0x${opcode.toString(16)} that nobody expected, at ${String(at)}.`);
}

function vectorInstruction(code: Uint8Array, at: number): Instruction {
  const [opcode, after] = unsigned(code, at + 1);
  const is = (does: Instruction['does'], end = after): Instruction => ({ at, end, does });
  if (opcode <= 0x0a || opcode === 0x5c || opcode === 0x5d) return is('load', past(code, after, 2));
  if (opcode === 0x0b) return is('store', past(code, after, 2));
  if (opcode === 0x0c) return is('other', after + 16);
  if (opcode === 0x0d) return is('shuffle', after + 16);
  if (opcode === 0x21) return is('other', after + 1);
  if (opcode >= 0xf0 && opcode <= 0xf3) return is('arithmetic');
  throw new Error(`A vector instruction 0x${opcode.toString(16)} that nobody expected, at ${String(at)}.`);
}

/** The instructions of all functions of a module of `Assembly`. */
function instructionsOf(module: Uint8Array): readonly Instruction[] {
  const found: Instruction[] = [];
  for (let at = 8; at < module.length;) {
    const id = module[at];
    const [size, content] = unsigned(module, at + 1);
    at = content + size;
    if (id !== 10) continue;
    let [functions, from] = unsigned(module, content);
    for (; functions > 0; functions -= 1) {
      const [length, body] = unsigned(module, from);
      from = body + length;
      const [groups, locals] = unsigned(module, body);
      let next = locals;
      for (let group = 0; group < groups; group += 1) next = unsigned(module, next)[1] + 1;
      while (next < from) {
        const one = instruction(module, next);
        found.push(one);
        next = one.end;
      }
    }
  }
  return found;
}

/** The module without arithmetic, of the same length. */
export function stripped(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(module);
  const [drop, nop] = [0x1a, 0x01];
  for (const { at, end, does } of instructionsOf(module)) {
    if (does === 'arithmetic' || does === 'shuffle') bytes.fill(nop, at, end).fill(drop, at, at + 1);
  }
  return bytes;
}

/** Loads, stores and arithmetic in one round of each innermost loop, in the order of the code. */
export function innermostLoops(module: Uint8Array): readonly LoopCounts[] {
  const found: LoopCounts[] = [];
  /** Open blocks; of a loop what it has counted, until one inside of it shows that it is no innermost one. */
  const open: ({ loads: number; stores: number; arithmetic: number } | undefined)[] = [];
  for (const { does } of instructionsOf(module)) {
    if (does === 'loop') {
      open.fill(undefined).push({ loads: 0, stores: 0, arithmetic: 0 });
    } else if (does === 'open') {
      open.push(undefined);
    } else if (does === 'close') {
      const loop = open.pop();
      if (loop !== undefined) found.push(loop);
    } else {
      const loop = open.findLast((each) => each !== undefined);
      if (loop === undefined || does === 'other' || does === 'look') continue;
      if (does === 'load') loop.loads += 1;
      else if (does === 'store') loop.stores += 1;
      else loop.arithmetic += 1;
    }
  }
  return found;
}
