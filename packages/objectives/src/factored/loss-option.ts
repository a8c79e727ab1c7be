/** The loss as an option: `{ id, options }`, or the bare id at its defaults. */
import { number, options, parseOptions, part } from '@lowland/core';

import { huber, logistic, poisson, poissonIdentity, requireData, type DataLoss, type MeasuredLoss } from './loss.ts';

const losses = [
  { id: 'least-squares', summary: '1/2 r^2, r = a(X) - b', options: options({}) },
  {
    id: 'huber',
    summary: '1/2 r^2 up to delta, delta (|r| - delta/2) beyond: data with outliers',
    options: options({ delta: number({ above: 0, default: 1, summary: 'residual from which on the loss is linear' }) }),
  },
  { id: 'logistic', summary: 'log(1 + e^z) - b z for labels b = 0, 1: one-bit data', options: options({}) },
  { id: 'poisson', summary: 'e^z - b z for counts b with mean e^z', options: options({}) },
  {
    id: 'poisson-identity',
    summary: 'z - b log(z + beta) for counts b with mean z + beta; infinite for z < -beta',
    options: options({ beta: number({ above: 0, default: 0.1, summary: 'what is added to z' }) }),
  },
] as const;

/** The option as schemas have it. */
export const lossOption = part(losses, { default: 'least-squares', summary: 'what is summed over the measurements z = a(X) with data b' });

/** What `loss` may be. */
export type LossOption =
  | 'least-squares'
  | 'huber'
  | 'logistic'
  | 'poisson'
  | 'poisson-identity'
  | { readonly id: 'least-squares' | 'logistic' | 'poisson'; readonly options?: object }
  | { readonly id: 'huber'; readonly options?: { readonly delta?: number } }
  | { readonly id: 'poisson-identity'; readonly options?: { readonly beta?: number } };

type IdOf<L> = L extends { readonly id: infer I } ? I : L;

/** `Yes` where the options O have no loss or name least squares, `No` for another that they name; a loss not known at compile time promises neither. */
export type WhenLeastSquares<O, Yes, No = never> = O extends { readonly loss: infer L }
  ? [IdOf<L>] extends ['least-squares']
    ? Yes
    : 'least-squares' extends IdOf<L>
      ? never
      : No
  : Yes;

/** `Yes` where the loss that the options O name, if any, has bounded curvature. */
export type WhenSmooth<O, Yes> = O extends { readonly loss: infer L } ? ([Extract<IdOf<L>, 'poisson' | 'poisson-identity'>] extends [never] ? Yes : never) : Yes;

const schema = options({ loss: lossOption });

/** The loss of a problem; undefined: least squares. */
export interface ChosenLoss {
  readonly psi: DataLoss | undefined;
  /** As it is recorded among the options of an objective: nothing for least squares. */
  readonly recorded: { readonly loss?: { readonly id: string; readonly options: object } };
  /** `1/2 sum of r^2` and the like, for the scale of an objective. */
  readonly summary: string;
}

/** @throws LOWLAND_E_OPTIONS for a loss that is none of the list, or bad options of one */
export function chosenLoss(given: LossOption = 'least-squares'): ChosenLoss {
  const { loss } = parseOptions(schema, { loss: given }, 'the objective');
  if (loss.id === 'least-squares') return { psi: undefined, recorded: {}, summary: '' };
  const recorded = { loss };
  switch (loss.id) {
    case 'huber':
      return { psi: huber(loss.options.delta), recorded, summary: `Huber's loss with delta ${loss.options.delta}` };
    case 'logistic':
      return { psi: logistic(), recorded, summary: 'log(1 + e^z) - b z' };
    case 'poisson':
      return { psi: poisson(), recorded, summary: 'e^z - b z' };
    case 'poisson-identity':
      return { psi: poissonIdentity(loss.options.beta), recorded, summary: `z - b log(z + ${loss.options.beta})` };
  }
}

/**
 * The loss with its weights over these data.
 *
 * @throws LOWLAND_E_LABEL naming the first datum that the loss does not take
 */
export function measuredLoss(psi: DataLoss, weights: Float64Array | undefined, data: Float64Array): MeasuredLoss {
  const loss: MeasuredLoss = { psi, weights };
  requireData(loss, data);
  return loss;
}
