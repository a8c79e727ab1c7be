/**
 * The state in the address: readable names, and nothing that is as at the start. What a person shares is the whole of it, the seed included.
 *
 *     #objective=matrix-factorization&objective.rank=3&generate.rows=40&method=lbfgs&method=gradient-descent&method2.step=fixed&method2.step.step=0.1&seed=1
 */
import { type Chosen, type Composition, type DataFile, defaultLimits, firstComposition, mostMethods, type Options } from './composition.ts';
import { defaultView, type View } from './view.ts';

/** What an address says. */
export interface State {
  readonly composition: Composition;
  readonly view: View;
  /** Addresses of plugin modules; loaded only when the person agrees. */
  readonly plugins: readonly string[];
}

export const firstState: State = { composition: firstComposition, view: defaultView, plugins: [] };

export function toAddress({ composition, view, plugins }: State): string {
  const { objective, data, generate, init, backend, methods, seed, limits, track } = composition;
  const parts = new URLSearchParams();
  for (const plugin of plugins) parts.append('plugin', plugin);
  putChosen(parts, 'objective', objective);
  if (data !== null) putChosen(parts, 'data', { id: data.name, options: { sha256: data.sha256, ...(data.holdout > 0 && { holdout: data.holdout }), ...data.reading } });
  putOptions(parts, 'generate', generate);
  if (init !== null) putChosen(parts, 'init', init);
  if (backend.id !== 'cpu' || Object.keys(backend.options).length > 0) putChosen(parts, 'backend', backend);
  methods.forEach((method, k) => { putChosen(parts, `method${k + 1}`, method); });
  parts.append('seed', String(seed));
  for (const [name, value] of Object.entries(limits)) if (value !== defaultLimits[name as keyof typeof limits]) parts.append(`limit.${name}`, toText(value));
  parts.append('track', track.join(','));
  putOptions(parts, 'view', Object.fromEntries(Object.entries(view).filter(([name, value]) => value !== defaultView[name as keyof View])));
  // commas and slashes may stand in a fragment as they are
  return `#${parts.toString().replaceAll('%2C', ',').replaceAll('%2F', '/').replaceAll('%3A', ':')}`;
}

/** What an address says, and what in it could not be understood. */
export interface Read {
  readonly state: State;
  /** `limit.iterations (many)`: left at its default. */
  readonly refused: readonly string[];
}

/** Reads an address; undefined where it says nothing. Options of definitions are checked where they are used. */
export function readAddress(hash: string): Read | undefined {
  const parts = [...new URLSearchParams(hash.replace(/^#/, ''))];
  if (parts.every(([name]) => name !== 'objective')) return undefined;
  const values = new Map(parts);
  const refused: string[] = [];
  const chosen = (prefix: string): Chosen | null => {
    const id = values.get(prefix);
    return id === undefined ? null : { id, options: getOptions(parts, prefix) };
  };
  /** A value that can stand there; one that cannot is noted, and left out. */
  const taken = <T>(name: string, value: unknown, accept: (value: unknown) => value is T): T | undefined => {
    if (value === undefined || accept(value)) return value;
    refused.push(`${name} (${typeof value === 'string' ? value : JSON.stringify(value)})`);
    return undefined;
  };
  const methods = Array.from({ length: mostMethods }, (_, k) => chosen(`method${k + 1}`)).filter((method) => method !== null);
  const { iterations, seconds, gradientTolerance, patience, ...others } = getOptions(parts, 'limit');
  for (const [name, value] of Object.entries(others)) taken(`limit.${name}`, value, isNothing);
  const view = getOptions(parts, 'view');
  const file = chosen('data');
  const state: State = {
    composition: {
      objective: chosen('objective')!,
      data: file === null ? null : dataFileOf(file, refused),
      generate: getOptions(parts, 'generate'),
      init: chosen('init'),
      backend: chosen('backend') ?? { id: 'cpu', options: {} },
      methods: methods.length > 0 ? methods : [{ id: 'lbfgs', options: {} }],
      seed: taken('seed', values.has('seed') ? fromText(values.get('seed')!) : undefined, isCount) ?? 0,
      limits: {
        iterations: taken('limit.iterations', iterations, isCount) ?? defaultLimits.iterations,
        seconds: taken('limit.seconds', seconds, atLeast(0)) ?? null,
        gradientTolerance: taken('limit.gradientTolerance', gradientTolerance, atLeast(0)) ?? null,
        patience: taken('limit.patience', patience, atLeast(0.5)) ?? defaultLimits.patience,
      },
      track: (values.get('track') ?? '').split(',').filter((id) => id !== ''),
    },
    view: Object.fromEntries(Object.entries(defaultView).map(([name, fallback]: [string, unknown]) => [name, taken(`view.${name}`, view[name], (value): value is unknown => fits(value, fallback)) ?? fallback])) as unknown as View,
    plugins: parts.filter(([name]) => name === 'plugin').map(([, address]) => address),
  };
  return { state, refused };
}

export const fromAddress = (hash: string): State | undefined => readAddress(hash)?.state;

const atLeast = (least: number) => (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= least;
const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isNothing = (value: unknown): value is undefined => value === undefined;

/** A file without its SHA-256 could be any. */
function dataFileOf({ id: name, options: { sha256, holdout = 0, ...reading } }: Chosen, refused: string[]): DataFile | null {
  if (typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) && atLeast(0)(holdout) && holdout < 1) return { name, sha256, reading, holdout };
  refused.push(`data (${name}, which takes data.sha256 and a data.holdout below 1)`);
  return null;
}

const fits = (value: unknown, fallback: unknown): boolean => value !== undefined && (fallback === null || typeof value === typeof fallback);

function putChosen(parts: URLSearchParams, prefix: string, { id, options }: Chosen): void {
  parts.append(prefix, id);
  putOptions(parts, prefix, options);
}

function putOptions(parts: URLSearchParams, prefix: string, options: Options): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (isChosen(value)) putChosen(parts, `${prefix}.${name}`, value);
    else parts.append(`${prefix}.${name}`, toText(value));
  }
}

/** `a.b` under `a` is the option b; `a.b.c` the option c of the part that b names. */
function getOptions(parts: readonly (readonly [string, string])[], prefix: string): Options {
  const own = parts.filter(([name]) => name.startsWith(`${prefix}.`)).map(([name, value]): readonly [string, string] => [name.slice(prefix.length + 1), value]);
  const direct = own.filter(([name]) => !name.includes('.'));
  return Object.fromEntries(
    direct.map(([name, text]): [string, unknown] => {
      const inner = getOptions(own, name);
      return [name, Object.keys(inner).length > 0 ? { id: text, options: inner } : fromText(text)];
    }),
  );
}

const isChosen = (value: unknown): value is Chosen => typeof value === 'object' && value !== null && !Array.isArray(value) && 'id' in value && 'options' in value;

/** Words as they are; other values, and words that could be taken for them, as JSON. */
function toText(value: unknown): string {
  return typeof value === 'string' && fromText(value) === value ? value : JSON.stringify(value);
}

function fromText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
