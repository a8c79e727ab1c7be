/** The colours that the page has at the moment, for what is drawn by hand. */
import { signal } from '@preact/signals';

export interface Theme {
  readonly dark: boolean;
  readonly surface: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly strong: string;
  readonly accent: string;
  readonly good: string;
  readonly warn: string;
  readonly bad: string;
  /** By position in the list of runs. */
  readonly runs: readonly string[];
  readonly regions: readonly string[];
}

/** As the style sheet has them; what draws without a page, such as a test, takes these. */
export const light: Theme = {
  dark: false,
  surface: '#ffffff',
  ink: '#17212b',
  soft: '#4a5763',
  line: '#d5dade',
  strong: '#aab3bb',
  accent: '#0b5d8a',
  good: '#006b4a',
  warn: '#8a5300',
  bad: '#a3261b',
  runs: ['#0067a5', '#c04d00', '#007a5a', '#a34d86', '#806000', '#2b8cc4', '#17212b', '#6b4fbb'],
  regions: ['#d98e4a', '#4a9c7d', '#8fb8de', '#b9a3d0'],
};

/** What is drawn reads it, and is drawn again when it changes. */
export const theme = signal<Theme>(light);

export const runColour = ({ runs }: Theme, position: number): string => runs[position % runs.length]!;

const prefersDark = '(prefers-color-scheme: dark)';

/** The custom properties of the page as they are now. */
export function themeNow(): Theme {
  const root = document.documentElement;
  const chosen = root.dataset['theme'];
  const style = getComputedStyle(root);
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia(prefersDark).matches);
  // a custom property is what stands there: light-dark(#rrggbb, #rrggbb), or the one of them that holds
  const read = (name: string, otherwise: string): string => {
    const found = [...style.getPropertyValue(`--${name}`).matchAll(/#[0-9a-f]{3,6}/gi)].at(dark ? -1 : 0)?.[0];
    return found === undefined ? otherwise : found.length === 4 ? found.replaceAll(/[0-9a-f]/gi, '$&$&') : found;
  };
  return {
    dark,
    surface: read('surface', light.surface),
    ink: read('ink', light.ink),
    soft: read('ink-soft', light.soft),
    line: read('line', light.line),
    strong: read('line-strong', light.strong),
    accent: read('accent', light.accent),
    good: read('good', light.good),
    warn: read('warn', light.warn),
    bad: read('bad', light.bad),
    runs: light.runs.map((colour, k) => read(`run-${k + 1}`, colour)),
    regions: light.regions.map((colour, k) => read(`region-${k + 1}`, colour)),
  };
}

/** Keeps `theme` up to date; the function it gives stops that. */
export function followTheme(): () => void {
  const update = (): void => {
    theme.value = themeNow();
  };
  const media = matchMedia(prefersDark);
  media.addEventListener('change', update);
  const observer = new MutationObserver(update);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  update();
  return () => {
    media.removeEventListener('change', update);
    observer.disconnect();
  };
}
