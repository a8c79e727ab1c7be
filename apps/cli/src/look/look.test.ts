import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { call } from '../testing.ts';
import type { TrackedRow } from '../output/tracked.ts';
import { framed, ticks, tickText } from './chart.ts';

const root = mkdtempSync(join(tmpdir(), 'lowland-look-'));
const folder = join(root, 'result');
const auto = join(root, 'auto');
const problem = ['matrix-factorization', '--generate', 'rows=6,cols=5,rank=2', '--rank', '2', '--balance', '0.125'];

beforeAll(async () => {
  await call('solve', ...problem, '--out', folder, '--quiet');
  await call('solve', 'matrix-completion', '--generate', 'rows=12,cols=10,rank=2,density=0.8', '--rank', 'auto', '--lambda', '0.5', '--start-rank', '1', '--out', auto, '--quiet');
});

interface Document {
  readonly analysis: string;
  readonly result: Readonly<Record<string, unknown>>;
}
const json = async (...argv: string[]): Promise<Document> => {
  const { code, stdout, stderr } = await call(...argv, '--json');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Document;
};

describe('commands that look at a result', () => {
  it.each([
    ['classify', /second-order-point/],
    ['certify', /global-minimum/],
    ['spectrum', /O\(2\)[^]*smallest[^]*density of the eigenvalues|O\(2\)[^]*eigenvalues/],
    ['slice', /exact polynomial of degree 4[^]*least value/],
    ['regions', /R2: proved/],
    ['nullity', /O\(2\): an orbit of dimension 1[^]*flat +1 directions[^]*beyond +0: none/],
  ])('%s --from a folder', async (command, said) => {
    const { code, stdout } = await call(command, '--from', folder);
    expect(code).toBe(0);
    expect(stdout).toMatch(said);
    expect(stdout).toContain(folder);
  });

  it('a density that is nothing between two eigenvalues is no end of an axis', async () => {
    const { stdout } = await call('spectrum', 'matrix-factorization', '--generate', 'rows=12,cols=10,rank=2', '--rank', '2', '--quiet');
    expect(stdout).toMatch(/density of the eigenvalues\n[^]*\n +0 │/);
  });

  it('nullity looks at constrained results with their multipliers, where they are stationary', async () => {
    const { result } = await json('nullity', 'max-cut', '--generate', 'size=8', '--rank', '4', '--optimizer', 'augmented-lagrangian', '--quiet');
    expect(result['relativeGradient']).toBeLessThan(1e-6);
  });

  it('take options of their own, and give JSON', async () => {
    const { analysis, result } = await json('slice', '--from', folder, '--second', 'none', '--grid', '5', '--radius', '0.5');
    expect(analysis).toBe('slice');
    expect(result['s']).toEqual([-0.5, -0.25, 0, 0.25, 0.5]);
    expect(result['t']).toBeNull();
    expect(result['values']).toHaveLength(5);
  });

  it('know the rank that --rank auto found', async () => {
    const { result } = await json('certify', '--from', auto);
    expect(result['kind']).toBe('global-minimum');
    expect((await json('spectrum', '--from', auto, '--probes', '0', '--traceProducts', '0')).result['variables']).toBe(22 * Number(result['rank']));
  });

  it('solve first where there is no folder', async () => {
    const { stdout, code } = await call('classify', ...problem, '--quiet');
    expect(code).toBe(0);
    expect(stdout).toMatch(/after \d+ iterations of lbfgs[^]*second-order-point/);
  });

  it.each<[string, string[], RegExp]>([
    ['slice', [], /polyline|path/],
    ['spectrum', [], /Hessian spectrum/],
    ['classify', [], /Curvatures of [^<]*: second-order-point[^]*[1-9]\d* positive/],
    ['escape-times', ['double-well'], /Escape times[^]*steps until 0\.5 away[^]*gradient descent/],
    ['rip', ['matrix-sensing', '--generate', 'rows=3,cols=3,rank=1,measurements=12', '--rank', '1', '--starts', '2'], /Restricted isometry[^]*least: [^]*largest: [^]*delta_2: /],
    ['exit-times', ['double-well', '--paths', '8', '--spacing', '0.1'], /law of Eyring and Kramers: [^]*by the backward equation: [^]*8 paths: /],
    ['recurrence', ['double-well', '--paths', '4'], /reversible: [^]*4 paths: [^]*underdamped/],
  ])('%s writes a picture that stands alone', async (command, argv, said) => {
    const file = join(root, `${command}.svg`);
    expect((await call(command, ...(argv.length === 0 ? ['--from', folder] : [...argv, '--quiet']), '--svg', file)).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toMatch(said);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(text).toMatch(/<\/svg>\s*$/);
    expect(text).not.toMatch(/NaN|undefined|href/);
    expect(text.length).toBeLessThan(300_000);
  });

  it.each([['none', /critical on this line/], ['random', /critical in this plane/]])('slice marks all critical points, second direction %s', async (second, said) => {
    const file = join(root, `critical-${second}.svg`);
    const { code, stdout } = await call('slice', '--from', folder, '--second', second, '--critical', 'true', '--svg', file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/critical +complete: \d complex solutions/);
    expect(stdout).toMatch(said);
    expect(stdout).toMatch(/minimum .* full gradient .* at \(0/);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/<text[^>]*>minimum/);
    expect(text).toMatch(said);
    expect(text).not.toMatch(/NaN|undefined/);
  });

  it('regions are drawn on a plane, and those of measurements are of what was planted', async () => {
    const file = join(root, 'regions.svg');
    expect((await call('regions', '--from', folder, '--svg', file)).code).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/Regions of matrix-factorization[^]*R1: a descending direction[^]*R2: near/);
    expect(text).not.toMatch(/NaN|undefined|href/);
    expect((await call('regions', 'matrix-sensing', '--generate', 'rows=6,cols=6,rank=1,measurements=60', '--rank', '1', '--quiet')).stdout).toMatch(/isometry .*carries over.* if delta_3r <=/);
    expect((await call('regions', 'matrix-completion', '--generate', 'rows=12,cols=10,rank=2,density=0.8', '--rank', '2', '--quiet')).stderr).toMatch(/holds none.*LOWLAND_E_CAPABILITY/);
  });

  it('dual-bound tells what a cut can reach at best', async () => {
    const { stdout, code } = await call('dual-bound', 'max-cut', '--generate', 'kind=cycle,size=6,weight=-2', '--rank', '3', '--optimizer', 'augmented-lagrangian', '--quiet');
    expect(code).toBe(0);
    expect(stdout).toMatch(/value +-12, [^]*bound +-12[^]*no feasible point is lower[^]*multipliers +moved by/);
    const { result } = await json('dual-bound', 'max-cut', '--generate', 'kind=cycle,size=6,weight=-2', '--rank', '3', '--max-iterations', '1', '--quiet');
    expect(result['lowerBound']).toBeLessThanOrEqual(-12);
  });

  it('escapes append columns that lower the value', async () => {
    const { stdout, code } = await call('escapes', 'matrix-completion', '--generate', 'rows=8,cols=7,rank=3,density=0.9', '--rank', '1', '--lambda', '0.5', '--quiet');
    expect(code).toBe(0);
    expect(stdout).toMatch(/ways out +\d: with \d columns the value falls from .* by /);
    expect((await call('escapes', 'ring', '--rank', '3', '--quiet')).stdout).toMatch(/ways out +none/);
  });

  it('rip is exact on the full space, a lower bound elsewhere, and says which', async () => {
    const measured = ['matrix-sensing', '--generate', 'rows=3,cols=3,rank=1,measurements=30,symmetric=1', '--symmetric', 'true', '--rank', '1', '--normalisation', 'mean', '--max-iterations', '0', '--quiet'];
    expect((await call('rip', ...measured)).stdout).toMatch(/rank up to 2[^]*a lower bound[^]*delta +at least 0[^]*lower bounds, by matrices/);
    const { result } = await json('rip', ...measured, '--restrictedRank', '3');
    expect(result).toMatchObject({ rank: 3, exact: true, method: 'full-space' });
    expect((await call('rip', 'matrix-factorization', '--generate', 'rows=3,cols=3,rank=1', '--rank', '1', '--max-iterations', '0', '--quiet')).stderr).toMatch(/lift/);
  });

  it('count stationary points of a tiny problem', async () => {
    const { result } = await json('all-stationary-points', 'phase-retrieval', '--generate', 'size=3,measurements=8', '--quiet');
    expect(result['complete']).toBe(true);
    expect(result['solutions']).toBe(27);
  });

  const symmetric = ['matrix-factorization', '--generate', 'rows=5,rank=2,symmetric=1', '--symmetric', 'true', '--rank', '2', '--quiet'];
  const few = ['--starts', '60', '--fixedStarts', '10'];

  it('between joins two results straight, along the orbit and by a band', async () => {
    const file = join(root, 'between.svg');
    const { stdout, code } = await call('between', ...symmetric, '--to', '7', '--images', '9', '--svg', file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/straight +[1-9][^]*nearest point of the orbit +\S+ above[^]*elastic band/);
    expect(readFileSync(file, 'utf8')).toMatch(/share of the way[^]*straight: /);
    const { result } = await json('slice', ...symmetric, '--first', 'to', '--to', '7', '--second', 'none', '--grid', '3');
    expect(result['s']).toEqual([-1, 0, 1]);
    expect((result['values'] as number[])[2]).toBeLessThan(1e-9);
  });

  it.each<[string, string[], RegExp]>([
    ['between without another end', ['between'], /--to, a folder of solve or the seed/],
    ['another end where none is wanted', ['census', '--to', '3'], /leave it out/],
  ])('refuses %s', async (_what, [command, ...rest], said) => {
    const { code, stderr } = await call(command!, ...symmetric, ...rest);
    expect([code, said.test(stderr)]).toEqual([2, true]);
  });

  it('isotropy lists fixed spaces, and what is stationary in them', async () => {
    const file = join(root, 'isotropy.svg');
    const { stdout, code } = await call('isotropy', ...symmetric, '--svg', file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/orbits +4 of O\(2\)[^]*all: 9 real solutions +target 1 \* column 1, target 2 \* column 2/);
    expect(stdout).toMatch(/the origin +column 1, column 2/);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/subgroup H[^]*descends across it/);
    expect(text).not.toMatch(/NaN|undefined/);
    expect((await call('isotropy', ...symmetric, '--subgroups', 'row 1 2')).stderr).toMatch(/"row 1 2" is no symmetry/);
  });

  it('census lists orbits with their index, and says what the audit proves', async () => {
    const { stdout, code } = await call('census', ...symmetric, ...few);
    expect(code).toBe(0);
    // founding-papers 3.2: 1 + 2 + 1 orbits of a target of rank 2
    expect(stdout).toMatch(/orbits +4 of O\(2\), told apart by X X\^T/);
    expect(stdout).toMatch(/unseen[^]*audit +(passed|refused)[^]*value +index +flat +rank[^]*saddle/);
    const { result } = await json('census', ...symmetric, ...few);
    expect(result['orbits']).toHaveLength(4);
    expect(result['group']).toBe('O(2)');
  });

  it('census and connect begin at the result', async () => {
    const only = ['--starts', '1', '--fixedStarts', '0', '--follow', '0', '--unit', '1e-6'];
    const { stdout } = await call('census', '--from', folder, ...only);
    expect(stdout).toMatch(/the point +orbit 0[^]*starts +the point, 1 random[^]*\n +0 .*least, the point/);
    const { result } = await json('connect', '--from', folder, ...only);
    expect(result).toMatchObject({ unfollowed: expect.any(Number) as number, census: { given: 0, starts: { given: 1 }, orbits: [{ kind: 'least' }, {}] } });
  });

  it('census says plainly where the points lie on a continuum', async () => {
    const { stdout } = await call('census', 'matrix-completion', '--generate', 'rows=3,cols=3,rank=1,density=0.4', '--rank', '1', '--starts', '10', '--fixedStarts', '0', '--follow', '0', '--unit', '1', '--quiet');
    expect(stdout).toMatch(/continuum +\d[^]*flat directions beyond the orbit\.[^]*mean\w*\s+nothing[^]*unseen +no estimate on a continuum/);
  });

  it('connect draws the tree of barriers and the Morse graph', async () => {
    const file = join(root, 'connect.svg');
    const { stdout } = await call('connect', ...symmetric, ...few, '--svg', file);
    expect(stdout).toMatch(/ways down +\d+ followed[^]*minima +2; [^]*over orbit 1\n[^]*[├|].*orbit 0, as it is\n.*orbit 0, reflected/);
    const text = readFileSync(file, 'utf8');
    expect((await call('connect', ...symmetric, ...few, '--saddles', '1')).stdout).toMatch(/left out +ways down from the 2 highest saddles; --saddles allows more/);
    // 4 orbits in the graph, and 2 minima in the tree
    expect(text.match(/<circle/g)).toHaveLength(6);
    expect(text).toContain('Morse graph');
    expect(text).toMatch(/Disconnectivity graph[^]*>0<[^]*>0'</);
    expect(text).not.toMatch(/NaN|undefined|href/);
    const { result } = await json('connect', ...symmetric, ...few);
    expect(result).toMatchObject({ leaves: [{ orbit: 0, component: 0 }, { orbit: 0, component: 1 }], tree: { roots: [2] } });
  });

  it.each<[string, string[], RegExp]>([
    ['a census of too many variables', ['census', '--from', folder, '--variables', '10'], /22 variables forms a Hessian at each orbit; 10 variables are allowed.*LOWLAND_E_OPTIONS/],
    ['a rank that is not that of the result', ['classify', '--from', folder, '--rank', '3'], /has 2 columns, not 3; leave out --rank.*LOWLAND_E_USAGE/],
    ['a folder that holds no run', ['classify', '--from', root], /checkpoint\.json; --from takes/],
    ['an option that is not theirs', ['regions', '--from', folder, '--grid', '3'], /unknown option '--grid'/],
    ['a picture of what has none', ['certify', '--from', folder, '--svg', join(root, 'none.svg')], /no picture/],
    ['no objective', ['spectrum'], /Name an objective/],
  ])('refuse %s', async (_what, argv, said) => {
    const { code, stderr } = await call(...argv);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(said);
    expect(existsSync(join(root, 'none.svg'))).toBe(false);
  });

  it('refuse a folder whose numbers are not those of the problem', async () => {
    const broken = join(root, 'broken');
    await call('solve', ...problem, '--out', broken, '--quiet');
    writeFileSync(join(broken, 'U.npy'), readFileSync(join(broken, 'V.npy')));
    expect((await call('classify', '--from', broken)).stderr).toMatch(/numbers; the problem has 22.*LOWLAND_E_SHAPE/);
  });
});

describe('slice along a run', () => {
  const file = join(root, 'run.svg');
  it('repeats the recorded run, and says how much of it the plane shows', async () => {
    const { code, stdout } = await call('slice', '--from', folder, '--first', 'trajectory', '--svg', file, '--quiet');
    expect(code).toBe(0);
    expect(stdout).toMatch(/directions +trajectory, trajectory[^]*run +\d+ points from value[^]*plane\s+explains[^]*off\s+it by at most[^]*• the run/);
    expect(readFileSync(file, 'utf8')).toMatch(/trajectory, second: one unit is/);
    const { result } = await json('slice', '--from', folder, '--first', 'trajectory', '--grid', '5');
    const run = result['trajectory'] as { s: number[]; t: number[]; values: number[]; explained: number[] };
    const recorded = readFileSync(join(folder, 'trace.csv'), 'utf8').trimEnd().split('\n').slice(1).map((line) => Number(line.split(',')[4]));
    expect(run.values).toEqual(recorded);
    expect(run.s.at(-1)).toBe(0);
    expect(run.explained[0]! + run.explained[1]!).toBeGreaterThan(0.5);
  });

  it('shows a new run, on other sections too', async () => {
    const { stdout } = await call('slice', 'rosenbrock', '--optimizer', 'gradient-descent', '--max-iterations', '30', '--trajectory', '--second', 'gradient', '--grid', '9', '--quiet');
    expect(stdout).toMatch(/31 points[^]*plane\s+explains 100\.0 %/);
    expect((await call('slice', '--from', folder, '--trajectory', '--second', 'none', '--quiet')).stdout).toMatch(/line explains/);
  });

  it.each<[string, string[], RegExp]>([
    ['another command', ['spectrum', '--from', folder, '--trajectory'], /leave it out with spectrum/],
    ['a run over several ranks', ['slice', '--from', auto, '--first', 'trajectory'], /over several ranks is no way through the factors/],
  ])('is refused for %s', async (_what, argv, said) => {
    const { code, stderr } = await call(...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(said);
  });
});

describe('solve --track', () => {
  const descent = ['--optimizer', 'gradient-descent', '--step', 'fixed', '--step.step', '0.01', '--quiet'];
  const rows = (path: string) => readFileSync(join(path, 'tracked.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { iteration: number; tracked: Record<string, unknown> });

  it('writes what the trackers say at each observation, also over a resumed run', async () => {
    const [whole, parts] = [join(root, 'whole'), join(root, 'parts')];
    const run = ['solve', ...problem, ...descent, '--track', 'effective-rank,sharpness'];
    const { stdout } = await call(...run, '--max-iterations', '20', '--out', whole);
    expect(stdout).toMatch(/effective-rank, [^]*sharpness, /);
    await call(...run, '--max-iterations', '8', '--out', parts);
    await call('solve', '--resume', parts, '--max-iterations', '20', '--quiet');
    expect(rows(whole).map(({ iteration }) => iteration)).toEqual(Array.from({ length: 21 }, (_, k) => k));
    expect(rows(parts)).toEqual(rows(whole));
  });

  it('knows how far a run is from what --generate planted', async () => {
    const path = join(root, 'distance');
    const { code } = await call('solve', 'matrix-completion', '--generate', 'rows=12,cols=10,rank=2,density=0.8', '--rank', '2', '--center', 'none', '--holdout', '0', '--track', 'distance', '--out', path, '--quiet');
    expect(code).toBe(0);
    const distances = rows(path).map(({ tracked }) => tracked['distance'] as number);
    expect(distances[0]).toBeGreaterThan(1);
    expect(distances.at(-1)).toBeLessThan(1e-3);
  });

  it('watch a run over several ranks, anew in each round, and a resumed one as if it had not stopped', async () => {
    const auto = ['solve', 'matrix-completion', '--generate', 'rows=12,cols=10,rank=2,density=0.8', '--rank', 'auto', '--start-rank', '1', '--lambda', '0.5', '--track', 'effective-rank,factor-rank', '--quiet'];
    const [whole, parts] = [join(root, 'auto-tracked'), join(root, 'auto-parts')];
    expect((await call(...auto, '--out', whole)).code).toBe(0);
    const seen = rows(whole) as (TrackedRow & { tracked: { 'factor-rank': { first: number } } })[];
    expect(seen[0]).toMatchObject({ round: 0, iteration: 0, tracked: { 'factor-rank': { first: 1 } } });
    expect(seen.at(-1)!.tracked['factor-rank'].first).toBeGreaterThan(1);
    await call(...auto, '--out', parts, '--max-iterations', String(Math.floor(seen.at(-1)!.iteration / 2)));
    expect((await call('solve', '--resume', parts, '--max-iterations', '10000', '--quiet')).code).toBe(0);
    const again: readonly TrackedRow[] = rows(parts);
    expect(again.at(-1)).toEqual(seen.at(-1));
    const place = ({ round = 0, iteration }: TrackedRow) => 1e6 * round + iteration;
    expect(again.map(place)).toEqual([...again.map(place)].sort((a, b) => a - b));
  });

  it.each<[string, string[], RegExp]>([
    ['an unknown one', [...problem, '--track', 'speed'], /no tracker "speed"/],
    ['one that the objective cannot serve', ['double-well', '--track', 'effective-rank'], /factors/],
  ])('refuses %s', async (_what, argv, said) => {
    const { code, stderr } = await call('solve', ...argv);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(said);
  });
});

it.each([
  ['convex', ['--lambda', '1'], 'proximal-gradient'],
  ['fixed-rank', ['--rank', '2', '--init', 'spectral'], 'riemannian-conjugate-gradient'],
])('a form that is asked for brings a method that serves it: %s', async (form, more, optimizer) => {
  const argv = ['solve', 'matrix-completion', '--generate', 'rows=12,cols=10,rank=2,density=0.8', '--form', form, ...more, '--quiet', '--json'];
  expect(JSON.parse((await call(...argv)).stdout)).toMatchObject({ form, optimizer });
});

describe('chart', () => {
  it('has ticks at round numbers inside the range', () => {
    expect(ticks(0, 1)).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]);
    expect(ticks(-3.2, 17).map(tickText)).toEqual(['0', '5', '10', '15']);
    expect(ticks(2, 2)).toEqual([2]);
    expect(ticks(-0.05, 1.1, true)).toEqual([0, 1]);
    expect(ticks(-0.5, 12.4, true)).toEqual([0, 5, 10]);
    expect([1e-5, 123456, 0.25, -2].map(tickText)).toEqual(['1e-5', '1.2e5', '0.25', '-2']);
  });

  it('escapes what it is given', () => {
    const text = framed({ title: 'a < "b" & c', x: { label: 'x', from: 0, to: 1 }, y: { label: 'y', from: 0, to: 1 }, draw: () => [], notes: [] });
    expect(text).toContain('a &lt; &quot;b&quot; &amp; c');
  });
});
