/**
 * The oracles of a factored problem, put together from the fit and its terms: value, gradients, Hessian-vector product, residual.
 */
import { LowlandError, type CapabilityMap, type Device, type Layout, type Memory, type Vec } from '@lowland/core';

import { balanceTerm } from './balance.ts';
import type { Fit, FitWithResidual } from './fit.ts';
import { incoherenceTerm } from './incoherence.ts';
import { linearTerm } from './linear-term.ts';
import { factorNames, type FactoredProblem } from './problem.ts';
import { ridgeTerm } from './ridge.ts';
import { newVector, type Side, type Term } from './term.ts';
import type { Curvatures } from './wide-curvature.ts';

/** What the fit and the terms give; `residual` only where the fit is composed. */
export type Oracles = Pick<CapabilityMap, 'value' | 'gradient' | 'valueAndGradient' | 'hessianVectorProduct' | 'blockGradient'>;

/** The oracles on a device, made of either fit. */
export function bindOracles(problem: FactoredProblem, fit: Fit, terms: readonly Term[], device: Device, memory: Memory): Oracles {
  const { dot } = device.kernels;
  const parts = [fit, ...terms];
  const sums = memory.vector(parts.length);
  const weights = newVector(device, memory, Float64Array.from(parts, (part) => part.weight));

  /** After the fit has written its sum, value[0] = sum of weight * s: one slot is written, whatever the length of `value`. */
  const finishValue = (x: Vec, value: Vec): void => {
    for (let slot = 1; slot < parts.length; slot++) terms[slot - 1]!.sum(x, sums, slot);
    dot(weights, sums, value, 0);
  };
  const prepare = (x: Vec): void => {
    for (const term of terms) term.prepare(x);
  };
  const addGradients = (x: Vec, side: Side, out: Vec): void => {
    for (const term of terms) term.gradient(x, side, out);
  };
  const gradient = (x: Vec, side: Side, out: Vec): void => {
    fit.gradient(x, side, out);
    prepare(x);
    addGradients(x, side, out);
  };

  return {
    value(x, out) {
      fit.value(x, sums, 0);
      prepare(x);
      finishValue(x, out);
    },
    gradient(x, out) {
      gradient(x, 'both', out);
    },
    valueAndGradient(x, value, out) {
      fit.valueAndGradient(x, sums, 0, out);
      prepare(x);
      finishValue(x, value);
      addGradients(x, 'both', out);
    },
    hessianVectorProduct(x, v, out) {
      fit.curvature(x, v, out);
      prepare(x);
      for (const term of terms) term.curvature(x, v, out);
    },
    blockGradient(x, block, out) {
      gradient(x, sideOf(problem, block), out);
    },
  };
}

/** Products of the Hessian with several directions, of a fit that shares its work among them. */
export function bindProducts(curvatures: Curvatures, terms: readonly Term[], device: Device): CapabilityMap['hessianVectorProducts'] {
  return (x, directions, out) => {
    curvatures(x, directions, out);
    for (const term of terms) {
      term.prepare(x);
      for (let from = 0; from < out.length; from += x.length) term.curvature(x, device.view(directions, from, x.length), device.view(out, from, x.length));
    }
  };
}

/** The terms beside the fit. */
export function bindTerms(problem: FactoredProblem, device: Device, memory: Memory): readonly Term[] {
  const terms: Term[] = [];
  if (problem.ridge > 0) terms.push(ridgeTerm(problem, device));
  if (problem.balance > 0) terms.push(balanceTerm(problem, device, memory));
  if (problem.incoherence !== undefined) terms.push(incoherenceTerm(problem, problem.incoherence, device, memory));
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

/** The residuals of the fit and the terms one after another: f = 1/2 |r|^2 where every term is a sum of squares. */
export function bindResidual(fit: FitWithResidual, terms: readonly Term[], device: Device): CapabilityMap['residual'] {
  const parts = [fit, ...terms].flatMap(({ residual }, k) => (residual === undefined ? [] : [{ name: String(k), residual }]));
  const layout: Layout = { blocks: parts.map(({ name, residual }) => ({ name, shape: residual.shape })) };
  return {
    degree: 2,
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
