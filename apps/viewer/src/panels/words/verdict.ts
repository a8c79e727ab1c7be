/** A verdict in plain words: what is certain, how it was proved, what it rests on. */
import type { VerdictView } from '../../model/types.ts';
import { short } from '../draw/scale.ts';
import { counted } from './count.ts';

const kinds: Readonly<Record<NonNullable<VerdictView['kind']>, string>> = {
  'global-minimum': 'A global minimum',
  'strict-saddle': 'A strict saddle',
  'second-order-point': 'A second-order point',
  'first-order-point': 'A first-order point',
  'not-stationary': 'Not a stationary point',
};

/** How a verdict is known: found here, said by a file, or checked here by the checker, which agrees or does not. */
export type Standing = 'own' | 'claimed' | 'checked' | 'rejected';

const standings: Readonly<Record<Standing, string>> = { own: '', claimed: ', as the file says', checked: ', checked', rejected: ': rejected by the checker' };

/** A checker vouches for global minima alone: which other kind a point is, curvature decides, of which certificates say nothing. */
export function heading({ kind }: VerdictView, standing: Standing = 'own'): string {
  if (kind === null) return standing === 'rejected' ? `No verdict${standings.rejected}` : 'No verdict';
  return `${kinds[kind]}${standing === 'checked' && kind !== 'global-minimum' ? '' : standings[standing]}`;
}

/** What the lower bound rests on. */
const rules: Readonly<Record<string, string>> = {
  'lower-bound-zero': 'no value can be below 0.',
  'known-target': 'the best value that any matrix of this rank can have follows from the singular values of the target, computed with a bound of their error.',
  'psd-trace': 'a point of the dual problem bounds the value of every positive semidefinite matrix from below.',
  'nuclear-norm': 'a point of the dual problem bounds the value of every matrix, of any rank, from below.',
  'first-order': 'the function is convex in the matrix, and a bound of its size bounds how much lower any value can be.',
};

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** Each number with what it is. */
export function factsOf({ value, gap, relativeGap, lowerBound, tolerance, rank, normBound, failureProbability, gradient, curvature }: VerdictView): Fact[] {
  const fact = (name: string, text: string | null): Fact[] => (text === null ? [] : [{ name, value: text }]);
  return [
    ...fact('value', short(value)),
    ...fact('proved lower bound', lowerBound === null ? null : short(lowerBound)),
    ...fact('gap at most', gap === null ? null : short(gap)),
    ...fact('relative gap', relativeGap === null ? null : `${short(relativeGap)} (asked for: ${short(tolerance)})`),
    ...fact('rank', rank === null ? null : String(rank)),
    ...fact('norm bound', normBound === null ? null : `${short(normBound.value)}, by ${normBound.rule}`),
    ...fact('gradient norm', gradient === null ? null : `${short(gradient.norm)}, ${short(gradient.relative)} of its scale (stationary: at most ${short(gradient.tolerance)})`),
    ...fact('least curvature', curvature === null ? null : `${curvature.lower === null ? '' : `at least ${short(curvature.lower)}, `}at most ${short(curvature.upper)}; below −${short(curvature.threshold)} counts as down`),
    ...fact('index', curvature?.morseIndex === null || curvature === null ? null : `${counted(curvature.morseIndex, 'direction')} down`),
    ...fact('chance that a bound fails', failureProbability === null || (lowerBound === null && curvature === null) ? null : failureProbability === 0 ? 'none: nothing was left to chance' : `at most ${short(failureProbability)}, over the choice of the seed`),
  ];
}

/** The same with all digits, each number by itself, as files have them. */
export function numbersOf({ value, gap, relativeGap, lowerBound, tolerance, rank, normBound, failureProbability, gradient, curvature }: VerdictView): (readonly [string, number])[] {
  const numbers: (readonly [string, number | null | undefined])[] = [
    ['value', value], ['proved lower bound', lowerBound], ['gap', gap], ['relative gap', relativeGap], ['relative gap asked for', tolerance], ['rank', rank], ['norm bound', normBound?.value],
    ['gradient norm', gradient?.norm], ['gradient norm of its scale', gradient?.relative], ['gradient tolerance', gradient?.tolerance],
    ['least curvature at least', curvature?.lower], ['least curvature at most', curvature?.upper], ['curvature threshold', curvature?.threshold], ['index', curvature?.morseIndex],
    ['chance that a bound fails', failureProbability],
  ];
  return numbers.filter((pair): pair is readonly [string, number] => typeof pair[1] === 'number');
}

/** Sentences: the verdict, whether it was checked, by what it was decided, what its lower bound rests on, why it is not more, about which problem. */
export function sentencesOf({ kind, gap, sentence, rule, reason, problem, provenance }: VerdictView, standing: Standing = 'own'): string[] {
  const proof = rule === null ? undefined : rules[rule];
  const unchecked = standing !== 'claimed' || (kind === null && gap === null) ? [] : [`That is what the file says; it is not checked yet.${gap === null ? '' : ' Check it here, or with lowland verify certificate.json.'}`];
  return [sentence, ...unchecked, ...(provenance === undefined ? [] : [provenance]), ...(proof === undefined ? [] : [`The lower bound: ${proof}`]), ...(reason === null ? [] : [`Why not more: ${ended(reason)}`]), ...(problem === null ? [] : [`The problem it is about: ${ended(problem)}`])];
}

const ended = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
