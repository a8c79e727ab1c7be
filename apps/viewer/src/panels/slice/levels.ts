/** Which heights of a section are drawn, and in which colours. */

/** `low`: denser towards the least value; `even`: equally far apart; `log`: equal ratios of the height above the least value. */
export type Spacing = 'low' | 'even' | 'log';

export interface Heights {
  readonly least: number;
  /** What is higher is drawn as high as this: walls would hide everything else. */
  readonly cap: number;
  readonly largest: number;
  /** Powers of ten between the height of the cap and the lowest ones above the least: what logarithmic levels span. */
  readonly decades: number;
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
  const top = cap > least ? cap : largest;
  // The lowest few places are an accident of the grid.
  const near = finite[Math.ceil(finite.length / 500)] ?? largest;
  const decades = near > least ? Math.min(12, Math.max(1, Math.log10((top - least) / (near - least)))) : 6;
  return { least, cap: top, largest, decades };
}

/** Ascending levels within (least, cap]; none where the section is flat. */
export function levelsOf(heights: Heights, spacing: Spacing, count: number): number[] {
  const { least, cap } = heights;
  if (!(cap > least)) return [];
  return Array.from({ length: count }, (_, k) => least + (cap - least) * heightAt((k + 1) / (count + 1), spacing, heights.decades));
}

/** From a colour's place (0 to 1) to the share of the height. */
function heightAt(at: number, spacing: Spacing, decades: number): number {
  if (spacing === 'even') return at;
  return spacing === 'low' ? at ** 2.5 : 10 ** (decades * (at - 1));
}

/** The colour's place for a value: the inverse of `heightAt`, so that equal steps of colour lie between levels. */
export function tint({ least, cap, decades }: Heights, spacing: Spacing, value: number): number {
  const share = Math.min(1, Math.max(0, (value - least) / (cap - least || 1)));
  if (spacing === 'even') return share;
  return spacing === 'low' ? share ** 0.4 : Math.max(0, 1 + Math.log10(Math.max(share, 1e-300)) / decades);
}
