/**
 * The state in the address: readable names, and nothing that is as at the start. What a person shares is the whole of it, the seed included.
 *
 *     #objective=matrix-factorization&objective.rank=3&generate.rows=40&method=lbfgs&method=gradient-descent&method2.step=fixed&method2.step.step=0.1&seed=1
 */
import { type Chosen, type Composition, defaultLimits, firstComposition, mostMethods, type Options } from './composition.ts';
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
  const { objective, generate, init, backend, methods, seed, limits, track } = composition;
  const parts = new URLSearchParams();
  for (const plugin of plugins) parts.append('plugin', plugin);
  putChosen(parts, 'objective', objective);
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

/** Reads an address; undefined where it says nothing. What is not understood is left out: options are checked where they are used. */
export function fromAddress(hash: string): State | undefined {
  const parts = [...new URLSearchParams(hash.replace(/^#/, ''))];
  if (parts.every(([name]) => name !== 'objective')) return undefined;
  const values = new Map(parts);
  const chosen = (prefix: string): Chosen | null => {
    const id = values.get(prefix);
    return id === undefined ? null : { id, options: getOptions(parts, prefix) };
  };
  const methods = Array.from({ length: mostMethods }, (_, k) => chosen(`method${k + 1}`)).filter((method) => method !== null);
  const limits = getOptions(parts, 'limit');
  const count = (value: unknown, least: number): value is number => typeof value === 'number' && Number.isFinite(value) && value >= least;
  const seed = Number(values.get('seed') ?? 0);
  const view = getOptions(parts, 'view');
  return {
    composition: {
      objective: chosen('objective')!,
      generate: getOptions(parts, 'generate'),
      init: chosen('init'),
      backend: chosen('backend') ?? { id: 'cpu', options: {} },
      methods: methods.length > 0 ? methods : [{ id: 'lbfgs', options: {} }],
      seed: Number.isSafeInteger(seed) && seed >= 0 ? seed : 0,
      limits: {
        iterations: count(limits['iterations'], 0) ? Math.floor(limits['iterations']) : defaultLimits.iterations,
        seconds: count(limits['seconds'], 0) ? limits['seconds'] : null,
        gradientTolerance: count(limits['gradientTolerance'], 0) ? limits['gradientTolerance'] : null,
        patience: count(limits['patience'], 0.5) ? limits['patience'] : defaultLimits.patience,
      },
      track: (values.get('track') ?? '').split(',').filter((id) => id !== ''),
    },
    view: Object.fromEntries(Object.entries(defaultView).map(([name, fallback]) => [name, fits(view[name], fallback) ? view[name] : fallback])) as unknown as View,
    plugins: parts.filter(([name]) => name === 'plugin').map(([, address]) => address),
  };
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
