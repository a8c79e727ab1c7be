/**
 * Censuses and connections in a terminal.
 */
import type { Census, Connections, MergeTree, NullityReport } from '@lowland/landscape';

import { wrap } from '../report.ts';
import { short } from '../terminal/plot.ts';
import type { Screen } from '../terminal/style.ts';

const field = (name: string, value: string): string => `  ${name.padEnd(12)} ${value}`;
const paragraph = (name: string, text: string, screen: Screen): string[] => wrap(text, screen.columns - 15).map((line, k) => field(k === 0 ? name : '', line));

/** Rows that a table has at most. */
const most = 40;

export function ofCensus(found: Census, screen: Screen): readonly string[] {
  const { group, by, starts, unseen, audit, least, orbits, continuum } = found;
  const spurious = orbits.filter((orbit) => orbit.spurious).length;
  return [
    field('orbits', `${screen.style('bold', String(orbits.length))} of ${group}, told apart by ${by}`),
    field('least', `${short(least.value)}${least.known ? ', the least value there is' : ' in this list; a lower one is not excluded'}`),
    ...(spurious === 0 ? [] : [field('spurious', screen.style('yellow', `${spurious} with no way down to second order, above the least value`))]),
    ...continuumLines(found, screen),
    ...givenLine(found),
    ...paragraph('starts', `${starts.given === 0 ? '' : 'the point, '}${starts.random} random of scale ${short(starts.scales[0])} to ${short(starts.scales[1])}, ${starts.fixed} in fixed spaces, ${starts.followed} up from minima; ${starts.stationary} ended at stationary points`, screen),
    ...paragraph('unseen', continuum !== null ? `no estimate on a continuum; ${unseen.seenOnce} of the orbits were reached once` : `${short(unseen.estimate)}: ${unseen.seenOnce} of the orbits were reached once. ${unseen.statement}`, screen),
    ...paragraph('audit', `${audit.status}. ${audit.statement}`, screen),
    '',
    ...table(found, screen),
  ];
}

const continuumLines = ({ continuum }: Census, screen: Screen): string[] =>
  continuum === null ? [] : paragraph('continuum', `${continuum.flat[0] === continuum.flat[1] ? continuum.flat[0] : continuum.flat.join(' to ')} flat directions beyond the orbit. ${continuum.statement}`, screen).map((line) => screen.style('yellow', line));

const givenLine = ({ given, starts }: Census): string[] =>
  given !== null ? [field('the point', `orbit ${given}`)] : starts.given === 0 ? [] : [field('the point', 'led to no stationary point: converge it further, or allow more --iterations')];

function table({ orbits, given }: Census, screen: Screen): string[] {
  const ranked = orbits.some(({ orbit }) => orbit.rank !== null);
  const head = ['', 'value', 'index', 'flat', ...(ranked ? ['rank'] : []), 'orbit', 'seen', 'kind'];
  const rows = orbits.slice(0, most).map(({ value, index, nullity, orbit, seen, kind, spurious }, k) => [
    String(k),
    short(Math.abs(value) < 1e-14 ? 0 : value),
    index === null ? '?' : String(index),
    String(nullity),
    ...(ranked ? [String(orbit.rank)] : []),
    orbit.dimension === 0 ? (orbit.components === 1 ? 'point' : `${orbit.components} points`) : `dim ${orbit.dimension}`,
    `${seen.random}+${seen.fixed}+${seen.followed}`,
    `${kind}${spurious ? ', spurious' : ''}${k === given ? ', the point' : ''}`,
  ]);
  const widths = head.map((title, j) => Math.max(title.length, ...rows.map((row) => row[j]!.length)));
  const line = (row: readonly string[]): string => `  ${row.map((cell, j) => (j === row.length - 1 ? cell : cell.padStart(widths[j]!))).join('  ')}`;
  return [
    screen.style('dim', line(head)),
    ...rows.map((row, k) => {
      const { kind, spurious } = orbits[k]!;
      return spurious ? screen.style('yellow', line(row)) : kind === 'least' ? screen.style('green', line(row)) : line(row);
    }),
    ...(orbits.length > most ? [`  and ${orbits.length - most} more; --json has them`] : []),
  ];
}

export function ofConnections(found: Connections, screen: Screen): readonly string[] {
  const { census, falls, unfollowed, fewerStarts, leaves, tree } = found;
  const { orbits } = census;
  const lost = falls.filter(({ to }) => to === null).length;
  const arrow = screen.unicode ? '→' : '->';
  const ways = orbits.slice(0, most).flatMap((orbit, from) => {
    const ends = [...new Set(falls.flatMap((fall) => (fall.from === from && fall.to !== null ? [fall.to] : [])))].sort((a, b) => a - b);
    return ends.length === 0 ? [] : [`  ${String(from).padStart(3)}  ${short(orbit.value).padStart(10)}  ${arrow} ${ends.join(', ')}`];
  });
  return [
    ...continuumLines(census, screen),
    ...givenLine(census),
    ...table(census, screen),
    '',
    ...(fewerStarts === 0 ? [] : paragraph('left out', `${fewerStarts} of ${fewerStarts + census.starts.random} random starts, as so many variables make them slow; --starts says how many`, screen).map((line) => screen.style('yellow', line))),
    ...(unfollowed === 0 ? [] : paragraph('left out', `ways down from the ${unfollowed} highest saddles; --saddles allows more`, screen).map((line) => screen.style('yellow', line))),
    field('ways down', `${falls.length} followed${lost === 0 ? '' : `, ${lost} of them to no point of the census`}`),
    ...ways,
    '',
    field('minima', `${leaves.length}${tree.roots.length > 1 ? `, in ${tree.roots.length} groups that no way found joins` : ''}; how high one must go from one to another:`),
    '',
    ...treeLines(tree, (leaf) => {
      const { orbit, component } = leaves[leaf]!;
      const twofold = leaves.some((other) => other.orbit === orbit && other.component !== component);
      return `orbit ${orbit}${component === 1 ? ', reflected' : twofold ? ', as it is' : ''}${orbits[orbit]!.spurious ? ', spurious' : ''}`;
    }, screen),
  ];
}

/** A tree from the top: joins by their saddles, minima at the ends. */
export function treeLines(tree: MergeTree, leafName: (leaf: number) => string, screen: Pick<Screen, 'unicode'>): string[] {
  const [branch, last, through, none] = screen.unicode ? ['├─ ', '└─ ', '│  ', '   '] : ['|- ', '`- ', '|  ', '   '];
  const height = (value: number): string => short(Math.abs(value) < 1e-14 ? 0 : value);
  const lines = (node: number, first: string, rest: string): string[] => {
    const { height: at, leaf, through: saddle, parts } = tree.nodes[node]!;
    const own = leaf === null ? `${height(at)}  over orbit ${saddle!}` : `${height(at)}  ${leafName(leaf)}`;
    return [`  ${first}${own}`, ...parts.flatMap((part, k) => lines(part, rest + (k === parts.length - 1 ? last : branch), rest + (k === parts.length - 1 ? none : through)))];
  };
  return tree.roots.flatMap((root) => lines(root, '', ''));
}

export function ofNullity({ variables, group, predicted, stabiliserDimension, measured, status, values, angles, excess, relativeGradient }: NullityReport, screen: Screen): readonly string[] {
  return [
    field('variables', String(variables)),
    field('group', group === null ? 'none is named' : `${group}: an orbit of dimension ${predicted}, ${stabiliserDimension} dimensions of the group leave the point where it is`),
    field('flat', `${measured} directions${status === 'clear' ? '' : screen.style('yellow', `, but ${values.slice(-1).map(short).join('')} is neither small nor large enough to tell`)}`),
    ...(angles.length === 0 ? [] : [field('angles', `the orbit leaves the null space by at most ${short(angles[0]!)} rad`)]),
    field('beyond', `${excess.dimension}: ${screen.style(excess.kind === 'none' ? 'green' : 'yellow', excess.kind)}`),
    ...paragraph('', excess.statement, screen),
    field('gradient', `${relativeGradient.toExponential(1)} of its scale${relativeGradient > 1e-6 ? screen.style('yellow', ': only at stationary points must the tangent be flat') : ''}`),
  ];
}
