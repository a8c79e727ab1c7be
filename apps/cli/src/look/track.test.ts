import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import type { ResultDocument } from '../document.ts';
import { call } from '../testing.ts';
import { ofTracked } from './track-picture.ts';
import { trackSeries } from './track-series.ts';

const root = mkdtempSync(join(tmpdir(), 'lowland-track-'));
const place = (name: string): string => join(root, name);
const problem = ['matrix-factorization', '--generate', 'rows=6,cols=5,rank=2', '--rank', '2', '--balance', '0'];
const descent = ['--optimizer', 'gradient-descent', '--step', 'fixed', '--step.step', '0.02', '--init', 'small-gaussian', '--seed', '3'];
const trackers = 'singular-values,sharpness,region,drift-law';
const json = (path: string, name = 'result.json'): ResultDocument => JSON.parse(readFileSync(join(path, name), 'utf8')) as ResultDocument;
const saveJson = (path: string, document: unknown): void => { writeFileSync(join(path, 'result.json'), JSON.stringify(document)); };

beforeAll(async () => {
  await call('solve', ...problem, ...descent, '--quiet', '--out', place('run'));
  await call('solve', ...problem, ...descent, '--quiet', '--out', place('live'), '--track', trackers);
});

describe('track --from', () => {
  it('says what solve --track says, of the same bits', async () => {
    const before = readdirSync(place('run'));
    const { code, stdout, stderr } = await call('track', trackers, '--from', place('run'), '--json', '--quiet');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const said = JSON.parse(stdout) as { rows: unknown[]; repeated: unknown; value: number };
    expect(said.rows).toEqual(readFileSync(join(place('live'), 'tracked.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as unknown));
    const { iterations, value } = json(place('run'));
    expect(said.repeated).toEqual({ folder: place('run'), iterations, value, bits: 'equal' });
    expect(readdirSync(place('run'))).toEqual(before);
  });

  it('writes what solve --track writes', async () => {
    await call('track', trackers, '--from', place('run'), '--out', place('later'), '--quiet');
    expect(readdirSync(place('later')).sort()).toEqual(readdirSync(place('live')).sort());
    for (const name of ['tracked.jsonl', 'U.npy', 'V.npy']) expect(readFileSync(join(place('later'), name))).toEqual(readFileSync(join(place('live'), name)));
    const [later, live] = [json(place('later')), json(place('live'))];
    expect(later.tracked).toEqual(live.tracked);
    expect(later.files).toEqual(live.files);
    expect(later.settings['track']).toBe(trackers);
    // and the copy is a run like any other
    expect((await call('track', 'balancedness', '--from', place('later'), '--quiet')).stdout).toMatch(/bit for bit/);
  });

  it('adds to the folder of the run itself where that is named', async () => {
    cpSync(place('run'), place('own'), { recursive: true });
    const result = readFileSync(join(place('own'), 'result.json'));
    expect((await call('track', 'balancedness', '--from', place('own'), '--out', place('own'), '--quiet')).stdout).toMatch(/tracked\.jsonl is in/);
    expect(readdirSync(place('own')).sort()).toEqual([...readdirSync(place('run')), 'tracked.jsonl'].sort());
    expect(readFileSync(join(place('own'), 'result.json'))).toEqual(result);
  });

  it('repeats runs that were resumed, ended by time or a limit, and of other forms', async () => {
    await call('solve', ...problem, '--max-iterations', '7', '--quiet', '--out', place('resumed'));
    await call('solve', '--resume', place('resumed'), '--max-iterations', '12', '--quiet');
    expect((await call('track', 'balancedness', '--from', place('resumed'), '--quiet')).stdout).toMatch(/12 iterations of lbfgs to the same value and point, bit for bit/);
    // looks at such a folder work too
    expect((await call('classify', '--from', place('resumed'))).stdout).toMatch(/not-stationary/);
    await call('solve', 'matrix-completion', '--generate', 'rows=12,cols=10,rank=2,density=0.8', '--form', 'fixed-rank', '--rank', '2', '--max-seconds', '0.05', '--quiet', '--out', place('fixed'));
    expect((await call('track', 'distance', '--from', place('fixed'), '--quiet')).stdout).toMatch(/of riemannian-conjugate-gradient to the same value and point/);
    await call('solve', 'double-well', '--optimizer', 'langevin', '--max-iterations', '50', '--quiet', '--out', place('langevin'));
    expect((await call('track', 'sharpness', '--from', place('langevin'), '--quiet')).stdout).toMatch(/50 iterations of langevin to the same value/);
  });

  it('measures the distance to the end of the run itself, or to that of another', async () => {
    const distances = async (...argv: string[]): Promise<number[]> => {
      const { stdout, stderr } = await call('track', 'solution-distance', ...argv, '--json', '--quiet');
      expect(stderr).toBe('');
      return (JSON.parse(stdout) as { rows: { tracked: { 'solution-distance': number } }[] }).rows.map(({ tracked }) => tracked['solution-distance']);
    };
    const own = await distances('--from', place('run'));
    expect(own[0]).toBeGreaterThan(0.5);
    expect(own.at(-1)).toBeLessThan(1e-14);
    // from a small and from a spectral start the ends are balanced, so that a rotation is all that is between them
    await call('solve', ...problem, '--seed', '3', '--init', 'spectral', '--quiet', '--out', place('spectral'));
    const other = await distances('--from', place('run'), '--solution-distance.path', place('spectral'));
    expect(other[0]).toBeGreaterThan(0.5);
    expect(other.at(-1)).toBeLessThan(1e-4);
    expect((await call('solve', ...problem, '--track', 'solution-distance', '--quiet')).stderr).toMatch(/needs the solution.*--solution-distance\.path/);
    expect((await call('track', 'solution-distance', '--from', place('run'), '--solution-distance.path', place('nowhere'), '--quiet')).stderr).toMatch(/holds no U\.npy/);
  });

  it('takes options of trackers, which belong to the watching and not to the run', async () => {
    const sharpness = async (...argv: string[]): Promise<number> => {
      const { stdout } = await call('track', 'sharpness', ...argv, '--json', '--quiet');
      return (JSON.parse(stdout) as { rows: { tracked: { sharpness: number } }[] }).rows.at(-1)!.tracked.sharpness;
    };
    const [rough, fine] = [await sharpness('--from', place('run'), '--sharpness.steps', '1'), await sharpness('--from', place('run'), '--sharpness.steps', '60')];
    expect(rough).toBeLessThan(0.99 * fine);
    await call('solve', ...problem, '--max-iterations', '5', '--track', 'sharpness', '--sharpness.steps', '3', '--quiet', '--out', place('options'));
    expect((await call('track', 'sharpness', '--from', place('options'), '--quiet')).stdout).toMatch(/bit for bit/);
    expect((await call('classify', '--from', place('options'))).code).toBe(0);
    expect((await call('solve', '--resume', place('options'), '--max-iterations', '8', '--quiet')).code).toBe(0);
    expect((await call('track', 'sharpness', '--from', place('run'), '--sharpness.step', '3')).stderr).toMatch(/unknown option '--sharpness\.step'/);
  });

  it('draws pictures in the terminal and as SVG', async () => {
    const file = place('traces.svg');
    const { stdout } = await call('track', trackers, '--from', place('run'), '--svg', file, '--quiet');
    expect(stdout).toMatch(/singular-values, logarithmic[^]*sharpness[^]*drift-law: imbalance[^]*region: R1 from 0 to \d+[^]*R2 from/);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*2 \/ step = 100[^]*<\/svg>\n$/);
    expect(text).not.toMatch(/NaN|undefined|href|Infinity/);
    expect(text.match(/<svg/g)).toHaveLength(7);
  });

  const altered = (name: string, change: (path: string, result: ResultDocument) => void): string[] => {
    const path = place(name);
    rmSync(path, { recursive: true, force: true });
    cpSync(place('run'), path, { recursive: true });
    change(path, json(path));
    return ['track', 'balancedness', '--from', path, '--quiet', '--out', place(`${name}-out`)];
  };

  it.each<[string, () => string[], RegExp]>([
    ['another value', () => altered('value', (path, result) => { saveJson(path, { ...result, value: result.value * (1 + 1e-15) + 1e-300 }); }), /its value is .*, not .*LOWLAND_E_REPEAT/],
    ['another point', () => altered('point', (path) => {
      const bytes = readFileSync(join(path, 'U.npy'));
      bytes[bytes.length - 8]! ^= 1;
      writeFileSync(join(path, 'U.npy'), bytes);
    }), /number 11 of its point is .*LOWLAND_E_REPEAT/],
    ['another version', () => altered('version', (path, result) => { saveJson(path, { ...result, lowland: '0.0.0-other' }); }), /of lowland 0\.0\.0-other, this is .*LOWLAND_E_REPEAT/],
    ['another version of a plugin', () => altered('plugin', (path, result) => { saveJson(path, { ...result, plugins: { ...result.plugins, '@lowland/optimizers': '99.0.0' } }); }), /@lowland\/optimizers 99\.0\.0; here is .*LOWLAND_E_REPEAT/],
    ['other kernels', () => [...altered('kernels', () => undefined), '--backend.kernels', 'plain'], /was computed in f64, kernels simd.*here it would be f64, kernels plain.*LOWLAND_E_REPEAT/],
    ['a run that has not ended', () => altered('ended', (path) => { rmSync(join(path, 'result.json')); }), /no result\.json.*--resume/],
    ['a result that is none', () => altered('broken', (path) => { writeFileSync(join(path, 'result.json'), '{'); }), /result\.json is damaged/],
    ['a folder without a run', () => ['track', 'balancedness', '--from', root], /checkpoint\.json; --from takes/],
    ['no trackers', () => ['track', '--from', place('run')], /Name what to watch by first.*singular-values/],
    ['an unknown tracker', () => ['track', 'speed', '--from', place('run')], /no tracker "speed"/],
    ['a tracker that the run cannot serve', () => ['track', 'two-phase', 'double-well'], /factors/],
    ['a folder for a new run', () => ['track', 'balancedness', ...problem, '--out', place('new')], /--out of track goes with --from/],
    ['a folder that holds other files', () => ['track', 'balancedness', '--from', place('run'), '--out', root], /not empty|holds \d+ files/],
  ])('refuses %s, and writes nothing', async (_what, argv, said) => {
    const args = argv();
    const { code, stderr, stdout } = await call(...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(said);
    expect(stdout).toBe('');
    const at = args.indexOf('--out');
    if (at >= 0 && args[at + 1] !== root && !args.includes('double-well')) expect(readdirSync(root).includes(args[at + 1]!) ? readdirSync(args[at + 1]!) : []).toEqual([]);
  });

  it('repeats runs over several ranks', async () => {
    await call('solve', 'matrix-completion', '--generate', 'rows=12,cols=10,rank=2,density=0.8', '--rank', 'auto', '--lambda', '0.5', '--start-rank', '1', '--out', place('auto'), '--quiet');
    const { stdout, code } = await call('track', 'balancedness', '--from', place('auto'), '--json', '--quiet');
    expect(code).toBe(0);
    const { repeated, rows } = JSON.parse(stdout) as { repeated: object; rows: { round: number }[] };
    expect(repeated).toMatchObject({ bits: 'equal' });
    expect(rows[0]!.round).toBe(0);
    expect(rows.at(-1)!.round).toBeGreaterThan(0);
  });
});

it('a new run is watched where there is no folder', async () => {
  const { code, stdout } = await call('track', 'sharpness,conserved', ...problem, ...descent, '--max-iterations', '30', '--quiet');
  expect(code).toBe(0);
  expect(stdout).toMatch(/30 iterations of gradient-descent\n[^]*sharpness[^]*conserved: norms[^]*conserved: drift/);
});

describe('track series', () => {
  const rows = Array.from({ length: 9 }, (_, k) => ({ iteration: 2 * k, tracked: { time: 2 * k, size: 10 ** -k, list: [k, -k], region: k < 4 ? 'R1' : 'R2', deep: { when: k < 5 ? null : 10, holds: { a: k > 2, b: null }, sizes: { p: k, q: 1 / (k + 1) } } } }));
  it('numbers are curves, lists and inner records share an axis, words and few whole numbers are spans', () => {
    const { groups, words } = trackSeries(rows);
    expect(groups.map(({ title, curves, logarithmic }) => [title, curves.map(({ name }) => name), logarithmic])).toEqual([
      ['size', [''], true],
      ['list', ['1', '2'], false],
      ['deep: sizes', ['p', 'q'], false],
    ]);
    expect(words).toEqual([
      { title: 'region', spans: [{ word: 'R1', from: 0, to: 6 }, { word: 'R2', from: 8, to: 16 }] },
      { title: 'deep: when', spans: [{ word: 'nothing', from: 0, to: 8 }, { word: '10', from: 10, to: 16 }] },
      { title: 'deep: holds: a', spans: [{ word: 'fails', from: 0, to: 4 }, { word: 'holds', from: 6, to: 16 }] },
    ]);
  });
  it('has something to say of runs without observations', () => {
    expect(ofTracked([], { columns: 80, unicode: false, style: (_format: unknown, text: string) => text } as never)).toHaveLength(1);
  });
});
