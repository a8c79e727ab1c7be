/** What comes of one objective with one optimizer. */
import { type AnyObjective, type Backend, type Capability, type ErrorCode, errorCode, type Fact, maxIterations, plan, type Solution, solve } from '@lowland/core';

import type { Column } from './columns.ts';

export type Outcome =
  /** The value fell. */
  | { readonly kind: 'falls' }
  /** It did not, and it is said why. */
  | { readonly kind: 'stops'; readonly why: string }
  /** By `plan()`; `lacks` names what is missing. */
  | { readonly kind: 'refused'; readonly lacks: readonly string[] }
  /** What must not be. */
  | { readonly kind: 'wrong'; readonly why: string };

const iterations = 25;
/** Steps shrink by up to 8^-8 before they are found to be no remedy. */
const mostCalm = 8;

type Method = ReturnType<Column['create']>;

export async function pair(objective: AnyObjective, { create }: Pick<Column, 'create'>, backend: Backend): Promise<Outcome> {
  const refused = await refusal(objective, create(0), backend);
  if (refused !== undefined) return refused;
  for (let calm = 0; ; calm++) {
    const outcome = await run(objective, create(calm), backend);
    if (outcome.kind === 'falls' || calm === mostCalm) return outcome;
  }
}

/** What may be missing that is neither capability nor fact, by the code of its refusal. */
const lacking: Partial<Record<ErrorCode, string>> = {
  LOWLAND_E_COMPLEX: 'real factors',
  LOWLAND_E_FACTORS: 'two factors',
  LOWLAND_E_MANIFOLD: 'flat space',
};

/** Holds a plan against the lists of both: it refuses what is missing and nothing else, by name, and `solve` keeps to it. */
async function refusal(objective: AnyObjective, method: Method, backend: Backend): Promise<Outcome | undefined> {
  const { init } = method;
  const { ok, refusals } = plan(objective, method.optimizer, backend, init === undefined ? {} : { init });
  const capabilities = missingCapabilities(objective, method);
  const [first] = refusals;
  const other = capabilities.length > 0 || first === undefined ? undefined : lacking[first.code];
  // Facts are about what is there.
  const missing: readonly (Capability | Fact)[] = capabilities.length > 0 || other !== undefined ? capabilities : missingFacts(objective, method);
  if (ok) return missing.length === 0 ? undefined : { kind: 'wrong', why: `plan() lets it pass without ${missing.join(', ')}` };
  const text = refusals.map(({ message }) => message).join(' ');
  const unnamed = missing.filter((name) => !text.includes(` needs ${name},`));
  if (unnamed.length > 0) return { kind: 'wrong', why: `the refusal does not name ${unnamed.join(', ')}: ${text}` };
  if (missing.length === 0 && other === undefined) return { kind: 'wrong', why: `refused, and nothing is missing: ${first!.code} ${text}` };
  const thrown = await solve(objective, method.optimizer, { backend, ...(init !== undefined && { init }) }).then(() => 'nothing', errorCode);
  return thrown === first!.code ? { kind: 'refused', lacks: missing.length > 0 ? missing : [other!] } : { kind: 'wrong', why: `plan() refuses with ${first!.code}, solve() throws ${String(thrown)}` };
}

/** What is asked for and neither given nor derived by core: one of value and gradient from both together, both from the two. */
function missingCapabilities({ routes }: AnyObjective, { optimizer, init }: Method): readonly Capability[] {
  const given = new Set(Object.keys(routes) as Capability[]);
  const supplied = (name: Capability): boolean => {
    if (given.has(name)) return true;
    if (name === 'value' || name === 'gradient') return given.has('valueAndGradient');
    return name === 'valueAndGradient' && given.has('value') && given.has('gradient');
  };
  const lists = [optimizer.requires, init?.requires ?? []] as readonly (readonly Capability[])[];
  return [...new Set(lists.flat())].filter((name) => !supplied(name));
}

function missingFacts({ facts = [] }: AnyObjective, { optimizer: { needs = [] } }: Method): readonly Fact[] {
  return needs.filter((fact) => !facts.includes(fact));
}

async function run(objective: AnyObjective, { optimizer, init }: Method, backend: Backend): Promise<Outcome> {
  const values: number[] = [];
  let solution: Solution;
  try {
    solution = await solve(objective, optimizer, { backend, stop: maxIterations(iterations), record: ({ value }) => values.push(value), ...(init !== undefined && { init }) });
  } catch (error) {
    return { kind: 'wrong', why: String(error) };
  }
  const { point, value, stop } = solution;
  const [start] = values;
  const end = `${stop.reason}, ${stop.rule}`;
  const finite = start !== undefined && Number.isFinite(value) && point.data.every(Number.isFinite);
  if (!finite && stop.reason !== 'diverged') return { kind: 'wrong', why: `ends at f = ${String(value)}, and as "${end}"` };
  if (stop.reason === 'diverged') return { kind: 'stops', why: end };
  if (optimizer.claims?.includes('monotone') === true && value > start! + 1e-12 * Math.abs(start!)) {
    return { kind: 'wrong', why: `claims to be monotone, and goes from ${String(start)} to ${String(value)}` };
  }
  if (Math.min(...values, value) < start!) return { kind: 'falls' };
  return stop.reason === 'budget' ? { kind: 'wrong', why: `never falls below its start, ${String(start)}, and nothing says why` } : { kind: 'stops', why: end };
}
