import { generateRatings } from '@lowland/objectives';
import { full } from '@lowland/vitest-config/full';
import { expect, test } from 'vitest';

import type { ResultDocument } from '../src/document.ts';
import { folder, lowland } from './run-cli.ts';

/** The main job at the size of a well-known set of film ratings; a smaller one stands for it where time is short. */
const size = full ? { rows: 943, cols: 1682, observations: 100_000, lambda: 20 } : { rows: 150, cols: 200, observations: 6000, lambda: 10 };

test('ratings with a timestamp, from a file to a certified minimum, whatever the starting rank', async () => {
  const { rows, cols, observations, lambda } = size;
  const { row, col, values } = generateRatings({ rows, cols, rank: 10, observations, noise: 0.8 }, 1);
  const lines = Array.from(values, (value, k) => `${row[k]! + 1}\t${col[k]! + 1}\t${value}\t${880_000_000 + k}`);
  const cwd = folder({ 'u.data': `${lines.join('\n')}\n` });
  const solve = async (startRank: number): Promise<ResultDocument> => {
    const args = ['solve', 'matrix-completion', '--data', 'u.data', '--rank', 'auto', '--start-rank', String(startRank), '--lambda', String(lambda), '--center', 'bias', '--json', '--quiet'];
    const { code, stdout, stderr } = await lowland(args, { cwd });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    return JSON.parse(stdout) as ResultDocument;
  };
  const documents = [await solve(1), await solve(60)] as const;
  for (const { verdict, seconds, holdout, rank, data } of documents) {
    expect(verdict.kind).toBe('global-minimum');
    expect(verdict.relativeGap).toBeLessThanOrEqual(1e-6);
    expect(seconds).toBeLessThan(30);
    expect(holdout!.rmse).toBeLessThan(holdout!.baselineRmse);
    expect(rank).toBeGreaterThan(1);
    expect(data!.observations + holdout!.count).toBe(observations);
  }
  const [one, sixty] = documents;
  expect(Math.abs(one.value - sixty.value)).toBeLessThanOrEqual(1e-6 * one.value);
}, 180_000);
