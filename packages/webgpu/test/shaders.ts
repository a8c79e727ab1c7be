/** Every shader of the package, for tests that look at all of them. */
import { ensembleMethods } from '@lowland/linalg/ensembles';

import { shaderOf } from '../src/ensembles.ts';
import type { Shader } from '../src/runtime/shader.ts';
import { dot, sum } from '../src/shaders/dot.ts';
import * as elementwise from '../src/shaders/elementwise.ts';
import { loss } from '../src/shaders/loss.ts';
import * as observed from '../src/shaders/observed.ts';
import * as drawn from '../src/shaders/drawn.ts';
import { latticeNumbers, words } from '../src/shaders/philox.ts';
import { edges, numerics } from '../src/shaders/numerics.ts';
import { planeLoss } from '../src/shaders/plane.ts';
import * as orthogonal from '../src/shaders/orthogonal.ts';
import * as products from '../src/shaders/product.ts';
import { residual } from '../src/shaders/residual.ts';
import { normalMatrices, normalSolve } from '../src/shaders/normal-equations.ts';
import { norm, normParts } from '../src/shaders/norm.ts';
import { cholesky, choleskyRows, substitute, triangularSolve } from '../src/shaders/solve.ts';
import type { Sums } from '../src/shaders/sums.ts';
import * as symmetric from '../src/shaders/symmetric.ts';

/** A shader, or one for each kind of sum. */
const each = (module: Readonly<Record<string, Shader | Readonly<Record<Sums, Shader>>>>): readonly Shader[] => Object.values(module).flatMap((one) => ('f32' in one ? [one.f32, one.df64] : [one]));

const ensembles = (['factorization', 'sensing', 'phase-retrieval'] as const).flatMap((family) => ensembleMethods.map((method) => shaderOf(family, method, method === 'langevin' ? 1024 : 1)));

export const shaders: readonly Shader[] = [elementwise, products, observed, drawn, { latticeNumbers }, { dot, sum, residual }, { cholesky, choleskyRows, substitute, triangularSolve, norm, normParts }, symmetric, orthogonal, { normalMatrices, normalSolve }, { loss, words, numerics, edges, planeLoss }, Object.fromEntries(ensembles.map((shader) => [shader.name, shader]))].flatMap(each);
