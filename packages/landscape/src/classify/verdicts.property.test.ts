/**
 * No verdict is false (rigour.md A4, B1): every kind of objective at points of all sorts, against dense matrices that the analysis does not see.
 */
import { analyse, createPoint, type Objective } from '@lowland/core';
import { cpu, norm } from '@lowland/linalg';
import { full } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import { catalogue } from '../../test/catalogue.ts';
import { balancedLayers, balancedOf, dense, type Dense, eigenvaluesOff, orthonormalOf, spansOf } from '../../test/dense.ts';
import { pointsOf, stationaryPoints, type TestPoint } from '../../test/points.ts';
import { certify } from '../certify.ts';
import { factorsAt, pointOf } from '../factored.ts';
import type { Classification } from './classification.ts';
import { classify, type ClassifyOptions } from './classify.ts';
import type { SecondOrder } from './hessian.ts';

const backend = cpu();
const gradientTolerance = 1e-6;
/** The ways to a verdict: the whole spectrum, inertia, Lanczos, and Lanczos that may not finish. */
const ways: readonly ClassifyOptions[] = [{}, { spectrumVariables: 0 }, {}, { denseVariables: 0 }, { denseVariables: 0, lanczosSteps: 6 }];

interface Truth {
  readonly gradient: number;
  /** Least eigenvalue off the orbit, with cuts of its tangent a factor of two about 1e-8: both where it is open which one holds. */
  readonly least: readonly [number, number];
  /** Whether both cuts leave the same directions. */
  readonly certain: boolean;
  readonly eigenvalues: readonly number[];
  readonly size: number;
  /** To which they are known. */
  readonly rounding: number;
}

function truthAt(d: Dense, { x, least: apart }: Place): Truth {
  const h = d.hessian(x);
  const directions = d.directions(x);
  const spans = spansOf(directions, [2e-8, 5e-9]);
  const certain = spans[0]!.basis.length === spans[1]!.basis.length;
  const spectra = (certain ? spans.slice(0, 1) : spans).map(({ basis }) => eigenvaluesOff(basis, h));
  const least = spectra.map(([first]) => first ?? 0);
  const [eigenvalues] = spectra as [number[]];
  const size = Math.max(0, ...eigenvalues.map(Math.abs));
  const rounding = Math.max(1e-10, 4e-15 / (spans[1]!.least * apart)) * size + h.rows * h.asymmetry;
  return { gradient: norm(d.gradient(x)), least: [Math.min(...least), Math.max(...least)], certain, eigenvalues, size, rounding };
}

interface Place {
  readonly x: Float64Array;
  /** Singular vectors that made it are known to rounding over this. */
  readonly least: number;
}

/** The point where curvature is read (rigour.md B2), made without the package's own way there. */
function representative(objective: Objective<never>, d: Dense, x: Float64Array, cut: number): Place {
  const { layout } = objective;
  if (d.problem.factors === undefined) return layout.blocks.length === 1 ? orthonormalOf(x, layout.blocks[0]!.shape[1] ?? 1) : balancedLayers(x, layout.blocks.map(({ shape }) => shape as readonly [number, number]));
  const pair = factorsAt(createPoint(layout, x), d.problem.factors);
  const { left, right, least } = balancedOf(pair.left, pair.right, cut);
  return { x: pointOf(layout, d.problem.factors, { symmetric: false, left, right }).data, least };
}

/** What is wrong with a verdict; nothing, as it should be. */
function* faults(objective: Objective<never>, d: Dense, point: TestPoint, found: Classification): Generator<string> {
  const { kind, gradient, curvature, escape, symmetry } = found;
  const at = symmetry.balanced ? representative(objective, d, point.x, 0) : { x: point.x, least: 1 };
  const size = norm(d.gradient(at.x));
  const relative = gradient.scale === 0 ? (size === 0 ? 0 : Infinity) : size / gradient.scale;
  if (kind === 'not-stationary') {
    if (relative < gradientTolerance / 2) yield `not stationary, but the gradient is ${relative} of its scale`;
    return;
  }
  if (relative > 2 * gradientTolerance) yield `the gradient is ${relative} of its scale`;
  if (curvature === null) return;
  const truth = truthAt(d, at);
  const { threshold, hessianLipschitz, smallest } = curvature;
  const { rounding } = truth;
  if (truth.certain && (curvature.largest > truth.size + rounding || (curvature.spectrum !== null && curvature.largest < truth.size - rounding))) yield `the norm is ${truth.size}, not ${curvature.largest}`;
  const expected = Math.max(1e-8 * curvature.largest, Math.sqrt(hessianLipschitz * truth.gradient));
  if (Math.abs(threshold - expected) > 1e-3 * expected + 1e-7 * Math.sqrt(hessianLipschitz * gradient.scale)) yield `the threshold is ${threshold}, not ${expected}`;
  if (curvature.method === 'factor-grams') {
    const closure = representative(objective, d, point.x, 1e-10);
    const there = truthAt(d, closure);
    if (kind !== 'strict-saddle') yield 'factor-grams decide saddles alone';
    const limit = Math.max(1e-8 * there.size, Math.sqrt(d.problem.scale!.hessianLipschitz(createPoint(objective.layout, closure.x)) * there.gradient));
    if (there.least[0] >= -limit / 2) yield `the closure of the orbit has least eigenvalue ${there.least[0]}, threshold ${limit}`;
  } else {
    if (kind === 'strict-saddle' && truth.least[0] >= -threshold / 2) yield `strict saddle, but the least eigenvalue is ${truth.least[0]}, the threshold ${threshold}`;
    if (kind === 'second-order-point' && truth.least[1] < -2 * threshold) yield `second-order point, but the least eigenvalue is ${truth.least[1]}, the threshold ${threshold}`;
    if (smallest.lower !== null && smallest.lower > truth.least[1] + rounding) yield `the lower bound ${smallest.lower} is above the least eigenvalue ${truth.least[1]}`;
    if (smallest.upper < truth.least[0] - rounding) yield `the upper bound ${smallest.upper} is below the least eigenvalue ${truth.least[0]}`;
    if (curvature.morseIndex !== null && truth.certain) {
      const count = (limit: number): number => truth.eigenvalues.filter((value) => value < -limit).length;
      if (curvature.morseIndex < count(1.01 * threshold + rounding) || curvature.morseIndex > count(0.99 * threshold - rounding)) yield `the index is ${count(threshold)}, not ${curvature.morseIndex}`;
    }
    if (curvature.spectrum !== null && truth.certain) {
      const off = Math.max(0, ...curvature.spectrum.map((value, k) => Math.abs(value - truth.eigenvalues[k]!)));
      if (curvature.spectrum.length !== truth.eigenvalues.length || off > rounding) yield `the spectrum is off by ${off / truth.size} of its size, ${truth.size}; ${symmetry.dimension} orbit directions`;
    }
  }
  if ((kind === 'strict-saddle') !== (escape !== null)) yield 'strict saddles alone have an escape';
  if (escape !== null) {
    const before = d.value(point.x);
    const after = d.value(d.walk(point.x, escape.direction.data.map((entry) => escape.step * entry)));
    if (Math.abs(norm(escape.direction.data) - 1) > 1e-9) yield 'the direction of escape has not unit length';
    if (!(Math.abs(before - after - escape.decrease) <= 1e-6 * escape.decrease + 1e-8 * Math.abs(before))) yield `the value falls by ${before - after}, not ${escape.decrease}`;
  }
}

/** Where the analysis must not hesitate: exactly stationary, and the least eigenvalue well away from the threshold. */
function* hesitations(d: Dense, point: TestPoint, found: Classification, way: ClassifyOptions): Generator<string> {
  if (point.kind !== 'stationary' || found.curvature === null || found.symmetry.balanced || way.lanczosSteps !== undefined) return;
  const { least, size } = truthAt(d, { x: point.x, least: 1 });
  const { threshold } = found.curvature;
  if (least[1] < -2 * threshold - 1e-9 * size && found.kind !== 'strict-saddle') yield `least eigenvalue ${least[1]}, but ${found.kind}`;
  if (least[0] > -threshold / 2 && found.kind !== 'second-order-point' && way.denseVariables !== 0) yield `least eigenvalue ${least[0]}, but ${found.kind}`;
}

/** True gap against the certificate's. */
function* gapFaults(d: Dense, x: Float64Array, { kind, gap }: { readonly kind: string; readonly gap: number | null }, zeroValue: number): Generator<string> {
  const optimum = d.problem.truth?.optimum;
  if (optimum === undefined) return;
  const value = d.value(x);
  const trueGap = value - optimum;
  const rounding = 1e-13 * Math.max(Math.abs(value), zeroValue);
  if (kind === 'global-minimum' && trueGap > 1e-6 * Math.max(Math.abs(value), 1e-6 * zeroValue) + rounding) yield `global minimum, but the gap is ${trueGap} of ${value}`;
  if (kind !== 'global-minimum' && d.problem.target !== undefined && d.problem.factors !== undefined && trueGap <= rounding) yield `${kind} at an optimum`;
  if (gap !== null && gap < trueGap - rounding) yield `the gap ${gap} is below the true one, ${trueGap}`;
}

const seeds = Array.from({ length: full ? 24 : 3 }, (_, k) => k);

describe('no verdict is false (rigour.md A4, B1)', () => {
  it('at points of all sorts of all objectives', async () => {
    const counts = new Map<string, number>();
    const wrong: string[] = [];
    let points = 0;
    for (const seed of seeds) {
      for (const { name, objective } of catalogue(seed)) {
        using d = dense(objective);
        if (d.problem.hessianVectorProduct === undefined) continue;
        const pool = stationaryPoints(objective, d, 4, seed);
        for (const point of pointsOf(objective, d, pool, seed)) {
          // Outside of domains, and where there are no second derivatives, there is no verdict to be had.
          if (!Number.isFinite(d.value(point.x)) || !d.gradient(point.x).every(Number.isFinite) || !d.hessian(point.x).data.every(Number.isFinite)) continue;
          const way = ways[points++ % ways.length]!;
          const host = createPoint(objective.layout, point.x);
          const found = await analyse(objective as unknown as Objective<SecondOrder>, classify(way), host, backend);
          const certificate = await analyse(objective as unknown as Objective<'value'>, certify(), host, backend);
          const zeroValue = d.problem.scale?.zeroValue ?? 0;
          counts.set(found.kind, (counts.get(found.kind) ?? 0) + 1);
          counts.set(certificate.kind, (counts.get(certificate.kind) ?? 0) + 1);
          const all = [...faults(objective, d, point, found), ...hesitations(d, point, found, way), ...gapFaults(d, point.x, certificate, zeroValue)];
          for (const fault of all) wrong.push(`${name}, seed ${seed}, ${point.kind} ${point.step}, ${JSON.stringify(way)}: ${fault}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(points).toBeGreaterThanOrEqual(5000);
    for (const kind of ['global-minimum', 'strict-saddle', 'second-order-point', 'first-order-point', 'not-stationary']) expect(counts.get(kind) ?? 0).toBeGreaterThan(50);
  }, 900_000);
});
