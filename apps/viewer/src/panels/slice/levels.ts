/** Which heights of a section are drawn, and in which colours. */

/** `low`: denser towards the least value; `even`: equally far apart; `log`: equal ratios of the height above the least value. */
export type Spacing = 'low' | 'even' | 'log';

export interface Heights {
  readonly least: number;
  /** What is higher is drawn as high as this: walls would hide everything else. */
  readonly cap: number;
  readonly largest: number;
}

/**
 * Least and largest finite value, and the cap: the value below which `share` of the values lie.
 * undefined where no value is finite.
 */
export function heightsOf(values: Float64Array, share = 0.9): Heights | undefined {
  const finite = values.filter(Number.isFinite).sort();
  if (finite.length === 0) return undefined;
  const [least, largest] = [finite[0]!, finite.at(-1)!];
  const cap = finite[Math.min(finite.length - 1, Math.floor(share * finite.length))]!;
  return { least, cap: cap > least ? cap : largest, largest };
}

/** Ascending levels within (least, cap]; none where the section is flat. */
export function levelsOf({ least, cap }: Heights, spacing: Spacing, count: number): number[] {
  if (!(cap > least)) return [];
  return Array.from({ length: count }, (_, k) => least + (cap - least) * heightAt((k + 1) / (count + 1), spacing));
}

const decadesDown = 6;

/** From a colour's place (0 to 1) to the share of the height. */
function heightAt(at: number, spacing: Spacing): number {
  if (spacing === 'even') return at;
  return spacing === 'low' ? at ** 2.5 : 10 ** (decadesDown * (at - 1));
}

/** The colour's place for a value: the inverse of `heightAt`, so that equal steps of colour lie between levels. */
export function tint({ least, cap }: Heights, spacing: Spacing, value: number): number {
  const share = Math.min(1, Math.max(0, (value - least) / (cap - least || 1)));
  if (spacing === 'even') return share;
  return spacing === 'low' ? share ** 0.4 : Math.max(0, 1 + Math.log10(Math.max(share, 1e-300)) / decadesDown);
}
