import { readRequest } from '../command-line/request.ts';
import { jsonText } from '../data/write.ts';
import { exit, type ExitCode } from '../exit.ts';
import { computingText } from '../report.ts';
import { type Setup, setUp } from '../set-up.ts';
import { type Screen, screen } from '../terminal/style.ts';

/** `lowland plan`: the plan of the run that the same arguments would start with `solve`. */
export async function plan(argv: readonly string[]): Promise<ExitCode> {
  const request = await readRequest('plan', argv, process.env);
  await using setup = await setUp(request);
  const { plan, data, form, objective, optimizer, init, backendOptions: backend, computing } = setup;
  const document = { ...plan, form, computing, options: { objective: objective.options, optimizer: optimizer.options, backend, ...(init === undefined ? {} : { init: init.options }) }, data };
  if (request.values['json'] === true) process.stdout.write(jsonText(document));
  else printPlan(setup, screen(process.stdout));
  return plan.ok ? exit.ok : exit.refused;
}

/** The plan for people: what fits, by which routes, with how much memory, and what is refused. */
export function printPlan({ plan, computing }: Pick<Setup, 'plan' | 'computing'>, out: Screen): void {
  const lines = [
    `${out.style('bold', `${plan.objective}, ${plan.optimizer}${plan.init === undefined ? '' : ` from ${plan.init}`}, ${plan.backend}`)} (${computingText(computing)}): ${plan.ok ? 'fits' : 'refused'}`,
    `  ${plan.variables.toLocaleString('en')} variables, at least ${megabytes(plan.bytes)}, ${plan.readsPerStep} reads a step, ${plan.determinism === 'bits' ? 'same bits each time' : 'same up to rounding'}`,
    ...plan.capabilities.map(
      ({ name, need, route, kernels, why }) => `  ${name.padEnd(24)} ${need.padEnd(9)} ${route}${kernels.length === 0 ? '' : ` (${kernels.join(', ')})`}${why === undefined ? '' : `: ${why}`}`,
    ),
    ...plan.warnings.map((warning) => `  note: ${warning}`),
    ...plan.refusals.map(({ code, message }) => `  ${out.style('red', 'refused')}: ${message} [${code}]`),
  ];
  out.write(`${lines.join('\n')}\n`);
}

const megabytes = (bytes: number): string => (bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
