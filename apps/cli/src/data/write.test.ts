import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';

import { runs } from '@lowland/vitest-config/full';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { prepareOutput } from './output-folder.ts';
import { failure, temporaryFolder } from './testing.ts';
import { csvLine, jsonText, writeAtomically } from './write.ts';

const folder = temporaryFolder();

describe('writeAtomically', () => {
  it('replaces a file and leaves nothing else behind', () => {
    mkdirSync(folder.path('atomic'));
    const path = folder.path('atomic/result.json');
    writeAtomically(path, 'one');
    const before = statSync(path).ino;
    writeAtomically(path, ['t', Buffer.from('w'), 'o']);
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(statSync(path).ino).not.toBe(before);
    expect(readdirSync(folder.path('atomic'))).toEqual(['result.json']);
  });

  it('keeps the old file where writing fails', async () => {
    mkdirSync(folder.path('failing'));
    const path = folder.path('failing/result.json');
    writeAtomically(path, 'old');
    function* broken(): Generator<string> {
      yield 'half';
      throw new Error('out of ideas');
    }
    const error = await failure(() => writeAtomically(path, broken()));
    expect(error).toEqual({ code: undefined, message: 'out of ideas' });
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder.path('failing'))).toEqual(['result.json']);
  });

  it('names the file that cannot be written', async () => {
    const error = await failure(() => writeAtomically(folder.path('no/such/folder/x.json'), ''));
    expect(error.code).toBe('LOWLAND_E_OUTPUT_UNWRITABLE');
    expect(error.message).toContain('no/such/folder/x.json: cannot be written');
  });
});

describe('CSV and JSON', () => {
  it('writes fields that csv-parse reads back', () => {
    const field = fc.oneof(fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', '#', 'é', ';') }), fc.double({ noNaN: true }));
    fc.assert(
      fc.property(fc.array(fc.array(field, { minLength: 2, maxLength: 2 }), { minLength: 1 }), (rows) => {
        const back = parse(rows.map(csvLine).join(''), { record_delimiter: '\n' });
        expect(back.map((row) => row.map(String))).toEqual(rows.map((row) => row.map((value) => (Object.is(value, -0) ? '-0' : String(value)))));
      }),
      { seed: 7, numRuns: runs(2_000) },
    );
  });

  it('writes JSON that a person can read', () => {
    expect(jsonText({ a: [1], b: NaN })).toBe('{\n  "a": [\n    1\n  ],\n  "b": null\n}\n');
  });
});

describe('prepareOutput', () => {
  it('makes the folder, takes an empty one, and leaves it empty', () => {
    const path = folder.path('new/deep');
    prepareOutput(path, { force: false });
    prepareOutput(path, { force: false });
    expect(readdirSync(path)).toEqual([]);
  });

  it('refuses a folder with files in it, unless forced, and then keeps them', async () => {
    mkdirSync(folder.path('full'));
    folder.write('full/other.txt', 'mine');
    const error = await failure(() => prepareOutput(folder.path('full'), { force: false }));
    expect(error.code).toBe('LOWLAND_E_OUTPUT_NOT_EMPTY');
    expect(error.message).toContain('full: the folder holds 1 file (other.txt)');
    prepareOutput(folder.path('full'), { force: true });
    expect(readdirSync(folder.path('full'))).toEqual(['other.txt']);
  });

  it('refuses a file, and a folder below a file', async () => {
    const file = folder.write('file', '');
    for (const path of [file, `${file}/below`]) {
      const error = await failure(() => prepareOutput(path, { force: true }));
      expect(error.code).toBe('LOWLAND_E_OUTPUT_NOT_A_FOLDER');
      expect(error.message).toContain(path);
    }
  });

  // A process file system refuses everybody, root too.
  it.runIf(process.platform === 'linux')('refuses where nothing can be written', async () => {
    const error = await failure(() => prepareOutput('/proc/lowland', { force: false }));
    expect(error.code).toBe('LOWLAND_E_OUTPUT_UNWRITABLE');
  });
});
