import { LowlandError, type DataMap } from '@lowland/core';
import { matrix, multiply, thinQr, transpose, type Matrix } from '@lowland/linalg';

import { requireMatrix } from '../factored/checks.ts';
import type { Network } from './network.ts';

/**
 * X, Y and the constant from a matrix: the map itself (`inputs` 0), or samples as rows, their first `inputs` numbers x and the rest y.
 *
 * More samples than inputs are turned by the Q of the samples' x, X^T = Q R: |W X - Y|^2 = |W R^T - Y Q|^2 + |Y (I - Q Q^T)|^2. Then a
 * step costs as if there were as many samples as inputs.
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE for data that are no finite matrix
 * @throws LOWLAND_E_OPTIONS unless 0 <= inputs < cols
 */
export function samplesOf(data: DataMap['matrix'], inputs: number): Pick<Network, 'inputs' | 'outputs' | 'constant'> {
  requireMatrix('The data', data);
  const { rows, cols, values } = data;
  if (!Number.isSafeInteger(inputs) || inputs < 0 || inputs >= cols) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `inputs is the number of leading columns that are inputs, 0 … ${cols - 1} here; ${inputs} was given.`, { details: { inputs, cols } });
  }
  if (inputs === 0) return { inputs: undefined, outputs: matrix(rows, cols, values), constant: 0 };
  const part = (from: number, to: number): Matrix => {
    const out = matrix(rows, to - from);
    for (let i = 0; i < rows; i++) out.data.set(values.subarray(i * cols + from, i * cols + to), i * (to - from));
    return out;
  };
  const [x, y] = [part(0, inputs), part(inputs, cols)];
  if (rows <= inputs) return { inputs: transpose(x), outputs: transpose(y), constant: 0 };
  const { q, r } = thinQr(x);
  const turned = multiply(q, y, { transposeA: true });
  const fitted = multiply(q, turned);
  let squares = 0;
  for (let k = 0; k < fitted.data.length; k++) squares += (y.data[k]! - fitted.data[k]!) ** 2;
  return { inputs: transpose(r), outputs: transpose(turned), constant: squares / 2 };
}
