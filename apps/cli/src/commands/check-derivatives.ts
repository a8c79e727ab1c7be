import { type Analysis, analyse, LowlandError, normals, startingPoint, streamKey, type TaylorTest, taylorSlopes } from '@lowland/core';

import { readRequest } from '../command-line/request.ts';
import { jsonText } from '../data/write.ts';
import { exit, type ExitCode } from '../exit.ts';
import { setUp } from '../set-up.ts';
import { plot } from '../terminal/plot.ts';
import { type Screen, screen } from '../terminal/style.ts';

/** `lowland check-derivatives`: Taylor slopes at the start, that of the objective or of --init, along a random direction. */
export async function checkDerivatives(argv: readonly string[]): Promise<ExitCode> {
  const request = await readRequest('check-derivatives', argv, process.env);
  await using setup = await setUp(request);
  const { objective, init, judge, seed } = setup;
  if (!['value', 'valueAndGradient'].some((name) => name in objective.routes) || !['gradient', 'valueAndGradient'].some((name) => name in objective.routes)) {
    throw new LowlandError('LOWLAND_E_CAPABILITY', `The objective ${objective.id} gives no value and gradient to check.`);
  }
  const point = init === undefined ? objective.initial(streamKey(seed, 'init')) : await startingPoint(objective, init, { backend: judge, seed });
  const direction = new Float64Array(point.data.length);
  normals(streamKey(seed, 'direction'), direction);
  // on a manifold along its retraction
  const analysis: Analysis<'value' | 'gradient', readonly TaylorTest[], 'hessianVectorProduct' | 'geometry'> = {
    id: 'check-derivatives',
    requires: ['value', 'gradient'],
    uses: objective.manifold === undefined ? ['hessianVectorProduct'] : ['hessianVectorProduct', 'geometry'],
    dtype: 'f64',
    run: ({ problem }, _x, host) => taylorSlopes(problem, host, direction, problem.geometry),
  };
  const tests = await analyse(objective, analysis, point, judge, { seed });
  const passed = tests.every(({ verdict }) => verdict !== 'fail');
  if (request.values['json'] === true) process.stdout.write(jsonText({ objective: objective.id, seed, passed, tests }));
  else print(objective.id, tests, screen(process.stdout));
  return passed ? exit.ok : exit.numerical;
}

const what: Readonly<Record<TaylorTest['name'], string>> = {
  gradient: 'gradient, by values',
  hessian: 'Hessian, by values',
  'hessian-gradient': 'Hessian, by gradients',
};

function print(id: string, tests: readonly TaylorTest[], out: Screen): void {
  out.write(`${out.style('bold', id)}: how fast Taylor remainders vanish with the step\n\n`);
  for (const { name, expected, slope, verdict } of tests) {
    const measured = verdict === 'floor' ? 'rounding only' : `slope ${slope.toFixed(2)}`;
    const judged = verdict === 'fail' ? out.style('red', 'FAILS') : out.style('green', 'passes');
    out.write(`  ${what[name].padEnd(22)} ${measured.padEnd(14)} expected ${expected}   ${judged}\n`);
  }
  const marks: Readonly<Record<TaylorTest['name'], string>> = { gradient: 'g', hessian: 'h', 'hessian-gradient': 'H' };
  const curves = tests.map(({ name, steps, remainders }) => ({ x: steps.map(Math.log10), y: remainders.map(Math.log10), mark: marks[name] }));
  const power = (x: number): string => `1e${Math.round(x)}`;
  const legend = tests.map(({ name }) => `${marks[name]} ${what[name]}`).join(', ');
  out.write(`\nremainder over step, both logarithmic: ${legend}\n`);
  out.write(`${plot(curves, { width: Math.min(64, out.columns - 10), height: 16, unicode: false, formatX: power, formatY: power }).join('\n')}\n`);
}
