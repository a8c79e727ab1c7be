/**
 * Finite subgroups by their generators: orthogonal maps of the points of a layout.
 */
import { layoutLength, LowlandError } from '@lowland/core';

import { factorLines, neuronLines, type Places, reflected, swapped, targetSides } from './lines.ts';

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

/**
 * Subgroups in words: `;` between subgroups, `,` between generators, `*` between maps that make one generator together, the last one first. A map is
 *
 *     column 2            the sign of column 2 of the factors         column 1 2    columns 1 and 2 change places
 *     row 1, row 1 2      the same of the rows of the (left) factor   right 1, right 1 2    of the right one
 *     neuron 1 3, neuron 1 3 4    of the neurons 3 and 4 of hidden layer 1, between the layers of a network
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
  const pick = (count: number, given = numbers): readonly [number] | readonly [number, number] => {
    if (given.length < 1 || given.length > 2 || given.some((k) => !(Number.isSafeInteger(k) && k >= 1 && k <= count))) {
      return refused(`"${map}" needs one number (a sign) or two (a swap) from 1 to ${count}.`);
    }
    return given.map((k) => k - 1) as [number] | [number, number];
  };
  switch (word) {
    case 'variable':
      return swapped(Array.from({ length: size }, (_, i) => [i]), pick(size));
    case 'column':
    case 'row':
    case 'right': {
      const found = factorLines(places, word) ?? refused(`"${map}" needs factors, of which this objective has none${word === 'right' ? ', or one alone: rows of it are "row"' : ''}.`);
      return swapped(found, pick(found.length));
    }
    case 'neuron': {
      const layers = neuronLines(places) ?? refused(`"${map}" needs the layers of a network, of which this objective has none.`);
      const layer = layers[(numbers[0] ?? 0) - 1] ?? refused(`"${map}" needs a hidden layer from 1 to ${layers.length} first.`);
      return swapped(layer, pick(layer.length, numbers.slice(1)));
    }
    case 'target': {
      const sides = targetSides(places) ?? refused(`"${map}" needs a target that is known in full.`);
      return reflected(sides, pick(sides[0]!.basis.cols));
    }
    default:
      return refused(`"${map}" is no map; there are column, row, right, target, variable, each with one number or two, neuron with that of its layer before, sign and conjugate.`);
  }
}
