import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { CertificateCheck, CertificateDocument } from '@lowland/landscape/checker';
import { generateEntries, generateMeasurements } from '@lowland/objectives';
import { zipSync } from 'fflate';
import { beforeAll, expect, it } from 'vitest';

import { npyBytes } from '../data/index.ts';
import { call } from '../testing.ts';

const root = mkdtempSync(join(tmpdir(), 'lowland-verify-'));
const at = (name: string): string => join(root, name);
const write = (name: string, content: string): string => {
  writeFileSync(at(name), content);
  return at(name);
};
const written = (path: string): CertificateDocument => JSON.parse(readFileSync(path, 'utf8')) as CertificateDocument;
const fromFile = at('from-file/certificate.json');
const generated = at('generated/certificate.json');
let lines: string[] = [];
let data = '';

beforeAll(async () => {
  const { row, col, values } = generateEntries({ rows: 12, cols: 10, rank: 2, density: 0.8, noise: 0.1 }, 3).data;
  lines = [...values].map((value, k) => `${row[k]!},${col[k]!},${value}`);
  data = write('data.csv', ['user,item,rating', ...lines].join('\n'));
  await call('solve', 'matrix-completion', '--data', data, '--columns', 'user,item,rating', '--rank', 'auto', '--lambda', '0.5', '--center', 'bias', '--seed', '5', '--out', at('from-file'), '--quiet');
  await call('solve', 'matrix-factorization', '--generate', 'rows=8,cols=7,rank=2,noise=0.1', '--rank', '2', '--out', at('generated'), '--quiet');
});

it('holds on the data that were fitted', async () => {
  const { code, stdout, stderr } = await call('verify', fromFile, '--data', data);
  expect([stderr, code]).toEqual(['', 0]);
  expect(stdout).toMatch(/minimise 1\/2 sum over the observed cells[^]*by the\s+rule\s+nuclear-norm[^]*gap .*holds[^]*relative gap is at most 0\.000001\.\nEverything holds\./);
});

it('holds on data that are generated again', async () => {
  const { code, stdout } = await call('verify', generated, '--json');
  expect(code).toBe(0);
  const check = JSON.parse(stdout) as CertificateCheck;
  expect(check.ok).toBe(true);
  expect(check.claims.find(({ claim }) => claim === 'verdict')).toMatchObject({ stated: 'global-minimum', recomputed: 'global-minimum' });
});

it.each([
  ['seeded measurements', 'matrix-sensing', ['--generate', 'rows=5,cols=4,rank=1,noise=0.1', '--rank', 'auto', '--lambda', '3'], 'nuclear-norm'],
  ['labels', 'matrix-completion', ['--generate', 'rows=6,cols=5,rank=1,density=1,loss=logistic', '--loss', 'logistic', '--center', 'none', '--lambda', '1', '--rank', '5'], 'first-order'],
  ['a graph, with multipliers', 'max-cut', ['--generate', 'size=7', '--rank', '4', '--optimizer', 'augmented-lagrangian'], 'first-order'],
  ['intensities', 'phase-retrieval', ['--generate', 'size=5,complex=1,ensemble=coded-diffraction', '--start', 'spectral'], 'lower-bound-zero'],
  ['an instance that is its own data', 'ring', ['--rank', '3'], 'first-order'],
])('holds on %s', async (name, objective, given, rule) => {
  const folder = at(name.replaceAll(/\W/g, '-'));
  expect((await call('solve', objective, ...given, '--out', folder, '--quiet')).code).toBe(0);
  expect(written(join(folder, 'certificate.json'))).toMatchObject({ evidence: { rule }, claims: { verdict: 'global-minimum' } });
  const { code, stdout, stderr } = await call('verify', join(folder, 'certificate.json'));
  expect([stderr, code]).toEqual(['', 0]);
  expect(stdout).toContain('Everything holds.');
});

it('holds on measurements in a file, and not on those of another', async () => {
  const npz = (drawn: number): Uint8Array => {
    const { values, ensemble } = generateMeasurements({ rows: 4, cols: 3, rank: 1, noise: 0.2, measurements: 20 }, 2).data;
    const matrices = Float64Array.from({ length: 240 }, (_, k) => Math.sin(k * k + drawn));
    expect(ensemble.kind).toBe('seeded');
    return zipSync({ 'y.npy': npyBytes([20], values), 'matrices.npy': npyBytes([20, 4, 3], matrices) });
  };
  const [file, other] = [at('y.npz'), at('other.npz')];
  writeFileSync(file, npz(0));
  writeFileSync(other, npz(1));
  expect((await call('solve', 'matrix-sensing', '--data', file, '--rank', 'auto', '--lambda', '2', '--out', at('npz'), '--quiet')).code).toBe(0);
  expect((await call('verify', at('npz/certificate.json'), '--data', file)).code).toBe(0);
  expect((await call('verify', at('npz/certificate.json'), '--data', other)).code).toBe(4);
});

it('holds no path, and the reading of the file', () => {
  expect(JSON.stringify(written(fromFile))).not.toContain(root);
  expect(written(fromFile).evidence).toMatchObject({ seed: 5, data: { settings: { columns: 'user,item,rating', holdout: 0.1 } } });
});

it('rejects a changed datum, with 4', async () => {
  // the first entry is among those that were fitted
  const changed = lines.map((line, k) => (k === 0 ? line.replace(/[^,]*$/, (value) => String(Number(value) + 1e-9)) : line));
  const { code, stdout } = await call('verify', fromFile, '--data', write('changed.csv', ['user,item,rating', ...changed].join('\n')));
  expect(code).toBe(4);
  expect(stdout).toMatch(/data .*REJECTED[^]*Rejected: data/);
});

it.each([
  ['a smaller gap', (document: CertificateDocument) => ({ ...document, claims: { ...document.claims, gap: -1 } }), 'gap'],
  ['another seed, which holds back other entries', (document: CertificateDocument) => ({ ...document, evidence: { ...document.evidence, seed: 6 } }), 'data'],
])('rejects %s', async (_name, change, failed) => {
  const { code, stdout } = await call('verify', write('altered.json', JSON.stringify(change(written(fromFile)))), '--data', data, '--json');
  expect(code).toBe(4);
  expect((JSON.parse(stdout) as CertificateCheck).claims.filter(({ ok }) => !ok).map(({ claim }) => claim)).toContain(failed);
});

it('is written by certify too', async () => {
  expect((await call('certify', '--from', at('generated'), '--certificate', at('later.json'))).code).toBe(0);
  expect((await call('verify', at('later.json'))).code).toBe(0);
});

it.each([
  ['no certificate', ['verify'], /Name a certificate/],
  ['no data', ['verify', fromFile], /--data <file> or --generate/],
  ['what is no certificate', ['verify', write('other.json', '{}')], /certificate\.format.*LOWLAND_E_CERTIFICATE/],
  ['what is no JSON', ['verify', write('text.json', 'global minimum')], /cannot be read.*LOWLAND_E_CERTIFICATE/],
  ['a certificate of a class', ['classify', '--from', at('generated'), '--certificate', at('class.json')], /--certificate writes what certify proved/],
  ['one where nothing is proved', ['certify', 'linear-network', '--generate', 'rows=4', '--max-iterations', '2', '--quiet', '--certificate', at('none.json')], /There is no certificate to write/],
])('refuses %s', async (_name, argv, said) => {
  const { code, stderr } = await call(...argv);
  expect(code).toBe(2);
  expect(stderr).toMatch(said);
});

it('shows its options before it looks for a certificate', async () => {
  const { code, stdout } = await call('verify', '--help');
  expect([code, stdout]).toEqual([0, expect.stringContaining('--data <file>')]);
  expect(await call('verify', '--nonsense')).toMatchObject({ code: 2, stderr: expect.stringContaining('--nonsense') as string });
});
