/**
 * Asks a run's stopping rule, and keeps what a resumed run needs in order to be asked as if it had never stopped.
 */
import { decodeNumber, encodeNumber, type EncodedNumber } from './checkpoint.ts';
import type { Dtype } from './device.ts';
import type { StepResult } from './optimizer.ts';
import type { Observation, Solution, StopRule } from './run.ts';

type Verdict = ReturnType<StopRule['check']>;

/** What a decision is made on. */
interface Sight {
  /** Of value, gradient and point, at the last look. */
  readonly finite: boolean;
  readonly gradientNorm: number;
  /** What the method said at its last step. */
  readonly result: StepResult;
  readonly aborted: boolean;
  readonly dtype: Dtype;
}

const notSeen = { value: Number.NaN, gradientNorm: Number.NaN };

/** A judge in a checkpoint. */
interface EncodedJudge {
  readonly floor: EncodedNumber;
  /** Before the rule saw the observation at the checkpoint's iteration. */
  readonly memory: readonly EncodedNumber[];
  /** Whether that observation was due: then a resumed run makes it again, unrecorded. */
  readonly observed: boolean;
  /** What the method said of itself at its last step. */
  readonly said: Exclude<StepResult, void> | null;
}

export class Judge {
  verdict: Verdict;
  /** What the method said when it ended the run. */
  said: StepResult;
  /** A gradient below this is rounding error; 0 unless every absolute tolerance lies below it. */
  floor = 0;

  readonly #rule: StopRule;
  readonly #memory: number[];
  /** The memory before the last observation. */
  readonly #before: number[];
  /** The iteration of the last observation, and whether an uninterrupted run looks there too. */
  #seenAt = -1;
  #due = false;

  constructor(rule: StopRule) {
    this.#rule = rule;
    this.#memory = [...rule.memory];
    this.#before = [...rule.memory];
  }

  /** @param due whether an uninterrupted run makes this observation too */
  observe(observation: Observation, due: boolean): void {
    this.#seenAt = observation.iteration;
    this.#due = due;
    for (let i = 0; i < this.#memory.length; i++) this.#before[i] = this.#memory[i]!;
    this.verdict = this.#rule.check(observation, this.#memory);
  }

  /** Whether a budget is used up. Nothing was looked at, so the rules keep their memory. */
  askBudgets(iteration: number, seconds: number): boolean {
    this.verdict = this.#rule.check({ iteration, seconds, ...notSeen }, this.#memory);
    return this.verdict !== undefined;
  }

  /** Why the run ends here, if it does: what is not finite comes first, then a tolerance, what the method says, a budget, the floor, the signal. */
  decide({ finite, gradientNorm, result, aborted, dtype }: Sight): Solution['stop'] | undefined {
    const { verdict, floor } = this;
    if (!finite) return { reason: 'diverged', rule: 'not-finite', detail: 'The value, the gradient or the point is not finite.' };
    if (verdict?.reason === 'converged') return verdict;
    if (result) {
      this.said = result;
      return { reason: result.stop, rule: result.rule, ...(result.detail !== undefined && { detail: result.detail }) };
    }
    if (verdict !== undefined) return verdict;
    if (floor > 0 && gradientNorm <= floor) return { reason: 'stalled', rule: 'precision-floor', detail: `The gradient tolerance is below what ${dtype} can reach here, ${String(floor)}.` };
    return aborted ? { reason: 'aborted', rule: 'signal' } : undefined;
  }

  /** As plain JSON, at an iteration. */
  encode(iteration: number): EncodedJudge {
    const seen = this.#seenAt === iteration;
    const memory = seen ? this.#before : this.#memory;
    return { floor: encodeNumber(this.floor), memory: memory.map(encodeNumber), observed: seen && this.#due, said: this.said ?? null };
  }

  /** Takes over what was encoded; undefined where it does not fit this rule, else whether the observation is to be made again. */
  restore(encoded: unknown): boolean | undefined {
    if (typeof encoded !== 'object' || encoded === null) return undefined;
    const { floor: encodedFloor, memory: encodedMemory, observed, said } = encoded as { readonly [K in keyof EncodedJudge]?: unknown };
    const floor = decodeNumber(encodedFloor);
    const memory = Array.isArray(encodedMemory) ? encodedMemory.map(decodeNumber) : [];
    if (floor === undefined || memory.includes(undefined) || memory.length !== this.#memory.length || typeof observed !== 'boolean') return undefined;
    this.floor = floor;
    for (let i = 0; i < memory.length; i++) this.#memory[i] = memory[i]!;
    if (typeof said === 'object' && said !== null) this.said = said as Exclude<StepResult, void>;
    return observed;
  }
}
