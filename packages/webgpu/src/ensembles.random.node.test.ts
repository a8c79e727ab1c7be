/** Ensembles of random families, methods and sizes beside the cpu: all of it is compiled, so under `pnpm test:full` alone. */
import { streamKey, uniforms } from '@lowland/core';
import { ensembleMethods, type FactoredEnsemble } from '@lowland/linalg/ensembles';
import { full } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import { useDevice } from '../test/devices.ts';
import { draw, type Family, made, type Runs, useTwins } from '../test/ensembles.ts';

const twins = useTwins(useDevice());
const parameters = {
  'gradient-descent': (k: number) => [0.01 + 0.01 * k],
  langevin: (k: number) => [0.01 + 0.005 * k, k % 2 === 0 ? 0 : 0.5, 0.05],
  'scaled-gradient-descent': (k: number) => [0.1, 0.01 * (k + 1), k % 2 === 0 ? 0 : 0.1, 0],
  'perturbed-gradient-descent': (k: number) => [0.02, 0.1, 3, k === 0 ? 5 : 1e-4, 4, k % 2],
} as const;

/** Whole numbers below n, one after another, from a stream. */
function choices(seed: number): (n: number) => number {
  const drawn = new Float64Array(100);
  uniforms(streamKey(seed, 'choices'), drawn);
  let next = 0;
  return (n) => Math.floor(n * drawn[next++]!);
}

interface Case {
  readonly runs: Runs;
  readonly family: Family | undefined;
}

function caseOf(seed: number): Case {
  const pick = choices(seed);
  const method = ensembleMethods[pick(4)]!;
  const noise: FactoredEnsemble['noise'] = method === 'perturbed-gradient-descent' || pick(2) === 0 ? 'lattice' : 'normal';
  const [count, measurements] = [1 + pick(4), 1 + pick(100)];
  const common = { method, noise, count, steps: 12 };
  const side = () => 1 + pick(pick(2) === 0 ? 12 : 64);
  const kind = (['factorization', 'sensing', 'phase-retrieval'] as const)[pick(3)]!;
  if (kind === 'phase-retrieval') {
    const rows = 2 * (1 + pick(60));
    const [complex, smoothing] = [pick(2) === 0, [-1, 0, 0.3][pick(3)]!];
    return {
      runs: { ...common, symmetric: true, rows, cols: rows, rank: 1 },
      family: {
        data: [draw(5, measurements * rows, 0.3), draw(6, measurements).map(Math.abs)],
        call(kernels, ensemble, [vectors, data]) {
          kernels['ensemble/phase-retrieval'](ensemble, measurements, complex, smoothing, vectors!, data!);
        },
      },
    };
  }
  const [rows, symmetric] = [side(), pick(3) === 0];
  const cols = symmetric ? rows : side();
  const runs: Runs = { ...common, symmetric, rows, cols, rank: 1 + pick(8) };
  if (kind === 'factorization') return { runs, family: undefined };
  const given = draw(5, measurements * rows * cols, 0.3);
  const transposed = (e: number) => e - (e % (rows * rows)) + (e % rows) * rows + Math.floor((e % (rows * rows)) / rows);
  return {
    runs,
    family: {
      data: [symmetric ? given.map((_, e) => given[Math.max(e, transposed(e))]!) : given, draw(6, measurements)],
      call(kernels, ensemble, [matrices, data]) {
        kernels['ensemble/sensing'](ensemble, measurements, matrices!, data!);
      },
    },
  };
}

describe.runIf(full)('random ensembles', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))('case %i', async (seed) => {
    const { runs, family } = caseOf(seed);
    const found = await twins.expectTwins(runs, made(runs, parameters[runs.method]), [5, 7], family);
    expect(found.some((x) => Math.abs(x) > 0.01)).toBe(true);
  });
});
