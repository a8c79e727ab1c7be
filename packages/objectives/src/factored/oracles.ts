/**
 * The oracles of a factored problem, put together from its terms: value, gradients, Hessian-vector product, residual.
 */
import { LowlandError, type CapabilityMap, type Device, type Layout, type Memory, type Vec } from '@lowland/core';

import { balanceTerm } from './balance.ts';
import { fitTerm } from './fit.ts';
import { linearTerm } from './linear-term.ts';
import { factorNames, type FactoredProblem } from './problem.ts';
import { ridgeTerm } from './ridge.ts';
import { newVector, type Side, type Term } from './term.ts';

export type Oracles = Pick<CapabilityMap, 'value' | 'gradient' | 'valueAndGradient' | 'hessianVectorProduct' | 'blockGradient' | 'residual'>;

/** The oracles on a device, `data` uploaded. With a linear term f is no sum of squares and `residual` is not offered. */
export function bindOracles(problem: FactoredProblem, data: Vec, device: Device, memory: Memory): Oracles {
  const terms = termsOf(problem, data, device, memory);
  const { dot } = device.kernels;
  const sums = memory.vector(terms.length);
  const weights = newVector(device, memory, Float64Array.from(terms, (term) => term.weight));

  const prepare = (x: Vec): void => {
    for (const term of terms) term.prepare(x);
  };
  /** value[0] = sum of weight * s: one slot is written, whatever the length of `value`. */
  const writeValue = (x: Vec, value: Vec): void => {
    for (let slot = 0; slot < terms.length; slot++) terms[slot]!.sum(x, sums, slot);
    dot(weights, sums, value, 0);
  };
  const writeGradient = (x: Vec, side: Side, out: Vec): void => {
    for (const term of terms) term.gradient(x, side, out);
  };

  return {
    value(x, out) {
      prepare(x);
      writeValue(x, out);
    },
    gradient(x, out) {
      prepare(x);
      writeGradient(x, 'both', out);
    },
    valueAndGradient(x, value, gradient) {
      prepare(x);
      writeValue(x, value);
      writeGradient(x, 'both', gradient);
    },
    hessianVectorProduct(x, v, out) {
      prepare(x);
      for (const term of terms) term.curvature(x, v, out);
    },
    blockGradient(x, block, out) {
      const side = sideOf(problem, block);
      prepare(x);
      writeGradient(x, side, out);
    },
    residual: stackResiduals(terms, device),
  };
}

function termsOf(problem: FactoredProblem, data: Vec, device: Device, memory: Memory): readonly Term[] {
  const terms = [fitTerm(problem, data, device, memory)];
  if (problem.ridge > 0) terms.push(ridgeTerm(problem, device));
  if (problem.balance > 0) terms.push(balanceTerm(problem, device, memory));
  if (problem.linear !== undefined) terms.push(linearTerm(problem, problem.linear, device, memory));
  return terms;
}

/** @throws LOWLAND_E_BLOCK when the problem has no such factor. */
export function sideOf(problem: FactoredProblem, block: string): Side {
  const [left, right] = factorNames(problem);
  if (block !== left && block !== right) {
    throw new LowlandError('LOWLAND_E_BLOCK', `No factor "${block}" in this problem; it has ${[...new Set([left, right])].join(' and ')}.`, {
      details: { block },
    });
  }
  return left === right ? 'both' : block === left ? 'left' : 'right';
}

/** The residuals of the terms one after another, so that f = 1/2 |r|^2 with nothing left out. */
function stackResiduals(terms: readonly Term[], device: Device): Oracles['residual'] {
  const parts = terms.flatMap((term, k) => (term.residual === undefined ? [] : [{ name: String(k), residual: term.residual }]));
  const layout: Layout = { blocks: parts.map(({ name, residual }) => ({ name, shape: residual.shape })) };
  return {
    length: parts.reduce((sum, { residual }) => sum + residual.shape[0] * residual.shape[1], 0),
    evaluate(x, out) {
      const blocks = device.blocks(out, layout);
      for (const { name, residual } of parts) residual.evaluate(x, blocks[name]!);
    },
    jvp(x, v, out) {
      const blocks = device.blocks(out, layout);
      for (const { name, residual } of parts) residual.jvp(x, v, blocks[name]!);
    },
    vjp(x, w, out) {
      const blocks = device.blocks(w, layout);
      device.kernels.fill(out, 0);
      for (const { name, residual } of parts) residual.vjp(x, blocks[name]!, out);
    },
  };
}
