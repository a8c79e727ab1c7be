/** Ensembles of small problems: a workgroup moves a run. Arguments as `@lowland/linalg/ensembles` describes them. */
import { LowlandError, streamKey, type Vec } from '@lowland/core';
import { drawNormals } from '@lowland/linalg';
import { type EnsembleKernels, type EnsembleMethod, type FactoredEnsemble, parameterCount, stateLength, variablesOf } from '@lowland/linalg/ensembles';

import { type GpuVec, requireApart, vector } from './handles.ts';
import type { Lane } from './runtime/lane.ts';
import type { Store } from './runtime/pool.ts';
import type { Shader } from './runtime/shader.ts';
import type { Scratch } from './scratch.ts';
import { families } from './shaders/ensemble/families.ts';
import { methods } from './shaders/ensemble/methods.ts';
import { capacities, ensembleShader, mostRank, mostSide, mostSignal } from './shaders/ensemble/runs.ts';

/** Multiply-adds of a run in a dispatch, at most: some milliseconds of the one workgroup that does them. */
const mostRunWork = 2 ** 22;
/**
 * Multiply-adds of all runs in a dispatch, about, where it takes more than the least steps: many runs side by side and fewer steps at a time keep a GPU busy,
 * and what a dispatch costs beside its steps, one evaluation more, stays small.
 */
const [enoughWork, leastSteps] = [2 ** 27, 16] as const;
/** Numbers of noise that are uploaded at once. */
const mostNoise = 2 ** 22;

type Family = keyof typeof families;
const made = new Map<string, Shader>();

/** The shader of a family and a method with room for so many variables, made when it is first asked for. */
export function shaderOf(family: Family, method: EnsembleMethod, variables: number): Shader {
  const capacity = capacities.find((most) => variables <= most)!;
  const name = `${family}/${method}/${capacity}`;
  const known = made.get(name) ?? ensembleShader(families[family], methods[method], capacity);
  made.set(name, known);
  return known;
}

/** What a family reads beside the ensemble. */
interface Beside {
  /** Numbers for all runs, or so many for each. */
  readonly data: Readonly<Record<string, { readonly given: Vec; readonly size: number }>>;
  readonly numbers?: Readonly<Record<string, number>>;
  /** Numbers of a run that lie outside of the workgroup's memory. */
  readonly apart?: number;
  /** Multiply-adds of an evaluation. */
  readonly work: number;
}

export function ensembleKernels(lane: Lane, scratch: Scratch, owner: object): EnsembleKernels {
  const run = (family: Family, ensemble: FactoredEnsemble, { data, numbers: others, apart = 0, work }: Beside): void => {
    const kernel = `ensemble/${family}`;
    requireSmall(family, ensemble);
    const { method, symmetric, rows, cols, rank, count, steps, firstStep, seed } = ensemble;
    const variables = variablesOf(ensemble);
    const length = stateLength(method, variables);
    const states = vector(owner, ensemble.states, kernel);
    if (states.length !== count * length) refuse(kernel, `the states of ${count} runs have ${count * length} numbers; ${states.length} were given`);
    const inputs = {
      coefficients: { given: ensemble.coefficients, size: 3 },
      parameters: { given: ensemble.parameters, size: parameterCount(method) },
      limits: { given: ensemble.limits, size: 2 },
      ...data,
    };
    const stores: Record<string, Store> = { states: states.root.store };
    const numbers: Record<string, number> = {
      symmetric: Number(symmetric), rows, cols, rank, variables, statesAt: states.offset, stateLength: length, seedLow: seed % 2 ** 32, seedHigh: Math.floor(seed / 2 ** 32), ...others,
    };
    for (const [name, { given, size }] of Object.entries(inputs)) {
      const x = rowsOf(vector(owner, given, kernel), kernel, name, size, count);
      requireApart(kernel, states, x);
      stores[name] = x.root.store;
      numbers[`${name}At`] = x.offset;
      numbers[`${name}Step`] = x.length === size ? 0 : size;
    }
    if (count === 0) return;

    const shader = shaderOf(family, method, variables);
    const uploaded = method === 'langevin' && ensemble.noise === 'normal';
    const wide = Math.max(leastSteps, Math.floor(enoughWork / (count * work)));
    const longest = Math.max(1, Math.min(wide, Math.floor(mostRunWork / work), uploaded ? Math.floor(mostNoise / (count * variables)) : Infinity));
    if (apart > 0) stores['rho'] = apartFrom(kernel, 4 * count * apart);
    // Of no steps the point is evaluated all the same.
    for (let gone = 0; gone === 0 || gone < steps; gone += longest) {
      const more = Math.min(longest, steps - gone);
      stores['noise'] = uploaded ? upload(seed, count, firstStep + gone, more, variables) : stores['limits']!;
      lane.spread(shader, stores, { ...numbers, uploaded: Number(uploaded), steps: more, firstStep: firstStep + gone }, count, count * (more + 1) * work);
    }
  };

  const apartFrom = (kernel: string, bytes: number): Store => {
    const reachable = lane.device.limits.maxStorageBufferBindingSize;
    if (bytes <= reachable) return scratch.take(bytes, 'left');
    throw new LowlandError('LOWLAND_E_MEMORY', `${kernel}: the residuals of all runs take ${bytes} bytes; a buffer here has up to ${reachable}. Move fewer runs at a time, or raise bufferBytes.`, { details: { bytes, reachable } });
  };

  /** Normals of the runs' streams, those of a run one step after another. */
  const upload = (seed: number, count: number, firstStep: number, steps: number, variables: number): Store => {
    const noise = new Float32Array(Math.max(1, count * steps * variables));
    const drawn = new Float64Array(variables);
    const { purpose } = streamKey(0, 'langevin');
    for (let k = 0; k < count; k++) {
      for (let t = 0; t < steps; t++) {
        drawNormals({ seed: seed + k, purpose, index: firstStep + t }, drawn);
        noise.set(drawn, (k * steps + t) * variables);
      }
    }
    const store = scratch.take(4 * noise.length);
    lane.write(store, 0, noise);
    return store;
  };

  return {
    'ensemble/factorization': (ensemble, targets) => {
      const size = ensemble.rows * ensemble.cols;
      run('factorization', ensemble, { data: { targets: { given: targets, size } }, work: 3 * size * ensemble.rank });
    },
    'ensemble/sensing': (ensemble, measurements, matrices, data) => {
      const size = ensemble.rows * ensemble.cols;
      run('sensing', ensemble, {
        data: { matrices: { given: matrices, size: measurements * size }, data: { given: data, size: measurements } },
        numbers: { measurements },
        apart: measurements,
        work: size * (3 * ensemble.rank + 2 * measurements),
      });
    },
    'ensemble/phase-retrieval': (ensemble, measurements, complex, smoothing, vectors, data) => {
      const [size, width] = [ensemble.rows, complex ? 2 : 1];
      run('phase-retrieval', ensemble, {
        data: { vectors: { given: vectors, size: measurements * size }, data: { given: data, size: measurements } },
        numbers: { measurements, complex: Number(complex), smoothing },
        apart: width * measurements,
        work: 2 * width * size * measurements,
      });
    },
  };
}

/** @throws LOWLAND_E_ENSEMBLE for what a workgroup cannot do */
function requireSmall(family: Family, { method, rows, cols, rank, noise }: FactoredEnsemble): void {
  const side = family === 'phase-retrieval' ? mostSignal : mostSide;
  if (rows > side || cols > side || rank > mostRank) {
    throw new LowlandError(
      'LOWLAND_E_ENSEMBLE',
      family === 'phase-retrieval'
        ? `Ensembles on the GPU are of signals of up to ${side} real numbers, which fit into the memory of a workgroup; ${rows} were given. The backend "cpu" has no such limit.`
        : `Ensembles on the GPU are of problems up to ${side} x ${side} and rank ${mostRank}, which fit into the memory of a workgroup; ${rows} x ${cols} of rank ${rank} was given. The backend "cpu" has no such limit.`,
      { details: { rows, cols, rank, side, mostRank } },
    );
  }
  if (!Object.hasOwn(methods, method)) {
    throw new LowlandError('LOWLAND_E_ENSEMBLE', `Ensembles on the GPU have the methods ${Object.keys(methods).join(', ')}; "${method}" was asked for.`);
  }
  if (method === 'perturbed-gradient-descent' && noise === 'normal') {
    throw new LowlandError('LOWLAND_E_ENSEMBLE', 'When noise comes is known on the GPU only, and it draws by the lattice rule: set the noise of perturbed gradient descent to "lattice", or use the backend "cpu".');
  }
}

function rowsOf(x: GpuVec, kernel: string, name: string, size: number, count: number): GpuVec {
  if (x.length === size || x.length === count * size) return x;
  return refuse(kernel, `the ${name} of ${count} runs have ${size} numbers, or ${size} for each; ${x.length} were given`);
}

function refuse(kernel: string, what: string): never {
  throw new LowlandError('LOWLAND_E_SHAPE', `${kernel}: ${what}.`);
}
