/** Files of the command line, opened in the page; and files that are not what they seem. */
import { execFile } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';

import { type CertificateDocument, checkCertificate } from '@lowland/landscape/checker';
import { plugin } from '@lowland/objectives';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { addressOf, allEnded, expectWords, openSite, savedTable, type Site } from './site.ts';

/** Twelve users, ten films, a cell in two. */
const ratings = `user,film,rating\n${Array.from({ length: 120 }, (_, k) => [k % 12, Math.floor(k / 12)] as const).filter(([i, j]) => (i + j) % 2 === 0).map(([i, j]) => `u${i},f${j},${(1 + i / 4) * (1 + j / 5)}`).join('\n')}\n`;

let site: Site;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lowland-viewer-'));
  const cli = join(import.meta.dirname, '../../cli/src/cli.ts');
  const words = ['solve', 'matrix-factorization', '--generate', 'rows=14,cols=10,rank=2', '--rank', '2', '--seed', '4', '--track', 'singular-values,distance', '--out', join(folder, 'result'), '--quiet'];
  await writeFile(join(folder, 'ratings.csv'), ratings);
  const about = ['solve', 'matrix-completion', '--data', join(folder, 'ratings.csv'), '--rank', '1', '--seed', '3', '--max-iterations', '40', '--out', join(folder, 'rated'), '--quiet'];
  const solve = (given: readonly string[]) => promisify(execFile)(execPath, ['--conditions=@lowland/source', cli, ...given]);
  [site] = await Promise.all([openSite(), solve(words), solve(about)]);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await site[Symbol.asyncDispose]();
});

const give = (page: Page, name: string, content: string) => page.getByLabel('Files', { exact: true }).setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });
/** A file that is large, and takes no room. */
async function gigabyte(name: string): Promise<string> {
  const path = join(folder, name);
  const file = await open(path, 'w');
  await file.truncate(1_000_000_000);
  await file.close();
  return path;
}

const notices = (page: Page) => page.locator('.notices');

test('a result folder: its trace, its verdict, and a section through its last point', async () => {
  const { page, end } = await site.visit();
  await page.getByLabel('Folder', { exact: true }).setInputFiles(join(folder, 'result'));
  await expectWords(notices(page), /result: lbfgs.* is shown/);
  const result = JSON.parse(await readFile(join(folder, 'result/result.json'), 'utf8')) as { verdict: { sentence: string }; value: number };
  await expectWords(page, result.verdict.sentence);
  await expectWords(page, 'A global minimum, as the file says');
  await expectWords(page, /what the file says; it is not checked yet/);
  await page.getByRole('button', { name: /^Check it here: result/ }).click();
  await expectWords(page, 'A global minimum, checked');
  const lines = (await readFile(join(folder, 'result/trace.csv'), 'utf8')).trim().split('\n').slice(1).map((line) => line.split(','));
  const table = await savedTable(page, 'Traces');
  const mine = table.get('run')!.flatMap((name, k) => (name.startsWith('result') ? [k] : []));
  expect(mine.map((k) => table.get('value')![k])).toEqual(lines.map((line) => line[4]));
  await expectWords(page, /Exact: on this plane/);
  expect(await page.locator('.run-chip[aria-pressed=true]').innerText()).toContain('from a file');
  await end();
});

test('a trace with numbers that are not finite, half a line, and no number at all', async () => {
  const { page, end } = await site.visit();
  await give(page, 'trace.csv', 'round,rank,iteration,seconds,value,gradientNorm\n0,2,0,0,5,NaN\n0,2,1,0.1,NaN,2\n0,2,2,0.2,3,1\n0,2,3,0.');
  await expectWords(notices(page), /^trace.csv is shown.*1 line could not be read .* 2 lines with numbers that are not finite/);
  const table = await savedTable(page, 'Traces');
  expect(table.get('iteration')).toEqual(['0', '1', '2']);
  expect(table.get('value')).toEqual(['5', 'NaN', '3']);
  await give(page, 'other.csv', 'a,b\n1,2\n');
  await expectWords(notices(page), /other.csv is no trace: its first line names no iteration/);
  await end();
});

test('a file that is dropped is opened as one that is chosen', async () => {
  const { page, end } = await site.visit();
  const dataTransfer = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['iteration,seconds,value,gradientNorm\n0,0,1,1\n1,1,0.5,1\n'], 'dropped.csv'));
    return transfer;
  });
  await page.dispatchEvent('body', 'drop', { dataTransfer });
  await expectWords(notices(page), /^dropped.csv is shown/);
  await end();
});

test('a certificate says what it claims; it is checked on its data, claim by claim, and rejected where a number was altered', async () => {
  const { page, end } = await site.visit();
  const text = await readFile(join(folder, 'result/certificate.json'), 'utf8');
  const document = JSON.parse(text) as CertificateDocument;
  await give(page, 'certificate.json', text);
  await expectWords(page, /claims a global minimum\./);
  await expectWords(page, /what the file says; it is not checked yet. Check it here, or with lowland verify certificate.json/);
  const check = page.getByRole('button', { name: 'Check it here: certificate.json' });
  await check.click();
  await expectWords(page, /Checked: every claim holds. The data were generated again: rows=14,cols=10,rank=2, seed 4/);
  // the same claims, with the same digits, as the checker finds in Node
  const { data } = plugin.objectives!.find(({ id }) => id === 'matrix-factorization')!.generate!.create({ rows: 14, cols: 10, rank: 2 }, 4);
  const { claims } = checkCertificate(document, data);
  const table = await savedTable(page, 'Verdict');
  const rows = table.get('what')!.flatMap((what, k) => (what.startsWith('claim: ') ? [[what.slice(7), table.get('is')![k], table.get('computed again')![k], table.get('holds')![k]]] : []));
  expect(rows).toEqual(claims.map(({ claim, stated, recomputed }) => [claim, String(stated ?? ''), String(recomputed ?? ''), 'yes']));
  const altered = { ...document, claims: { ...document.claims, lowerBound: document.claims.lowerBound + 1e-3, gap: 0, relativeGap: 0 } };
  await give(page, 'altered.json', JSON.stringify(altered));
  await page.getByRole('button', { name: 'Check it here: altered.json' }).click();
  await expectWords(page, /^Rejected: lower bound/);
  await expectWords(page, 'A global minimum: rejected by the checker');
  expect(await page.locator('[data-check=rejected] [data-ok=false] td').first().innerText()).toBe('no value is below');
  const elsewhere = { ...document, evidence: { ...document.evidence, data: { ...document.evidence.data, settings: { columns: '1,2,3' } } } };
  await give(page, 'elsewhere.json', JSON.stringify(elsewhere));
  await page.getByRole('button', { name: 'Check it here: elsewhere.json' }).click();
  await expectWords(page, /Its data are a file of their own.* lowland verify certificate.json --data FILE checks it/);
  await give(page, 'certificate.json', text.replace('"claims"', '"clams"'));
  await expectWords(notices(page), /no certificate that this version reads/);
  await end();
});

test('what cannot be read is refused with what to do, and the page stays as it was', async () => {
  const { page, end } = await site.visit();
  const result = await readFile(join(folder, 'result/result.json'), 'utf8');
  await give(page, 'result.json', result.slice(0, result.length / 2));
  await expectWords(notices(page), /result.json is no whole JSON document .* copy it again/);
  await give(page, 'deep.json', `${'['.repeat(200_000)}1${']'.repeat(200_000)}`);
  await expectWords(notices(page), /deep.json (holds no JSON object, but a list|is no whole JSON document)/);
  await give(page, 'deep.json', `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`);
  await expectWords(notices(page), /deep.json (is no result, certificate or saved state|is no whole JSON document)/);
  await give(page, 'photo.png', 'PNG');
  await expectWords(notices(page), /photo.png is of no kind that is read here/);
  await give(page, 'some.json', '[1, 2]');
  await expectWords(notices(page), /holds no JSON object, but a list/);
  await give(page, 'odd.json', JSON.stringify({ format: 'lowland-viewer', version: 1, address: '#objective=double-well&method1=lbfgs', runs: [{ label: 7, work: 5, stop: 'never', trace: { iteration: [0, 1], seconds: 'no', value: [1, 2], gradientNorm: [1, null] }, snapshots: [3] }] }));
  await expectWords(notices(page), /columns of different lengths/);
  const one = { iteration: [0, 'x'], seconds: [0, 1], value: [1, 2], gradientNorm: [1, null] };
  await give(page, 'odd.json', JSON.stringify({ format: 'lowland-viewer', version: 1, address: '#objective=double-well&method1=lbfgs', runs: [{ label: 7, work: { reads: 1 }, verdict: { kind: 'sure', gap: 'none' }, trace: one, snapshots: [{ iteration: 0, tracked: { 'singular-values': [['a']] } }] }] }));
  await expectWords(notices(page), /The state of odd.json is back, with 1 run as saved/);
  await give(page, 'result.json', JSON.stringify({ optimizer: 'lbfgs', verdict: [1], counts: 'many', plan: { capabilities: 3 }, tracked: { distance: {} } }));
  await expectWords(page.locator('.run-list'), /result.json: lbfgs|files: lbfgs/);
  // what a file does not say is not said, and time goes on
  expect(await page.locator('.scrubber output').innerText()).toBe('end: iteration 0');
  expect(await page.locator('[data-panel=verdict]').innerText()).not.toMatch(/nothing was left to chance/);
  // a gigabyte, of which nothing is read
  await page.getByLabel('Files', { exact: true }).setInputFiles(await gigabyte('trace.csv'));
  await expectWords(notices(page), /trace.csv has 1000 MB; 200 MB at most are read here/);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expectWords(page, /converged/);
  await end();
});

test('data of a file: read as the command line does, named in the address, asked for again, and refused where it is another', async () => {
  const { page, end } = await site.visit('#objective=matrix-completion&objective.rank=1&method1=lbfgs&seed=3&limit.iterations=60');
  const data = (name: string, content: string | Buffer) => page.getByLabel('Data file').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });
  const form = page.getByRole('group', { name: 'Problem' });
  await data('cut.npy', Buffer.from("\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (3, 3), }", 'latin1'));
  await expectWords(form, /cut.npy \(byte 69\): the file ends after 69 bytes; expected .* copy or download it again/);
  await data('holes.csv', 'user,film,rating\na,b,NaN\n');
  await expectWords(form, /holes.csv:2: the value in field 3 is NaN; expected a finite number/);
  await page.getByLabel('Data file').setInputFiles(await gigabyte('huge.csv'));
  await expectWords(form, /huge.csv has 1000 MB; 200 MB at most are read here. Run it with the command line/);
  await data('nothing.csv', '');
  await expectWords(form, /nothing.csv: the file is empty/);
  await data('ratings.csv', `${ratings}u0,f0,3\n`);
  await expectWords(form, /ratings.csv:62: /);
  await form.getByLabel('duplicates').selectOption('mean');
  await expectWords(form, /12 × 10, 60 entries observed; SHA-256 of what it means: [0-9a-f]{12}…/);
  await page.locator('.plan-method').first().getByText(/Runs in f64/).waitFor();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await allEnded(page);
  await page.getByText(/Exact: on this plane/).waitFor();
  const hash = await addressOf(page);
  expect(hash).toMatch(/data=ratings.csv&data.sha256=[0-9a-f]{64}&data.duplicates=mean/);
  await page.reload();
  const wanted = page.locator('.notices');
  await expectWords(wanted, /This problem is about the file ratings.csv \(SHA-256 of what it means: [0-9a-f]{12}…\)/);
  const supply = (content: string) => page.getByLabel('The file ratings.csv').setInputFiles({ name: 'mine.csv', mimeType: 'text/plain', buffer: Buffer.from(content) });
  await supply(ratings);
  await expectWords(wanted, /mine.csv is another file, or has changed/);
  await supply(`${ratings}u0,f0,3\n`);
  await page.locator('.plan-method').first().getByText(/Runs in f64/).waitFor();
  expect(await page.getByLabel('The file ratings.csv').count()).toBe(0);
  await end();
});

test('a result whose data are a file: it is asked for, and then there are sections of the very problem', async () => {
  const { page, end } = await site.visit();
  await page.getByLabel('Folder', { exact: true }).setInputFiles(join(folder, 'rated'));
  await expectWords(notices(page), /Sections, spectra and checks of a result here need the file ratings.csv/);
  const check = page.getByRole('button', { name: /^Check it .*: rated/ });
  await check.click();
  await expectWords(page, /ratings.csv is not here: a page keeps no files/);
  await page.getByLabel('The file ratings.csv').setInputFiles(join(folder, 'ratings.csv'));
  await expectWords(page, /Exact: on this plane/);
  // its certificate is checked on that file, with the same entries held back
  await check.click();
  await expectWords(page, /^Checked: every claim holds. The data are those of ratings.csv, less 0.1 of the entries, held back as before/);
  const { value } = JSON.parse(await readFile(join(folder, 'rated/result.json'), 'utf8')) as { value: number };
  // the value at the centre of the section is that of the result: its entries were held back alike
  const table = await savedTable(page, 'Slice');
  expect([...table.values()].flat().map(Number).some((f) => Math.abs(f - value) <= 1e-9 * Math.abs(value))).toBe(true);
  await end();
});
