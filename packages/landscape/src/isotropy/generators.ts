/**
 * Finite subgroups by their generators: orthogonal maps of the points of a layout.
 */
import { blockLength, type Factors, type Layout, layoutLength, LowlandError, type Target } from '@lowland/core';
import { matrix, type Matrix, symmetricEigen, thinSvd } from '@lowland/linalg';

/** A linear map x -> g x with |g x| = |x| and f(g x) = f(x), flat as in `Point.data`. */
export interface Generator {
  readonly name: string;
  /** g x, a new vector. */
  apply(x: Float64Array): Float64Array;
}

export interface Subgroup {
  readonly name: string;
  readonly generators: readonly Generator[];
}

/** What the words of `readSubgroups` act on. */
export interface Places {
  readonly layout: Layout;
  readonly factors: Factors | undefined;
  readonly target: Target | undefined;
}

/**
 * Subgroups in words: `;` between subgroups, `,` between generators, `*` between maps that make one generator together, the last one first. A map is
 *
 *     column 2            the sign of column 2 of the factors         column 1 2    columns 1 and 2 change places
 *     row 1, row 1 2      the same of the rows of the (left) factor   right 1, right 1 2    of the right one
 *     target 1            the sign of the first singular pair (eigenvector) of the target: X -> (I - 2 v v^T) X
 *     target 1 2          the first two change places
 *     variable 1, variable 1 2    of single variables, as they lie in the point
 *     sign                x -> -x
 *     conjugate           complex numbers to their conjugates
 *
 * all numbers from 1.
 *
 * @throws LOWLAND_E_OPTIONS for words that are none, numbers out of range, and maps of what the objective does not have
 */
export function readSubgroups(text: string, places: Places): readonly Subgroup[] {
  return text.split(';').map((part) => part.trim()).filter((part) => part !== '').map((name) => ({
    name,
    generators: name.split(',').map((word) => {
      const maps = word.split('*').map((map) => mapOf(map.trim().replaceAll(/\s+/g, ' '), places));
      return { name: word.trim(), apply: (x: Float64Array) => maps.reduceRight<Float64Array>((image, map) => map(image), x.slice()) };
    }),
  }));
}

type InPlace = (x: Float64Array) => Float64Array;

const refused = (message: string): never => {
  throw new LowlandError('LOWLAND_E_OPTIONS', `Subgroups: ${message}`);
};

/** Writes over what it is given. */
function mapOf(map: string, places: Places): InPlace {
  const [word = '', ...rest] = map.split(' ');
  const numbers = rest.map(Number);
  const size = layoutLength(places.layout);
  if (word === 'sign' && numbers.length === 0) return (x) => x.map((value) => -value);
  if (word === 'conjugate' && numbers.length === 0) {
    if (!places.layout.blocks.every(({ complex }) => complex === true)) return refused('conjugate is for complex variables; these are real.');
    return (x) => x.map((value, i) => (i % 2 === 1 ? -value : value));
  }
  const pick = (count: number): readonly [number] | readonly [number, number] => {
    if (numbers.length < 1 || numbers.length > 2 || numbers.some((k) => !(Number.isSafeInteger(k) && k >= 1 && k <= count))) {
      return refused(`"${map}" needs one number (a sign) or two (a swap) from 1 to ${count}.`);
    }
    return numbers.map((k) => k - 1) as [number] | [number, number];
  };
  switch (word) {
    case 'variable':
      return lines(Array.from({ length: size }, (_, i) => [i]), pick(size));
    case 'column':
    case 'row':
    case 'right': {
      const found = factorLines(places, word) ?? refused(`"${map}" needs factors, of which this objective has none${word === 'right' ? ', or one alone: rows of it are "row"' : ''}.`);
      return lines(found, pick(found.length));
    }
    case 'target': {
      const bases = targetBases(places) ?? refused(`"${map}" needs a target that is known in full.`);
      return reflection(bases, pick(bases[0]!.basis.cols));
    }
    default:
      return refused(`"${map}" is no map; there are column, row, right, target, variable, each with one number or two, sign and conjugate.`);
  }
}

/** Places of the numbers of each line, all as long; one number turns a line's sign, two swap lines. */
function lines(places: readonly (readonly number[])[], [first, second]: readonly [number] | readonly [number, number]): InPlace {
  return (x) => {
    if (second === undefined) for (const i of places[first]!) x[i] = -x[i]!;
    else places[first]!.forEach((i, k) => { [x[i], x[places[second]![k]!]] = [x[places[second]![k]!]!, x[i]!]; });
    return x;
  };
}

interface Block {
  readonly offset: number;
  readonly rows: number;
  readonly cols: number;
}

/** The one pair of factors: one block or two. */
export function blocksOf({ layout, factors }: Places): readonly Block[] | undefined {
  const [pair, ...others] = factors?.pairs ?? [];
  if (pair === undefined || others.length > 0) return undefined;
  return [...new Set(pair)].map((name) => {
    const at = layout.blocks.findIndex((block) => block.name === name);
    const [rows = 1, cols = 1] = layout.blocks[at]!.shape;
    return { offset: layout.blocks.slice(0, at).reduce((sum, block) => sum + blockLength(block), 0), rows, cols };
  });
}

function factorLines(places: Places, word: 'column' | 'row' | 'right'): number[][] | undefined {
  const blocks = blocksOf(places);
  if (blocks === undefined) return undefined;
  const row = ({ offset, cols }: Block, i: number): number[] => Array.from({ length: cols }, (_, j) => offset + i * cols + j);
  if (word === 'column') {
    return Array.from({ length: blocks[0]!.cols }, (_, j) => blocks.flatMap(({ offset, rows, cols }) => Array.from({ length: rows }, (_unused, i) => offset + i * cols + j)));
  }
  const block = blocks[word === 'row' ? 0 : 1];
  return block === undefined ? undefined : Array.from({ length: block.rows }, (_, i) => row(block, i));
}

interface Basis extends Block {
  /** Eigenvectors or singular vectors of the target, by descending value, in columns. */
  readonly basis: Matrix;
}

function targetBases(places: Places): readonly Basis[] | undefined {
  const blocks = blocksOf(places);
  const { target } = places;
  if (blocks === undefined || target === undefined) return undefined;
  const m = matrix(target.rows, target.cols, target.data);
  if (target.symmetric) return blocks.map((block) => ({ ...block, basis: symmetricEigen(m).vectors }));
  const { u, v } = thinSvd(m);
  return blocks.map((block, k) => ({ ...block, basis: k === 0 ? u : v }));
}

/** X -> (I - 2 w w^T / |w|^2) X in each factor, w a vector of the basis or the difference of two. */
function reflection(bases: readonly Basis[], [first, second]: readonly [number] | readonly [number, number]): InPlace {
  const normals = bases.map(({ basis: { rows, cols, data } }) => Float64Array.from({ length: rows }, (_, i) => (second === undefined ? data[i * cols + first]! : (data[i * cols + first]! - data[i * cols + second]!) * Math.SQRT1_2)));
  return (x) => {
    bases.forEach(({ offset, rows, cols }, b) => {
      const w = normals[b]!;
      for (let j = 0; j < cols; j++) {
        let inner = 0;
        for (let i = 0; i < rows; i++) inner += w[i]! * x[offset + i * cols + j]!;
        for (let i = 0; i < rows; i++) x[offset + i * cols + j]! -= 2 * inner * w[i]!;
      }
    });
    return x;
  };
}
