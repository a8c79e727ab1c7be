/**
 * Subgroups to look into where nobody names others.
 */
import { layoutLength } from '@lowland/core';
import { matrix, symmetricEigenvalues, thinSvd } from '@lowland/linalg';

import { readSubgroups, type Subgroup } from './generators.ts';
import { factorBlocks, neuronLines, type Places } from './lines.ts';

/** Choices of levels, and single variables, at most. */
const most = 20;

/**
 * Under O(r) and GL(r): where the target is known, those that keep one level of it in each column, for each choice of levels; and those that leave the
 * first k columns free and take the others to 0; of layers the same with neurons. Of signs and permutations: single ones, and all together. Undefined for groups of another name.
 */
export function standardSubgroups(places: Places): readonly Subgroup[] | undefined {
  const group = places.symmetry?.group;
  if (group === undefined) return undefined;
  const size = layoutLength(places.layout);
  const all = (first: number, last: number, word: (k: number) => string): string => Array.from({ length: last - first + 1 }, (_, k) => word(first + k)).join(', ');
  const read = (...texts: readonly string[]): readonly Subgroup[] => [...new Set(texts)].flatMap((text) => readSubgroups(text, places));
  const columns = factorBlocks(places)?.[0]?.cols;
  if (/^(O|GL)\(\d+\)$/.test(group) && columns !== undefined) {
    const count = levels(places);
    const kept = count === 0 ? [] : subsets(count, Math.min(columns, count)).slice(0, most);
    // What is in column j must turn its sign with it: only the level that does so, too, is left.
    const diagonal = kept.map((chosen) => all(1, columns, (k) => (k <= chosen.length ? `target ${chosen[k - 1]! + 1} * column ${k}` : `column ${k}`)));
    return read(...diagonal, ...Array.from({ length: columns }, (_, k) => all(k + 1, columns, (j) => `column ${j}`)));
  }
  const widths = neuronLines(places)?.map((layer) => layer.length);
  if (widths !== undefined) {
    const least = Math.min(...widths);
    const count = levels(places);
    const neurons = (k: number): string => widths.map((_, layer) => `neuron ${layer + 1} ${k}`).join(' * ');
    const beyond = (kept: number): string[] => widths.flatMap((width, layer) => Array.from({ length: width - kept }, (_, k) => `neuron ${layer + 1} ${kept + k + 1}`));
    const kept = count === 0 ? [] : subsets(count, Math.min(least, count)).slice(0, most);
    const diagonal = kept.map((chosen) => [...chosen.map((level, k) => `target ${level + 1} * ${neurons(k + 1)}`), ...beyond(chosen.length)].join(', '));
    return read(...diagonal, ...Array.from({ length: least }, (_, k) => beyond(k).join(', ')));
  }
  if (group === '{1, -1}' || group === 'O(1)' || group === 'U(1)') return read('sign');
  const swaps = (): string => all(1, size - 1, (k) => `variable ${k} ${k + 1}`);
  if (/^O\(1\)(\^\d+|( x O\(1\))+)$/.test(group)) return read(...Array.from({ length: Math.min(size, most) }, (_, k) => `variable ${k + 1}`), all(1, size, (k) => `variable ${k}`));
  if (/^permutations of \d+$/.test(group)) return size === 1 ? [] : read('variable 1 2', swaps());
  if (/^signed permutations of \d+$/.test(group)) return read('variable 1', ...(size === 1 ? [] : [swaps()]), 'sign');
  return undefined;
}

/** How many eigenvalues of the target are positive, or singular values are not 0. */
function levels({ target }: Places): number {
  if (target === undefined) return 0;
  const m = matrix(target.rows, target.cols, target.data);
  const values = target.symmetric ? symmetricEigenvalues(m) : thinSvd(m).s;
  return values.filter((value) => value > 1e-12 * Math.abs(values[0]!)).length;
}

function subsets(count: number, size: number, first = 0): number[][] {
  if (size === 0) return [[]];
  return Array.from({ length: Math.max(0, count - size - first + 1) }, (_, k) => first + k).flatMap((k) => subsets(count, size - 1, k + 1).map((rest) => [k, ...rest]));
}
