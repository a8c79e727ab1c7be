import { gzipSync } from 'node:zlib';

import { expect, it } from 'vitest';

import { fileInput, readData } from './index.ts';
import { failure, temporaryFolder } from './testing.ts';

const folder = temporaryFolder();

it('refuses a missing file, and a folder', async () => {
  const missing = await failure(() => readData(fileInput(folder.path('none.csv'))));
  expect(missing.code).toBe('LOWLAND_E_DATA_MISSING');
  expect(missing.message).toContain('none.csv: there is no such file');
  const inside = await failure(() => readData(fileInput(`${folder.write('file.csv', '1,1,1\n')}/x.csv`)));
  expect(inside.code).toBe('LOWLAND_E_DATA_MISSING');
  const itself = await failure(() => readData(fileInput(folder.path('.'))));
  expect(itself.code).toBe('LOWLAND_E_DATA_UNREADABLE');
  expect(itself.message).toContain('this is a folder');
});

const packed = gzipSync('1,1,2\n'.repeat(1000));

it.each([
  ['cut off', packed.subarray(0, packed.length - 12), 'TRUNCATED', 'the gzip stream ends early'],
  ['damaged', Buffer.concat([packed.subarray(0, 10), Buffer.alloc(50, 0xff)]), 'FORMAT', 'the gzip stream is damaged'],
])('refuses a gzip file that is %s', async (_, content, code, message) => {
  const error = await failure(() => readData(fileInput(folder.write('c.csv.gz', content))));
  expect(error.code).toBe(`LOWLAND_E_DATA_${code}`);
  expect(error.message).toContain(message);
});
