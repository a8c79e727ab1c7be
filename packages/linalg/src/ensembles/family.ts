/**
 * What families of factored problems differ in: the residual and its products; and what they have in common, the value and the gradient.
 */
import { balanceOn } from './balance.ts';
import { variablesOf } from './contract.ts';
import { type Heap, packed, type Places } from './heap.ts';
import type { Round } from './rounding.ts';

/** Sizes of one problem. */
export interface Shape {
  readonly symmetric: boolean;
  readonly rows: number;
  readonly cols: number;
  readonly rank: number;
}

/** The points on the heap, and where their gradients go: entry (i, a) of U and of V. Where symmetric left is right. */
export interface Point {
  readonly left: Places;
  readonly right: Places;
  readonly leftSlope: Places;
  readonly rightSlope: Places;
}

/** The residuals of problems, as many as there are lanes, on the host. */
export interface Family {
  /** Takes the data of problem k into a lane. */
  select(lane: number, k: number): void;
  /** The products of the residuals that the gradients are multiples of: that in V, and where not symmetric that in U. Gives the place of |rho|^2, which stays until the next sum. */
  evaluate(point: Point): number;
  /** What the multiple is of w, or of 2 w where symmetric; default 1. */
  readonly slopeFactor?: number;
}

/** Weight, ridge and balance of one problem. */
export interface Coefficients {
  readonly weight: number;
  readonly ridge: number;
  readonly balance: number;
}

/** Which terms the problems have that move side by side: all the same ones. */
export interface Terms {
  readonly ridge: boolean;
  readonly balance: boolean;
}

/**
 * f, |grad f| and the gradient of the runs side by side, term by term:
 *
 *     value     ((w/2) |rho|^2 + (l/2) |x|^2) + c |B|^2
 *     gradient  (slope products + l x) + 4 c U B, - 4 c V B
 *
 * B = U^T U - V^T V as in `balance.ts`. Terms whose factor is 0 are left out. Squares are summed as `Heap.squares` does; |grad f| is the root of such a sum.
 */
export class Evaluator {
  readonly #heap: Heap;
  readonly #family: Family;
  readonly #round: Round;
  readonly #variables: number;
  readonly #slopeFactor: number;
  /** The points, `variables` items, and their gradients. */
  readonly x: number;
  readonly g: number;
  /** Items of factors: of the products, of the ridge, of both sides of the balance. */
  readonly #factors: readonly [slope: number, ridge: number, left: number, right: number];
  readonly #point: Point;
  readonly #balanced: ReturnType<typeof balanceOn> | undefined;
  readonly #coefficients: Coefficients[];
  readonly #values: Float64Array;

  constructor(family: Family, shape: Shape, heap: Heap, round: Round) {
    const { symmetric, rows, rank } = shape;
    const variables = variablesOf(shape);
    const split = symmetric ? 0 : rows * rank * heap.lanes;
    [this.#heap, this.#family, this.#round, this.#variables] = [heap, family, round, variables];
    [this.x, this.g] = [heap.place(variables), heap.place(variables)];
    this.#factors = [heap.place(1), heap.place(1), heap.place(1), heap.place(1)];
    this.#point = { left: packed(this.x, rank), right: packed(this.x + split, rank), leftSlope: packed(this.g, rank), rightSlope: packed(this.g + split, rank) };
    this.#balanced = symmetric ? undefined : balanceOn(heap, shape, this.#point);
    this.#slopeFactor = (symmetric ? 2 : 1) * (family.slopeFactor ?? 1);
    this.#coefficients = new Array<Coefficients>(heap.lanes).fill({ weight: 1, ridge: 0, balance: 0 });
    this.#values = new Float64Array(heap.lanes);
  }

  /** Takes problem k into a lane. */
  select(lane: number, k: number, coefficients: Coefficients): void {
    const { weight, ridge, balance } = coefficients;
    this.#family.select(lane, k);
    this.#coefficients[lane] = coefficients;
    [weight * this.#slopeFactor, ridge, 4 * balance, -4 * balance].forEach((factor, i) => { this.#heap.numbers[this.#factors[i]! + lane] = factor; });
  }

  /** Takes the point of a lane. */
  put(lane: number, x: Float64Array): void {
    const { numbers, lanes } = this.#heap;
    for (let k = 0, p = this.x + lane; k < x.length; k++, p += lanes) numbers[p] = x[k]!;
  }

  /** Gives the point of a lane. */
  get(lane: number, x: Float64Array): void {
    const { numbers, lanes } = this.#heap;
    for (let k = 0, p = this.x + lane; k < x.length; k++, p += lanes) x[k] = numbers[p]!;
  }

  /** All lanes. */
  evaluate(terms: Terms): void {
    const [heap, round, coefficients, values] = [this.#heap, this.#round, this.#coefficients, this.#values];
    const [slope, ridges, left, right] = this.#factors;
    const { numbers, lanes } = heap;
    let sum = this.#family.evaluate(this.#point);
    for (let lane = 0; lane < lanes; lane++) values[lane] = round(round(coefficients[lane]!.weight / 2) * numbers[sum + lane]!);
    heap.scale(slope, this.g, this.#variables);
    if (terms.ridge) {
      sum = heap.squares(this.x, this.#variables);
      for (let lane = 0; lane < lanes; lane++) values[lane] = round(values[lane]! + round(round(coefficients[lane]!.ridge / 2) * numbers[sum + lane]!));
      heap.addScaled(ridges, this.x, this.g, this.#variables);
    }
    if (terms.balance && this.#balanced !== undefined) {
      sum = this.#balanced([left, right]);
      for (let lane = 0; lane < lanes; lane++) values[lane] = round(values[lane]! + round(coefficients[lane]!.balance * numbers[sum + lane]!));
    }
    this.#sizes = heap.squares(this.g, this.#variables);
  }
  #sizes = 0;

  /** Value and size of the gradient of a lane. */
  take(lane: number, out: { value: number; gradientNorm: number }): void {
    out.value = this.#values[lane]!;
    out.gradientNorm = this.#round(Math.sqrt(this.#heap.numbers[this.#sizes + lane]!));
  }

  /** Gives the gradient of a lane. */
  takeGradient(lane: number, gradient: Float64Array): void {
    const { numbers, lanes } = this.#heap;
    for (let k = 0, p = this.g + lane; k < gradient.length; k++, p += lanes) gradient[k] = numbers[p]!;
  }
}
