/**
 * What happens between two inner solves of `solveToCertificate`: compress, estimate, certify, and say where to go on.
 */
import { streamKey, type Capability, type Factors, type Lift, type Lifted, type Objective, type Point, type Problem } from '@lowland/core';
import { joinColumns } from '@lowland/linalg';

import { isProved, relativeGapOf, type Certificate } from './certificate.ts';
import { certificateOf } from './certify.ts';
import { compress } from './compress.ts';
import { convexBound } from './dual-bound.ts';
import { estimateExtreme, findEscapes, scaleEscapes, type Escapes } from './escape.ts';
import { balancedFactors, columnsOf, factorsAt, pointOf, productSvd, type ThinProduct } from './factored.ts';
import { factoredGradientNorm, gradientImages, zeroValueOf, type LiftedProblem } from './lifted-point.ts';
import { proximalStep } from './proximal.ts';

/** What the algorithm needs an objective to offer. */
export type Growing = 'lift' | 'factors' | 'grow';

/** A point after an inner solve, compressed, with what is known there. */
export interface Assessment {
  readonly product: ThinProduct;
  readonly lifted: Lifted;
  readonly value: number;
  readonly gradientNorm: number;
  readonly escapes: Escapes;
  /** From Ritz values: decides whether a proof is worth trying, claims nothing. */
  readonly estimatedGap: number;
}

/** An objective bound at one rank. */
export class Stage {
  readonly problem: LiftedProblem;
  readonly #grow: Problem<Growing>['grow'];
  readonly #seed: number;

  constructor({ layout, lift, factors, grow }: Problem<Growing>, seed: number) {
    this.problem = { layout, factors, lift, rank: columnsOf(layout, factors) };
    this.#grow = grow;
    this.#seed = seed;
  }

  get lift(): Lift {
    return this.problem.lift;
  }

  get factors(): Factors {
    return this.problem.factors;
  }

  objectiveOfRank(rank: number): Objective<Capability> {
    return this.#grow.objective(rank);
  }

  /** The point of a product; its rank is the number of columns, at least 1. */
  pointOf(product: ThinProduct): Point {
    return pointOf(this.problem.layout, this.factors, balancedFactors(product, Math.max(1, product.s.length)));
  }

  valueOf(point: Point): number {
    return this.lift.at(point).value;
  }

  assess(point: Point, round: number, effort: number): Assessment {
    const { lift } = this;
    const { product, lifted } = compress(this.problem, productSvd(factorsAt(point, this.factors)));
    const images = gradientImages(lift, lifted, product);
    const room = Math.min(lift.rows, lift.cols) - product.s.length;
    const most = Math.min(room, Math.max(1, product.s.length));
    const escapes = findEscapes(lift, lifted, product, most, effort, streamKey(this.#seed, 'escape', round));
    const bound = convexBound(lift, lifted, estimateExtreme(lift, product, images, escapes.largest));
    const gap = isProved(bound) ? Math.max(0, lifted.value - bound.lowerBound) + bound.slack : Infinity;
    return {
      product,
      lifted,
      value: lifted.value,
      gradientNorm: factoredGradientNorm(lift.penalty, product, images),
      escapes,
      estimatedGap: relativeGapOf(gap, lifted.value, zeroValueOf(this.problem, lifted)),
    };
  }

  /** The proof, at the compressed point as this stage's objective sees it. */
  certify({ product, lifted, value }: Assessment, tolerance: number, round: number): Certificate {
    const point = pointOf(this.problem.layout, this.factors, balancedFactors(product, this.problem.rank));
    const claim = { value, zeroValue: zeroValueOf(this.problem, lifted), tolerance };
    // A stream for each round: where a round starts may depend on how the proof of the one before went.
    return certificateOf(this.problem, point, claim, streamKey(this.#seed, 'certify', round));
  }

  /** X with its escapes appended at their best common scale, and by how much the value falls. */
  append({ product, escapes }: Assessment): { product: ThinProduct; decrease: number } {
    const { triples, decrease } = scaleEscapes(this.problem, escapes.triples);
    const u = joinColumns(product.u, triples.u);
    return {
      product: {
        symmetric: product.symmetric,
        u,
        s: Float64Array.of(...product.s, ...triples.s),
        v: product.symmetric ? u : joinColumns(product.v, triples.v),
      },
      decrease,
    };
  }

  proximal({ product, lifted }: Assessment, round: number): ThinProduct {
    const most = 2 * product.s.length + 20;
    return proximalStep(this.lift, lifted, product, most, streamKey(this.#seed, 'proximal', round));
  }
}
