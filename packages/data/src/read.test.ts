import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { asForm } from './forms.ts';
import { npyBytes } from './npy.ts';
import { readData } from './read.ts';
import { failure, file } from './testing.ts';
import type { Format } from './types.ts';
import { blobInput } from './web.ts';

describe('readData', () => {
  it.each<readonly [name: string, text: string, format: Format]>([
    ['a.csv', '1,1,2\n', 'csv'],
    ['a.TSV', '1\t1\t2\n', 'tsv'],
    ['a.txt', '1 1 2\n', 'text'],
    ['a', '1;1;2\n', 'text'],
    ['a.mtx', '%%MatrixMarket matrix array real general\n1 1\n2\n', 'matrix-market'],
    ['a.unknown', '%%MatrixMarket matrix array real general\n1 1\n2\n', 'matrix-market'],
  ])('finds the format of %s', async (name, text, format) => {
    expect(await readData(file(name, text))).toMatchObject({ format, source: name });
  });

  it('follows the format asked for', async () => {
    const path = file('b.csv', '1\t1\t2\n1\t2\t3\n');
    expect((await readData(path, { format: 'tsv' })).form).toBe('entries');
  });

  const packed = gzipSync('1,1,2\n'.repeat(1000));
  const cases: readonly (readonly [what: string, name: string, content: string | Uint8Array, code: string, message: string])[] = [
    ['an empty file', 'c.csv', '', 'EMPTY', 'c.csv: the file is empty'],
    ['an empty NPY file', 'c.npy', '', 'EMPTY', 'c.npy: the file is empty'],
    ['binary data as text', 'c.csv', Buffer.from([0x31, 0x2c, 0x00, 0x01]), 'FORMAT', 'c.csv (byte 2): the file is not text'],
    ['UTF-16', 'c.csv', Buffer.from('\ufeff1,1,2\n', 'utf16le'), 'ENCODING', 'c.csv (byte 0): the file is UTF-16'],
    ['NPY in a file called CSV', 'c.csv', npyBytes([1, 1], Float64Array.of(1)), 'FORMAT', 'c.csv (byte 0): the name ends in ".csv", the content is NPY'],
    ['text in a file called NPY', 'c.npy', '1,2,3\n', 'FORMAT', 'c.npy (byte 0): it starts with "1,2,3\\n"'],
    ['text in a file called NPZ', 'c.npz', '1,2,3\n', 'TRUNCATED', 'c.npz (byte 6): the archive is damaged'],
    ['a gzip file that is cut off', 'c.csv.gz', packed.subarray(0, packed.length - 12), 'TRUNCATED', 'c.csv.gz: the gzip stream ends early'],
    ['a gzip file that is damaged', 'c.csv.gz', Buffer.concat([packed.subarray(0, 10), Buffer.alloc(50, 0xff)]), 'FORMAT', 'c.csv.gz: the gzip stream is damaged'],
    ['an empty file inside gzip', 'c.csv.gz', gzipSync(''), 'EMPTY', 'c.csv.gz: the file is empty'],
  ];
  it.each(cases)('refuses %s', async (_, name, content, code, message) => {
    const error = await failure(() => readData(file(name, content)));
    expect(error.code).toBe(`LOWLAND_E_DATA_${code}`);
    expect(error.message).toContain(message);
  });

  it('unpacks no more than is allowed', async () => {
    const bomb = new Blob([gzipSync('1,1,2\n'.repeat(100_000))]);
    const error = await failure(() => readData(blobInput('bomb.csv.gz', bomb, 50_000)));
    expect(error.code).toBe('LOWLAND_E_DATA_FORMAT');
    expect(error.message).toContain('it unpacks to more than 0.05 MB');
  });

  it.each([[{ rows: 0 }], [{ cols: 1.5 }], [{ rows: NaN }], [{ delimiter: '::' }], [{ delimiter: 'é' }]])('refuses the options %o', async (options) => {
    const error = await failure(() => readData(file('d.csv', '1,1,1\n'), options));
    expect(error.code).toBe('LOWLAND_E_DATA_OPTION');
  });
});

describe('asForm', () => {
  it('takes a matrix for entries, all observed, and back', async () => {
    const loaded = await readData(file('m.npy', npyBytes([2, 2], Float64Array.of(1, 2, 3, 4))));
    const entries = asForm(loaded, 'entries');
    expect(entries.data).toEqual({ rows: 2, cols: 2, row: Int32Array.of(0, 0, 1, 1), col: Int32Array.of(0, 1, 0, 1), values: Float64Array.of(1, 2, 3, 4) });
    expect(entries.digest).toBe(loaded.digest);
    expect(asForm(entries, 'matrix').data).toEqual(loaded.data);
    expect(asForm(loaded, 'matrix')).toBe(loaded);
  });

  it('takes entries with holes for a matrix only when told what holes are', async () => {
    const loaded = await readData(file('holes.csv', '1,1,5\n2,2,6\n'));
    const error = await failure(() => asForm(loaded, 'matrix'));
    expect(error.code).toBe('LOWLAND_E_DATA_FORM');
    expect(error.message).toContain('holes.csv: the file holds entries; expected a full matrix, where 2 of 4 cells are unobserved');
    expect([...asForm(loaded, 'matrix', { unlisted: 'zero' }).data.values]).toEqual([5, 0, 0, 6]);
  });

  it('refuses what makes no sense', async () => {
    const loaded = await readData(file('w.csv', '1,1,5,1\n'), { columns: { weight: 4 } });
    for (const form of ['matrix', 'measurements', 'none'] as const) {
      const error = await failure(() => asForm(loaded, form));
      expect(error.code).toBe('LOWLAND_E_DATA_FORM');
      expect(error.message).toContain('w.csv');
    }
  });
});
