import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { TraceFile } from './trace.ts';

const file = (): string => join(mkdtempSync(join(tmpdir(), 'lowland-trace-')), 'trace.csv');
const row = (iteration: number, round = 0) => ({ round, rank: 2, iteration, seconds: iteration / 8, value: 1 / 3, gradientNorm: NaN });

test('rows read back to the same numbers', () => {
  const path = file();
  const trace = new TraceFile(path);
  trace.append(row(0));
  trace.append(row(1));
  trace.close();
  expect(readFileSync(path, 'utf8')).toBe(`round,rank,iteration,seconds,value,gradientNorm\n0,2,0,0,${1 / 3},NaN\n0,2,1,0.125,${1 / 3},NaN\n`);
});

test('rows reach the file while the trace is open, at the latest after half a second', async () => {
  const path = file();
  const trace = new TraceFile(path);
  const lines = () => readFileSync(path, 'utf8').split('\n').length - 2;
  trace.append(row(0));
  await new Promise((resolve) => setTimeout(resolve, 300));
  trace.append(row(1));
  expect(lines()).toBe(2);
  trace.close();
});

test('a trace that goes on is cut where it was told, also behind half a line', () => {
  const path = file();
  const first = new TraceFile(path);
  for (let k = 0; k < 5; k++) first.append(row(k));
  first.close();
  writeFileSync(path, `${readFileSync(path, 'utf8')}0,2,5,0.6`);
  const second = new TraceFile(path, (_, iteration) => iteration <= 2);
  second.append(row(3));
  second.close();
  expect(readFileSync(path, 'utf8').trim().split('\n').slice(1).map((line) => line.split(',')[2])).toEqual(['0', '1', '2', '3']);
});
