/**
 * What the values of others are made of: checked once, where they come in, so that a member which is missing is named there and not met as a
 * TypeError in the middle of a run.
 */
import type { AnyAnalysis, AnyInitializer, AnyObjective, AnyOptimizer, AnyTracker } from './any.ts';
import type { Backend } from './device.ts';
import { LowlandError } from './errors.ts';
import type { Stepper } from './optimizer.ts';

/** What is expected, in words, and whether a value is that. */
type Expectation = readonly [words: string, holds: (value: unknown) => boolean];

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

const text: Expectation = ['a text', isText];
const texts: Expectation = ['a list of names', isTexts];
const object: Expectation = ['an object', isObject];
const calls = (signature: string): Expectation => [`a function ${signature}`, (value) => typeof value === 'function'];
const flag: Expectation = ['true or false', (value) => typeof value === 'boolean'];
const oneOf = (...names: readonly string[]): Expectation => [names.map((name) => `"${name}"`).join(' or '), (value) => names.includes(value as string)];
const orNothing = ([words, holds]: Expectation): Expectation => [`${words}, or left out`, (value) => value === undefined || holds(value)];

const isLayout = (value: unknown): boolean =>
  isObject(value) && Array.isArray(value['blocks']) && value['blocks'].every((block: unknown) => isObject(block) && isText(block['name']) && Array.isArray(block['shape']) && block['shape'].every(isCount));

const isRoute = (value: unknown): boolean => isObject(value) && isTexts(value['kernels']) && isText(value['label']) && typeof value['bind'] === 'function';
const isRoutes = (value: unknown): boolean => isObject(value) && Object.values(value).every((ways) => Array.isArray(ways) && ways.every(isRoute));
const isLimits = (value: unknown): boolean => isObject(value) && typeof value['bytes'] === 'number' && typeof value['bufferBytes'] === 'number';
const isSetOfNames = (value: unknown): boolean => isObject(value) && typeof value['has'] === 'function';

/** Made when it is first looked at: as a value of the module it would be part of every page that loads anything of core. */
const makeContract = () => ({
  objective: {
    id: text,
    layout: ['{ blocks }, each with a name and a shape of whole numbers', isLayout],
    options: object,
    routes: ['an object that has for each capability a list of { kernels, label, bind }', isRoutes],
    upload: calls('(device, memory) => data'),
    bytes: calls('(dtype) => number'),
    initial: calls('(key) => point'),
    bufferBytes: orNothing(calls('(dtype) => number')),
    facts: orNothing(texts),
    lacks: orNothing(object),
    manifold: orNothing(object),
  },
  optimizer: {
    id: text,
    requires: texts,
    options: object,
    readsPerStep: ['a number, 0 or more', (value) => typeof value === 'number' && value >= 0],
    start: calls('(context) => { state, step }'),
    uses: orNothing(texts),
    kernels: orNothing(texts),
    needs: orNothing(texts),
    claims: orNothing(texts),
    keeps: orNothing(texts),
    refuses: orNothing(calls('(objective) => refusal or undefined')),
  },
  stepper: {
    state: ['an object with the vector `point`', (value) => isObject(value) && isObject(value['point'])],
    step: calls('() => result or nothing'),
    init: orNothing(calls('() => nothing')),
  },
  initializer: { id: text, requires: texts, options: object, point: calls('(context, key) => point'), kernels: orNothing(texts), refuses: orNothing(calls('(objective) => refusal or undefined')) },
  analysis: { id: text, requires: texts, dtype: oneOf('f64', 'f32', 'any'), run: calls('(context, point, host) => result'), uses: orNothing(texts) },
  tracker: { id: text, requires: texts, start: calls('(context) => (state) => result') },
  backend: {
    id: text,
    dtype: oneOf('f64', 'f32'),
    sync: flag,
    kernels: ['a set of names', isSetOfNames],
    limits: ['{ bytes, bufferBytes }, two numbers', isLimits],
    determinism: oneOf('bits', 'tolerance'),
    open: calls('() => device'),
    details: orNothing(object),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Expectation>>>>);
let contract: ReturnType<typeof makeContract> | undefined;

interface Made {
  objective: AnyObjective;
  optimizer: AnyOptimizer;
  stepper: Stepper;
  initializer: AnyInitializer;
  analysis: AnyAnalysis;
  tracker: AnyTracker;
  backend: Backend;
}

/** Of each kind, what was found to be one: a value is looked at once, however many runs it serves. */
const known = new Map<keyof Made, WeakSet<object>>();

/**
 * Whether a value has the members of its kind.
 *
 * @param who what is said of a value that has no id of its own
 * @throws LOWLAND_E_CONTRACT with the members that are missing or wrong
 */
export function requireMembers<K extends keyof Made>(kind: K, value: Made[K], who?: string): void {
  const seen = known.get(kind) ?? new WeakSet<object>();
  known.set(kind, seen);
  const given: unknown = value;
  if (!isObject(given)) throw new LowlandError('LOWLAND_E_CONTRACT', `${named(kind, who)} is an object; ${said(given)} was given.${isPromise(given) ? '' : ' Does its `create` return it?'}`);
  if (seen.has(given)) return;
  contract ??= makeContract();
  const wrong = Object.entries<Expectation>(contract[kind]).filter(([member, [, holds]]) => !holds(given[member]));
  if (wrong.length > 0) {
    const what = wrong.map(([member, [words]]) => `\`${member}\` is ${words}, not ${said(given[member])}`).join('; ');
    const hint = isPromise(given) ? ' It is a promise: await it first.' : '';
    throw new LowlandError('LOWLAND_E_CONTRACT', `${named(kind, who ?? (isText(given['id']) ? `"${String(given['id'])}"` : undefined))} lacks what one has: ${what}.${hint}`, { details: { kind, members: wrong.map(([member]) => member) } });
  }
  seen.add(given);
}

const named = (kind: string, who: string | undefined): string => (who === undefined ? `An ${kind}`.replace(/^An (?![aeio])/, 'A ') : `${kind[0]!.toUpperCase()}${kind.slice(1)} ${who}`);

const isPromise = (value: unknown): boolean => isObject(value) && typeof value['then'] === 'function';

function said(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value === 'function') return 'a function';
  return Array.isArray(value) ? 'such a list' : 'such an object';
}
