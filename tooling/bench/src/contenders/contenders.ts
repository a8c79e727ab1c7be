/** All contenders, in the order of tables. */
import type { Contender } from './contender.ts';
import { jaxJs } from './jax-js.ts';
import { lowlandBlas } from './lowland-blas.ts';
import { lowlandPlain } from './lowland-plain.ts';
import { lowland } from './lowland.ts';
import { mlMatrix } from './ml-matrix.ts';
import { numpyTs } from './numpy-ts.ts';
import { onnxruntime } from './onnxruntime.ts';
import { openblas } from './openblas.ts';
import { peak } from './peak.ts';
import { python } from './python.ts';
import { tfjsWasm } from './tfjs-wasm.ts';

export const contenders: readonly Contender[] = [lowland, lowlandBlas, lowlandPlain, peak, openblas, ...python, onnxruntime, mlMatrix, numpyTs, jaxJs, tfjsWasm];

export function contenderNamed(name: string): Contender {
  const contender = contenders.find((each) => each.name === name);
  if (contender === undefined) throw new Error(`There is no contender "${name}": ${contenders.map((each) => each.name).join(', ')}.`);
  return contender;
}
