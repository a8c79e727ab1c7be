/** The report on what bounds completion and dense factorisations, in plain text. */
import { ratio, seconds } from '../results/format.ts';
import { aligned } from '../results/table.ts';
import type { Limits } from './measure.ts';
import type { Pass } from './passes.ts';
import type { CompletionBound, DenseBound } from './suite.ts';

const giga = (value: number, digits: number) => (value / 1e9).toFixed(digits);

export const rateLine = ({ rates }: Limits): string =>
  `one thread: 128-bit multiply and add ${giga(rates.peak, 1)} GFlop/s; loads of 16 bytes from the first-level cache ${giga(rates.first, 2)} G/s, of rows at the places of entries ${giga(rates.gathered, 2)} G/s`;

/** What a pass needs at the rates of the machine: its arithmetic at the peak of two flops an operation of two lanes, its loads from the first-level cache. */
export function atRates({ counts, rates }: Limits, pass: Pass): { readonly arithmetic: number; readonly loads: number } {
  const { arithmetic, loads } = counts[pass];
  return { arithmetic: arithmetic / (rates.peak / 2), loads: loads / rates.first };
}

/** Seconds of a step if its passes had no arithmetic, all else as measured. */
export function stepOfLoads({ parts, iterations, ours }: CompletionBound, { loadsOnly }: Limits): number {
  return ours / iterations - parts.alongRows - parts.alongColumns + loadsOnly.alongRows + loadsOnly.alongColumns;
}

export function completionLines(of: CompletionBound, limits: Limits): string {
  const { task, threads, iterations, parts, ours, scipy, least } = of;
  const step = ours / iterations;
  const passes = parts.alongRows + parts.alongColumns;
  // A descent of no steps evaluates its start.
  const setUp = (parts.setUp - passes) / iterations;
  const alone = threads === 1;
  const passLine = (name: string, pass: Pass) => {
    const { arithmetic, loads } = atRates(limits, pass);
    return [name, seconds(parts[pass]), ...(alone ? [seconds(arithmetic), seconds(loads), seconds(limits.loadsOnly[pass])] : [])];
  };
  const line = (name: string, value: number) => [name, seconds(value), ...(alone ? ['', '', ''] : [])];
  const lines = [
    ['a step', 'takes', ...(alone ? ['arithmetic at the peak', 'loads at their rate', 'without arithmetic'] : [])],
    passLine('along the rows', 'alongRows'),
    passLine('along the columns', 'alongColumns'),
    line('move, |x|^2, copy', parts.vectors),
    // Each alone finds in the caches of its core what it left there.
    line('one after another', parts.byHand - passes - parts.vectors),
    line('set-up, its share', setUp),
    line('driver, the rest', step - parts.byHand - setUp),
    line('in all', step),
  ];
  const title = `${task}, ${String(threads)} thread${alone ? '' : 's'}`;
  return [title, aligned(lines, [0]), ...(scipy === undefined ? ['  SciPy was not measured.'] : [against(of, scipy / iterations, least, limits)])].join('\n');
}

function against(of: CompletionBound, theirs: number, least: number | undefined, limits: Limits): string {
  const step = of.ours / of.iterations;
  const asked = least === undefined ? '' : `; the floor of ${String(least)} asks for ${seconds(theirs / least)}`;
  const reached = `  SciPy takes ${seconds(theirs)}, ${ratio(theirs / step)} times as long${asked}.`;
  if (of.threads > 1) return reached;
  const { loadsOnly } = limits;
  const bare = stepOfLoads(of, limits);
  return `${reached}\n  The same code without arithmetic would take ${seconds(bare)} a step, ${ratio(theirs / bare)}; its passes alone, and nothing else, ${ratio(theirs / (loadsOnly.alongRows + loadsOnly.alongColumns))}.`;
}

/** What a dense floor asks of 128-bit vectors: above 1 they cannot reach it with so many flops. */
export function denseLine({ task, flops, ours, rival, theirs, least }: DenseBound, peak: number): string {
  const needed = flops / peak;
  const start = `${task}, 1 thread: ${(flops / 1e6).toPrecision(3)} Mflop need ${seconds(needed)} at the 128-bit peak, take ${seconds(ours)} (${ratio(needed / ours)} of it)`;
  if (rival === undefined || theirs === undefined || least === undefined) return start;
  return `${start}; the floor of ${String(least)} of ${rival}'s ${seconds(theirs)} asks for ${seconds(theirs / least)}, ${ratio((needed * least) / theirs)} of the peak`;
}
