/** Colours that people with any colour vision can tell apart, on light and on dark grounds. */

export type RampName = 'cividis' | 'viridis';
export type Rgb = readonly [red: number, green: number, blue: number];

/** Ten samples of each ramp, dark to light; between them colours are mixed linearly. */
const samples: Readonly<Record<RampName, readonly string[]>> = {
  // Nuñez, Anderton and Renslow 2018 (arXiv:1712.01662)
  cividis: ['#00224e', '#123570', '#3b496c', '#575d6d', '#707173', '#8a8678', '#a59c74', '#c3b369', '#e1cc55', '#fee838'],
  // van der Walt and Smith 2015, matplotlib
  viridis: ['#440154', '#482878', '#3e4989', '#31688e', '#26828e', '#1f9e89', '#35b779', '#6ece58', '#b5de2b', '#fde725'],
};

const parsed = Object.fromEntries(Object.entries(samples).map(([name, colours]) => [name, colours.map(rgbOf)])) as Record<RampName, Rgb[]>;

/** The three bytes of #rrggbb. */
export function rgbOf(colour: string): Rgb {
  const bytes = Number.parseInt(colour.slice(1), 16);
  return [bytes >> 16, (bytes >> 8) & 255, bytes & 255];
}

/** The colour at 0 (lowest) to 1 (highest); what lies outside takes the end's. */
export function rgbAt(ramp: RampName, at: number): Rgb {
  const colours = parsed[ramp];
  const place = Math.min(1, Math.max(0, at)) * (colours.length - 1);
  const k = Math.min(colours.length - 2, Math.floor(place));
  const [a, b, part] = [colours[k]!, colours[k + 1]!, place - k];
  return [0, 1, 2].map((i) => Math.round(a[i]! + part * (b[i]! - a[i]!))) as unknown as Rgb;
}

export const colourAt = (ramp: RampName, at: number): string => `#${rgbAt(ramp, at).map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;

/** CIE lightness, 0 to 100. */
export function lightness(colour: string): number {
  const y = luminance(colour);
  return y > 216 / 24389 ? 116 * Math.cbrt(y) - 16 : (24389 / 27) * y;
}

/** Contrast of two colours as WCAG 2 defines it, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

function luminance(colour: string): number {
  const [r, g, b] = rgbOf(colour).map((byte) => {
    const c = byte / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

/** Lines of one colour family are told apart by their dashes too. */
const dashes: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [8, 3, 2, 3], [12, 3], [4, 2]];

/** The dashes of a run by its position. On lines of many places they would be lost, and slow to draw. */
export const dashOf = (position: number, places = 0): readonly number[] => (places > mostDashed ? [] : dashes[position % dashes.length]!);
const mostDashed = 700;
