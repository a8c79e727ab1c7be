import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, expect, test, vi } from 'vitest';

import type { ResultDocument } from './document.ts';
import { call } from './testing.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const root = mkdtempSync(join(tmpdir(), 'lowland-main-'));
const file = (name: string, content: string): string => {
  const path = join(root, name);
  writeFileSync(path, content);
  return path;
};
const plugin = fileURLToPath(new URL('../test/fixtures/plugin.ts', import.meta.url));
const small = ['--generate', 'rows=6,cols=5,rank=1'];
const factorization = ['solve', 'matrix-factorization', ...small];
const completion = ['solve', 'matrix-completion', ...small];

test.each<[string, string[], RegExp]>([
  ['an unknown command', ['slove'], /There is no command "slove".*"solve"/],
  ['an unknown flag', [...factorization, '--rnak', '2'], /unknown option '--rnak'[^]*--rank/],
  ['an unknown objective', ['solve', 'matrix-completon', ...small], /objective "matrix-completon".*Did you mean "matrix-completion"/],
  ['an unknown optimizer', [...factorization, '--rank', '1', '--optimizer', 'lbgfs'], /optimizer "lbgfs".*"lbfgs"/],
  ['an unknown backend', [...factorization, '--rank', '1', '--backend', 'gpu'], /backend "gpu"/],
  ['an option that a backend lacks', [...factorization, '--rank', '1', '--backend.cores', '2'], /unknown option '--backend\.cores'/],
  ['no threads', [...factorization, '--rank', '1', '--backend.threads', '0'], /--backend\.threads: expected a whole number from 1 to 256/],
  ['plain kernels on threads', [...factorization, '--rank', '1', '--backend.kernels', 'plain', '--backend.threads', '2'], /one thread.*LOWLAND_E_OPTIONS/],
  ['an unknown part', [...factorization, '--rank', '1', '--optimizer', 'gradient-descent', '--step', 'armjio'], /--step: expected one of .*armijo/],
  ['an option of a part that was not chosen', [...factorization, '--rank', '1', '--optimizer', 'gradient-descent', '--step', 'fixed', '--step.shrink', '0.5'], /--step\.shrink/],
  ['no objective', ['solve'], /Name an objective: .*matrix-completion/],
  ['two objectives', [...factorization, 'matrix-sensing', '--rank', '1'], /One argument, <objective>,/],
  ['no data', ['solve', 'matrix-completion', '--rank', '1'], /--data <file> or --generate/],
  ['two kinds of data', [...completion, '--data', 'x.csv', '--rank', '1'], /not both/],
  ['a missing file', ['solve', 'matrix-completion', '--data', join(root, 'none.csv'), '--rank', '1'], /none\.csv/],
  ['an empty file', ['solve', 'matrix-completion', '--data', file('empty.csv', ''), '--rank', '1'], /empty\.csv/],
  ['text where a number belongs', ['solve', 'matrix-completion', '--data', file('text.csv', '1,1,2\n1,2,x\n'), '--rank', '1'], /text\.csv:2/],
  ['ragged rows', ['solve', 'matrix-completion', '--data', file('ragged.csv', '1,1,2\n1,2\n'), '--rank', '1'], /ragged\.csv:2/],
  ['NaN', ['solve', 'matrix-completion', '--data', file('nan.csv', '1,1,2\n1,2,NaN\n'), '--rank', '1'], /nan\.csv:2/],
  ['a cell given twice', ['solve', 'matrix-completion', '--data', file('twice.csv', '1,1,2\n1,1,3\n'), '--rank', '1'], /twice\.csv:2/],
  ['a truncated NPY', ['solve', 'matrix-factorization', '--data', file('short.npy', '\u0093NUMPY'), '--format', 'npy', '--rank', '1'], /short\.npy/],
  ['a wrong banner', ['solve', 'matrix-completion', '--data', file('bad.mtx', '%%Matrix\n1 1 1\n'), '--rank', '1'], /bad\.mtx:1/],
  ['holes where a matrix is wanted', ['solve', 'matrix-factorization', '--data', file('holes.csv', '1,,3\n4,5,6\n'), '--layout', 'dense', '--rank', '1'], /unobserved/],
  ['rank 0', [...factorization, '--rank', '0'], /--rank: expected a whole number of at least 1/],
  ['a rank above the matrix', [...factorization, '--rank', '6'], /rank/i],
  ['a fractional rank', [...factorization, '--rank', '1.5'], /--rank/],
  ['rank auto without a penalty', [...completion, '--rank', 'auto'], /--rank auto needs a positive penalty.*--lambda/],
  ['rank auto with penalty 0', [...completion, '--rank', 'auto', '--lambda', '0'], /positive penalty/],
  ['a start rank without rank auto', [...completion, '--rank', '1', '--start-rank', '2'], /--start-rank/],
  ['a growth without rank auto', [...completion, '--rank', '1', '--growth', 'proximal'], /--growth.*--rank auto/],
  ['a rank of the matrix itself', [...completion, '--rank', '1', '--form', 'convex'], /no rank to choose/],
  ['a form that there is not', ['solve', 'phase-retrieval', '--generate', 'size=4', '--form', 'convex'], /no convex form/],
  ['a negative penalty', [...completion, '--rank', '1', '--lambda', '-1'], /lambda/],
  ['a word for a number', [...completion, '--rank', '1', '--lambda', 'much'], /--lambda: expected a number.*"much"/],
  ['an unknown choice', [...completion, '--rank', '1', '--center', 'median'], /--center: expected one of none, global, bias/],
  ['a hold-out of everything', [...completion, '--rank', '1', '--holdout', '1'], /--holdout/],
  ['a hold-out of a full matrix', [...factorization, '--rank', '1', '--holdout', '0.1'], /--holdout/],
  ['a wrong --generate', ['solve', 'matrix-completion', '--generate', 'rows=6,cols', '--rank', '1'], /--generate: expected name=value/],
  ['an unknown name in --generate', ['solve', 'matrix-completion', '--generate', 'row=6,cols=5,rank=1', '--rank', '1'], /"row".*"rows"/],
  ['a negative seed', [...completion, '--rank', '1', '--seed', '-1'], /--seed/],
  ['two columns', [...completion, '--rank', '1', '--columns', 'a,b'], /--columns/],
  ['predictions without a folder', [...completion, '--rank', '1', '--predict', 'cells.csv'], /--out/],
  ['a missing plugin', ['list', '--plugin', './none.js'], /LOWLAND_E_PLUGIN/],
  ['a plugin that is none', ['list', '--plugin', file('empty.mjs', 'export default { name: 1 }')], /LOWLAND_E_PLUGIN/],
  ['a plugin that fails', ['list', '--plugin', file('throws.mjs', 'throw new Error("boom")')], /boom/],
  ['a plugin given twice', ['list', '--plugin', plugin, '--plugin', plugin], /LOWLAND_E_DUPLICATE_ID/],
  ['a missing configuration', [...factorization, '--config', join(root, 'none.json')], /none\.json/],
  ['a broken configuration', [...factorization, '--config', file('broken.json', '{')], /broken\.json/],
  ['an unknown key in a configuration', [...factorization, '--config', file('key.json', '{"rnak": 1}')], /key\.json.*"rnak".*"rank"/],
  ['an argument that is not the objective of the configuration', ['solve', 'matrix-completon', '--config', file('set.json', '{"objective": "matrix-completion", "rank": 1}'), ...small], /objective "matrix-completon".*Did you mean "matrix-completion"/],
  ['an argument where there is none', ['list', 'objectives'], /No argument is expected after "list"/],
  ['nothing to describe', ['describe'], /Name one thing/],
  ['an unknown thing to describe', ['describe', 'lbgfs'], /"lbgfs".*"lbfgs"/],
])('%s is refused with code 2', async (_, argv, message) => {
  const { code, stdout, stderr } = await call(...argv);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('an output folder that cannot be written to is refused before any work', async () => {
  const occupied = file('occupied', '');
  const { code, stderr } = await call(...factorization, '--rank', '1', '--out', occupied);
  expect(code).toBe(2);
  expect(stderr).toMatch(/occupied/);
});

test('with the objective from a configuration, flags of its options may come first', async () => {
  const config = file('objective.json', '{"objective": "matrix-factorization", "rank": 1}');
  const { code, stdout } = await call('plan', '--backend.threads', '2', '--config', config, ...small, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ objective: 'matrix-factorization', computing: { threads: 2 } });
});

test('wrong values in the environment are named by their variable', async () => {
  vi.stubEnv('LOWLAND_RANK', 'many');
  const { code, stderr } = await call(...factorization);
  expect(code).toBe(2);
  expect(stderr).toMatch(/LOWLAND_RANK: expected a whole number/);
});

test('what does not fit is refused with code 3, by solve and by plan', async () => {
  const argv = ['bowl', '--plugin', plugin, '--optimizer', 'needy'];
  const solved = await call('solve', ...argv);
  expect(solved.code).toBe(3);
  expect(solved.stderr).toMatch(/blockSolve.*LOWLAND_E_CAPABILITY/);
  const planned = await call('plan', ...argv, '--json');
  expect(planned.code).toBe(3);
  expect(JSON.parse(planned.stdout)).toMatchObject({ ok: false, refusals: [{ code: 'LOWLAND_E_CAPABILITY' }] });
});

test('options of the backend are flags: threads leave the bits, f32 does not', async () => {
  const solve = async (...flags: string[]) => {
    const { code, stdout } = await call('solve', 'matrix-factorization', '--generate', 'rows=400,cols=300,rank=8', '--rank', '8', '--json', ...flags);
    expect(code).toBe(0);
    return JSON.parse(stdout) as Pick<ResultDocument, 'value' | 'gradientNorm' | 'iterations' | 'settings' | 'computing' | 'options' | 'polish' | 'verdict'>;
  };
  const [alone, together, single] = [await solve(), await solve('--backend.threads', '2'), await solve('--backend.dtype', 'f32')];
  expect([together.value, together.iterations, together.settings['backend.threads']]).toEqual([alone.value, alone.iterations, '2']);
  expect([alone.computing, together.computing]).toEqual([1, 2].map((threads) => ({ dtype: 'f64', kernels: 'simd', threads })));
  expect(together.options.backend).toEqual({ dtype: 'f64', kernels: 'auto', threads: 2 });
  expect(single.value).not.toBe(alone.value);
  expect(single.computing.dtype).toBe('f32');
  expect(single.verdict.kind).not.toBeNull();
  expect(single.polish).toMatchObject({ method: 'trust-region', gradientNorm: { after: single.gradientNorm }, value: { after: single.value } });
  expect(single.polish!.gradientNorm.after).toBeLessThan(1e-4 * single.polish!.gradientNorm.before);
  expect(alone.polish).toBeNull();
  expect(JSON.parse((await call('plan', ...factorization.slice(1), '--rank', '1', '--backend.dtype', 'f32', '--json')).stdout)).toMatchObject({ dtype: 'f32', computing: { dtype: 'f32', threads: 1 } });
  expect((await call('plan', ...factorization.slice(1), '--rank', '1', '--backend.threads', '2')).stdout).toContain('cpu (f64, kernels simd, threads 2): fits');
});

test('a report says what computed, and in f32 what the verdict is about', async () => {
  const { stdout } = await call(...factorization, '--rank', '1', '--quiet', '--backend.dtype', 'f32', '--backend.kernels', 'plain');
  expect(stdout).toMatch(/lbfgs on cpu, seed 0: .*\ncomputed in f32, kernels plain, threads 1\n(.*\n)*note: value, gradient, verdict and files are those of a point polished in f64: \d+\s+steps? of trust-region/);
  // one that a budget ends is left where it is
  expect((await call(...factorization, '--rank', '1', '--quiet', '--backend.dtype', 'f32', '--max-iterations', '2')).stdout).toMatch(/note: the verdict is about the very\s+point that was reached/);
  const double = (await call(...factorization, '--rank', '1', '--quiet')).stdout;
  expect(double).toContain('\ncomputed in f64, kernels simd, threads 1\n');
  expect(double).not.toMatch(/note: (the verdict|value)/);
});

test('a start is named by --init, with options of its own, kept by --resume, and may be an earlier result', async () => {
  const first = join(root, 'started');
  const asked = [...completion, '--rank', '1', '--init', 'small-gaussian', '--init.scale', '0.5', '--max-iterations', '2', '--json'];
  const { code, stdout } = await call(...asked, '--out', first);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ init: 'small-gaussian', options: { init: { scale: 0.5 } }, plan: { init: 'small-gaussian' } });
  const whole = JSON.parse((await call(...asked, '--max-iterations', '4')).stdout) as ResultDocument;
  const resumed = JSON.parse((await call('solve', '--resume', first, '--max-iterations', '4', '--json')).stdout) as ResultDocument;
  expect([resumed.value, resumed.init]).toEqual([whole.value, 'small-gaussian']);
  const from = JSON.parse((await call(...completion, '--rank', '1', '--init', 'from-file', '--init.path', first, '--max-iterations', '0', '--json')).stdout) as ResultDocument;
  expect(from.value).toBe(whole.value);
  expect((await call(...factorization, '--rank', '1', '--init', 'spectrul')).stderr).toMatch(/initializer "spectrul".*"spectral"/);
  // slopes are measured there, not at the objective's own start
  expect((await call('check-derivatives', 'matrix-factorization', ...small, '--rank', '1', '--init', 'spectral')).stdout).not.toBe((await call('check-derivatives', 'matrix-factorization', ...small, '--rank', '1')).stdout);
  expect((await call('plan', 'octopus', '--init', 'spectral')).stdout).toMatch(/refused.*Initializer "spectral" needs estimate/);
});

test('methods on a manifold take the problem in singular triples, from a start that an initialiser makes in factors', async () => {
  const folder = join(root, 'triples');
  const argv = ['solve', 'matrix-completion', '--generate', 'rows=12,cols=10,rank=2,density=0.8', '--rank', '2', '--center', 'none', '--json'];
  const { code, stdout } = await call(...argv, '--optimizer', 'riemannian-conjugate-gradient', '--init', 'spectral', '--max-iterations', '3', '--out', folder);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ form: 'fixed-rank', plan: { objective: 'fixed-rank' }, init: 'spectral' });
  const resumed = JSON.parse((await call('solve', '--resume', folder, '--max-iterations', '2000', '--json')).stdout) as ResultDocument;
  expect(resumed).toMatchObject({ form: 'fixed-rank', rank: 2, verdict: { kind: 'global-minimum' } });
  const refused = await call(...argv, '--form', 'fixed-rank', '--optimizer', 'lbfgs');
  expect(refused.code).not.toBe(0);
  expect(refused.stdout + refused.stderr).toMatch(/LOWLAND_E_MANIFOLD/);
});

test('methods on the matrix itself need no rank; what is written, judged and predicted is in factors', async () => {
  const folder = join(root, 'convex');
  const argv = ['solve', 'matrix-completion', '--generate', 'rows=12,cols=10,rank=1,density=0.6', '--lambda', '0.5', '--json'];
  const { code, stdout } = await call(...argv, '--optimizer', 'soft-impute', '--max-iterations', '2', '--out', folder, '--predict', file('cells.csv', '1,2\n3,4\n'));
  expect(code).toBe(0);
  const document = JSON.parse(stdout) as ResultDocument;
  expect(document).toMatchObject({ objective: 'matrix-completion', form: 'convex', plan: { objective: 'convex-form' }, holdout: { count: expect.any(Number) as number } });
  expect(document.files).toEqual(expect.arrayContaining(['U.npy', 'V.npy', 'predictions.csv']));
  const resumed = JSON.parse((await call('solve', '--resume', folder, '--max-iterations', '2000', '--json')).stdout) as ResultDocument;
  expect(resumed).toMatchObject({ form: 'convex', verdict: { kind: 'global-minimum' } });
  for (const flags of [['--optimizer', 'proximal-gradient', '--accelerated', 'true'], ['--rank', 'auto', '--growth', 'proximal', '--start-rank', '1']]) {
    const { value, verdict } = JSON.parse((await call(...argv, ...flags)).stdout) as ResultDocument;
    expect(verdict.kind).toBe('global-minimum');
    expect(Math.abs(value - resumed.value)).toBeLessThan(1e-5 * resumed.value);
  }
  expect((await call('plan', ...argv.slice(1), '--optimizer', 'soft-impute')).stdout).toContain('"form": "convex"');
  expect((await call(...argv.slice(0, -1), '--optimizer', 'soft-impute', '--quiet')).stdout).toContain('soft-impute on cpu, convex form, seed 0');
  const cut = JSON.parse((await call('solve', ...completion.slice(1), '--optimizer', 'singular-value-projection', '--rank', '1', '--center', 'none', '--json')).stdout) as ResultDocument;
  expect(cut).toMatchObject({ form: 'convex', rank: 1, options: { optimizer: { rank: 1 } } });
});

test('--every says how often a method is looked at that keeps no value', async () => {
  const asked = [...completion, '--rank', '1', '--optimizer', 'sgd', '--batch', '4', '--schedule.step', '0.01', '--max-iterations', '40', '--json'];
  const [each, tenth] = [JSON.parse((await call(...asked)).stdout) as ResultDocument, JSON.parse((await call(...asked, '--every', '10')).stdout) as ResultDocument];
  expect([each.counts.driver['valueAndGradient'], tenth.counts.driver['valueAndGradient']]).toEqual([41, 5]);
  expect(tenth.value).toBe(each.value);
  expect((await call(...completion, '--rank', 'auto', '--lambda', '1', '--every', '10')).stderr).toMatch(/--every is of runs at one rank/);
});

test('plan takes the arguments of solve and runs nothing', async () => {
  const { code, stdout } = await call('plan', 'matrix-completion', ...small, '--rank', 'auto', '--lambda', '1', '--out', join(root, 'never'), '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, objective: 'matrix-completion', optimizer: 'lbfgs', backend: 'cpu', options: { objective: { lambda: 1, rank: 5, center: 'global' } } });
  expect((await call('plan', 'matrix-completion', ...small, '--rank', '2')).stdout).toMatch(/fits[^]*valueAndGradient/);
});

test('list names everything once, with what it gives or needs', async () => {
  const { code, stdout } = await call('list', '--json', '--plugin', plugin);
  expect(code).toBe(0);
  const listing = JSON.parse(stdout) as Record<string, { id: string; summary: string; provides?: string[]; requires?: string[] }[]>;
  expect(Object.keys(listing).sort()).toEqual(['analyses', 'backends', 'initializers', 'objectives', 'optimizers', 'parts', 'trackers']);
  const ids = (kind: string) => listing[kind]!.map(({ id }) => id);
  expect(ids('objectives')).toEqual(expect.arrayContaining(['matrix-factorization', 'matrix-completion', 'matrix-sensing', 'bowl']));
  expect(ids('optimizers')).toEqual(
    expect.arrayContaining(['gradient-descent', 'perturbed-gradient-descent', 'scaled-gradient-descent', 'alternating-least-squares', 'lbfgs', 'trust-region', 'slow-descent']),
  );
  expect(ids('backends')).toEqual(['cpu', 'blas', 'webgpu']);
  expect(ids('analyses')).toEqual(expect.arrayContaining(['certify', 'classify']));
  expect(listing['objectives']!.find(({ id }) => id === 'matrix-completion')!.provides).toContain('hessianVectorProduct');
  expect(listing['optimizers']!.find(({ id }) => id === 'lbfgs')!.requires!.length).toBeGreaterThan(0);
  for (const entries of Object.values(listing)) for (const { summary } of entries) expect(summary).not.toBe('');
  expect((await call('list')).stdout).toMatch(/objectives\n {2}matrix-/);
});

test('what is true or false is alone, or has a value, as a word or after =', async () => {
  const run = (...flags: string[]) => call(...factorization, '--rank', '1', ...flags);
  const json = async (...flags: string[]) => (await run('--quiet', ...flags)).stdout.startsWith('{');
  expect([await json('--json'), await json('--json', 'true'), await json('--json=on'), await json('--json', 'false'), await json('--json=off')]).toEqual([true, true, true, false, false]);
  expect((await call('solve', '--json', ...factorization.slice(1), '--rank', '1', '--quiet')).stdout).toMatch(/^\{/);
  const accelerated = await call('plan', 'matrix-completion', ...small, '--lambda', '1', '--optimizer', 'proximal-gradient', '--accelerated');
  expect(accelerated.code).toBe(0);
  expect((await run('--json=perhaps')).stderr).toMatch(/--json: expected true or false, not "perhaps"/);
});

test('describe knows what an option offers, where it is no definition of its own', async () => {
  const { stdout } = await call('describe', 'huber');
  expect(stdout).toMatch(/^huber {2}\(choice of an option\)\n[^]*delta: number \(default 1\)[^]*a choice for: loss of matrix-factorization/);
  expect(JSON.parse((await call('describe', 'poisson', '--json')).stdout)).toMatchObject({ id: 'poisson', kind: 'choice', by: expect.arrayContaining(['loss of matrix-sensing']) as string[], options: [] });
  expect((await call('describe', 'hubr')).stderr).toMatch(/Did you mean "huber"/);
});

test('describe shows the options of a backend', async () => {
  const { stdout } = await call('describe', 'cpu');
  expect(stdout).toMatch(/kernels: auto \| wasm \| plain \| relaxed \(default auto\)/);
  expect(stdout).toMatch(/threads: integer \(default 1\)/);
  expect((await call('describe', 'blas')).stdout).toMatch(/library: string/);
});

test('describe gives formula, options with defaults, and reference', async () => {
  const { code, stdout } = await call('describe', 'matrix-completion', '--json');
  expect(code).toBe(0);
  const document = JSON.parse(stdout) as { options: { name: string; default: unknown }[] };
  expect(document).toMatchObject({ id: 'matrix-completion', kind: 'objective', data: 'entries', formula: expect.any(String) as string, reference: expect.any(String) as string });
  expect(document.options.find(({ name }) => name === 'center')).toMatchObject({ choices: ['none', 'global', 'bias'] });
  expect(document.options.find(({ name }) => name === 'lambda')).toMatchObject({ kind: 'number', least: 0 });
  const text = (await call('describe', 'gradient-descent')).stdout;
  expect(text).toMatch(/step: .*armijo.*\(default/);
  expect(text).toMatch(/armijo\.shrink: number \(default 0\.5\)/);
  expect((await call('describe', 'linear-network')).stdout).toMatch(/width: integer or list of integers \(default 4\)/);
});

test('help after an objective shows its options and those of the chosen parts', async () => {
  const { code, stdout } = await call('solve', 'matrix-completion', '--optimizer', 'gradient-descent', '--step', 'armijo', '--help');
  expect(code).toBe(0);
  for (const flag of ['--data', '--lambda', '--center', '--step <', '--step.shrink', '--max-iterations', '--resume']) expect(stdout).toContain(flag);
  expect(stdout).toMatch(/Exit codes: 0 ok/);
  expect((await call('solve', '--help')).stdout).toMatch(/Objectives[^]*matrix-completion/);
  expect((await call('--help')).stdout).toMatch(/check-derivatives/);
  expect((await call('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('a plugin may be a file, a folder or an installed package', async () => {
  const named = join(root, 'node_modules', '@someone', 'lowland-plugin');
  mkdirSync(named, { recursive: true });
  writeFileSync(join(named, 'package.json'), JSON.stringify({ name: '@someone/lowland-plugin', type: 'module', exports: { '.': { types: './none.d.ts', import: './entry.js' } } }));
  writeFileSync(join(named, 'entry.js'), 'export const plugin = { apiVersion: 1, name: "packed", version: "1.0.0", optimizers: [] };');
  vi.spyOn(process, 'cwd').mockReturnValue(join(root, 'node_modules'));
  const { loadPlugin } = await import('./plugins.ts');
  expect(await loadPlugin('@someone/lowland-plugin', join(root, 'somewhere', 'below'))).toMatchObject({ name: 'packed' });
  expect(await loadPlugin(named, root)).toMatchObject({ name: 'packed' });
  expect(await loadPlugin(join(named, 'entry.js'), root)).toMatchObject({ name: 'packed' });
  expect(await loadPlugin('./node_modules/@someone/lowland-plugin', root)).toMatchObject({ name: 'packed' });
  await expect(loadPlugin('@someone/other', root)).rejects.toMatchObject({ code: 'LOWLAND_E_PLUGIN' });
});
