/**
 * The live state of a method as plain JSON and back.
 *
 * Vectors are base64 of little-endian f64. JSON has no -0, NaN or infinity, so these numbers are tagged. A vector that
 * stands in two slots is written once and named afterwards, so that it is one vector again after a resume.
 */
import { decodeNumbers, encodeNumbers } from './bytes.ts';
import type { Device, MaybePromise, Memory, Vec } from './device.ts';
import { LowlandError } from './errors.ts';
import type { Slot, State } from './optimizer.ts';
import { isPromise } from './promise.ts';
import type { Checkpoint, Named } from './run.ts';

export type EncodedNumber = number | { readonly number: '-0' | 'NaN' | 'Infinity' | '-Infinity' };
export type EncodedSlot = EncodedNumber | string | boolean | { readonly vector: string } | { readonly same: number } | readonly EncodedSlot[];

/** A state with its vectors read: what must be taken before the memory is freed. Encoding can wait. */
export interface Captured {
  readonly slots: Readonly<Record<string, Slot>>;
  readonly numbers: ReadonlyMap<Vec, Float64Array>;
}

const isVec = (slot: unknown): slot is Vec => typeof slot === 'object' && slot !== null && '~vec' in slot;

function vectorsIn(slot: Slot, found: Set<Vec>): Set<Vec> {
  if (isVec(slot)) found.add(slot);
  else if (Array.isArray(slot)) for (const part of slot as readonly Slot[]) vectorsIn(part, found);
  return found;
}

/** Arrays are copied, so that the run may go on. */
const frozen = (slot: Slot): Slot => (Array.isArray(slot) ? (slot as readonly Slot[]).map(frozen) : slot);

async function settle(reads: readonly MaybePromise<Float64Array>[]): Promise<Float64Array[]> {
  const numbers: Float64Array[] = [];
  for (const read of reads) numbers.push(await read);
  return numbers;
}

/** Reads every vector of a state once; the reads are asked for together. */
export function capture(state: State, device: Device): MaybePromise<Captured> {
  const entries = Object.entries(state).filter((entry): entry is [string, Slot] => entry[1] !== undefined);
  const slots = Object.fromEntries(entries.map(([name, slot]) => [name, frozen(slot)]));
  const vectors = [...vectorsIn(Object.values(slots), new Set())];
  const reads = vectors.map((vector) => device.read(vector));
  const captured = (numbers: readonly Float64Array[]): Captured => ({ slots, numbers: new Map(numbers.map((read, i) => [vectors[i]!, read])) });
  return reads.some(isPromise) ? settle(reads).then(captured) : captured(reads as Float64Array[]);
}

export function encodeNumber(x: number): EncodedNumber {
  if (Object.is(x, -0)) return { number: '-0' };
  return Number.isFinite(x) ? x : { number: String(x) as 'NaN' };
}

const tagged: readonly unknown[] = ['-0', 'NaN', 'Infinity', '-Infinity'];

export function decodeNumber(encoded: unknown): number | undefined {
  if (typeof encoded === 'number') return encoded;
  return typeof encoded === 'object' && encoded !== null && 'number' in encoded && tagged.includes(encoded.number) ? Number(encoded.number) : undefined;
}

/**
 * The slots as JSON.
 *
 * @throws LOWLAND_E_STATE when a slot holds something else than numbers, texts, flags, device vectors and lists of them
 */
export function encodeState({ slots, numbers }: Captured): Record<string, EncodedSlot> {
  const written: Vec[] = [];
  const encode = (slot: Slot, name: string): EncodedSlot => {
    if (typeof slot === 'number') return encodeNumber(slot);
    if (typeof slot === 'string' || typeof slot === 'boolean') return slot;
    if (Array.isArray(slot)) return (slot as readonly Slot[]).map((part) => encode(part, name));
    if (!isVec(slot)) {
      throw new LowlandError('LOWLAND_E_STATE', `The slot "${name}" of the method's state holds what no checkpoint can keep. Use numbers, texts, flags, device vectors and lists of them.`);
    }
    const same = written.indexOf(slot);
    if (same >= 0) return { same };
    written.push(slot);
    return { vector: encodeNumbers(numbers.get(slot)!) };
  };
  return Object.fromEntries(Object.entries(slots).map(([name, slot]) => [name, encode(slot, name)]));
}

function corrupt(what: string): LowlandError {
  return new LowlandError('LOWLAND_E_CHECKPOINT', `The checkpoint is damaged: ${what}. Start a new run, or use another checkpoint.`);
}

/**
 * Puts encoded slots into a freshly started state. Vectors of the right length are written where they are; others are
 * new, from `memory`.
 *
 * @throws LOWLAND_E_CHECKPOINT when the encoding is damaged
 */
export function decodeState(encoded: unknown, state: State, device: Device, memory: Memory): void {
  if (typeof encoded !== 'object' || encoded === null || Array.isArray(encoded)) throw corrupt('its state is no record');
  const restored: Vec[] = [];
  const decode = (given: unknown, present: Slot | undefined): Slot => {
    if (typeof given === 'string' || typeof given === 'boolean') return given;
    const number = decodeNumber(given);
    if (number !== undefined) return number;
    if (Array.isArray(given)) return given.map((part, i) => decode(part, Array.isArray(present) ? (present as readonly Slot[])[i] : undefined));
    if (typeof given === 'object' && given !== null && 'same' in given) {
      const same = restored.at(Number.isInteger(given.same) ? (given.same as number) : restored.length);
      if (same === undefined) throw corrupt('a slot names a vector that is not there');
      return same;
    }
    const text = typeof given === 'object' && given !== null && 'vector' in given ? given.vector : undefined;
    const numbers = typeof text === 'string' ? decodeNumbers(text) : undefined;
    if (numbers === undefined) throw corrupt('a slot holds no number, text, flag or vector');
    const fits = isVec(present) && present.length === numbers.length && !restored.includes(present);
    const vector = fits ? present : memory.vector(numbers.length);
    device.write(vector, numbers);
    restored.push(vector);
    return vector;
  };
  const length = state.point.length;
  for (const name of Object.keys(state)) {
    if (!Object.hasOwn(encoded, name)) state[name] = undefined;
  }
  for (const [name, slot] of Object.entries(encoded)) state[name] = decode(slot, state[name]);
  if (!isVec(state.point) || state.point.length !== length) throw corrupt(`its point does not have ${String(length)} numbers`);
}

/** JSON with sorted keys, to compare options. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/**
 * Refuses a checkpoint of another run. An initialiser is compared where one is named now: a run may go on without.
 *
 * @throws LOWLAND_E_CHECKPOINT when format, objective, data, optimizer, initialiser, an option or the number type differ
 */
export function checkSameRun(checkpoint: Checkpoint, now: Pick<Checkpoint, 'objective' | 'optimizer' | 'init' | 'dtype'>): void {
  const refuse = (what: string, was: unknown, is: unknown): never => {
    throw new LowlandError(
      'LOWLAND_E_CHECKPOINT',
      `This checkpoint cannot go on here: its ${what} is ${canonical(was)}, that of this run is ${canonical(is)}.`,
      { details: { what, checkpoint: was, run: is } },
    );
  };
  const format: unknown = (checkpoint as { readonly format?: unknown } | undefined)?.format;
  if (format !== 1) refuse('format', format, 1);
  for (const kind of ['objective', 'optimizer'] as const) {
    const was: Named = checkpoint[kind];
    const is = now[kind];
    if (was.id !== is.id) refuse(kind, was.id, is.id);
    if (canonical(was.options) !== canonical(is.options)) refuse(`${kind}'s options`, was.options, is.options);
    if (was.data !== is.data) refuse(`${kind}'s data (SHA-256)`, was.data, is.data);
  }
  if (now.init !== undefined && canonical(checkpoint.init ?? null) !== canonical(now.init)) refuse('start', checkpoint.init ?? 'another', now.init);
  if (checkpoint.dtype !== now.dtype) refuse('number type', checkpoint.dtype, now.dtype);
}
