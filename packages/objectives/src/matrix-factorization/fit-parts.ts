import { LowlandError, type DataMap } from '@lowland/core';

import { requireLength } from '../factored/checks.ts';
import type { LinearMap } from '../factored/linear-map.ts';
import { chosenLoss, measuredLoss, type ChosenLoss, type LossOption } from '../factored/loss-option.ts';
import type { MeasuredLoss } from '../factored/loss.ts';
import { observationsOf, type Observations } from '../matrix-completion/observations.ts';
import { samplingMap } from '../matrix-completion/sampling-map.ts';
import { identityMap } from './identity-map.ts';

/** How a matrix is fitted: all of it in least squares, or with weights or another loss. Weighted entries are observed ones: 0 means unobserved. */
export interface FitParts extends Pick<ChosenLoss, 'recorded' | 'summary'> {
  readonly map: LinearMap;
  readonly data: Float64Array;
  readonly loss: MeasuredLoss | undefined;
  /** The entries of positive weight with their weights; absent without weights. */
  readonly observations: Observations | undefined;
  /** Least squares without weights. */
  readonly plain: boolean;
}

/** @throws as `matrixFactorization` for weights and losses */
export function fitOf({ rows, cols, values }: DataMap['matrix'], weights: Float64Array | undefined, option: LossOption | undefined): FitParts {
  const { psi, recorded, summary } = chosenLoss(option);
  if (weights === undefined) {
    const loss = psi && measuredLoss(psi, undefined, values);
    return { map: identityMap(rows, cols), data: values, loss, observations: undefined, plain: psi === undefined, recorded, summary };
  }
  requireLength('The weights', weights.length, values.length);
  const cells = Int32Array.from(values, (_, k) => k);
  const observations = observationsOf({ rows, cols, row: cells.map((k) => Math.floor(k / cols)), col: cells.map((k) => k % cols), values, weights });
  const { values: observed } = observations;
  const w = observations.weights!;
  const loss = psi && measuredLoss(psi, w, observed);
  return {
    map: samplingMap(psi === undefined ? observations : { ...observations, weights: undefined }),
    data: psi === undefined ? observed.map((value, e) => Math.sqrt(w[e]!) * value) : observed,
    loss,
    observations,
    plain: false,
    recorded,
    summary,
  };
}

/** @throws LOWLAND_E_OPTIONS for gradients by Gram matrices, which are of least squares without weights */
export function requirePlainFit({ plain }: FitParts): void {
  if (plain) return;
  throw new LowlandError('LOWLAND_E_OPTIONS', 'gramFarFromOptimum is for least squares without weights. Leave it out.');
}
