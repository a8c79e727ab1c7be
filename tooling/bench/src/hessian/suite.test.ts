import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { type Cost, hessian } from './suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'lowland-bench-'));
afterAll(() => { rmSync(folder, { recursive: true }); });

test('hessian runs at small sizes, for every route that has a gradient and a product', async () => {
  const printed: string[] = [];
  await hessian.run({ node: process.execPath, python: undefined, only: '', contenders: undefined, rounds: 1, quick: true, out: folder, cache: folder, print: (text) => { printed.push(text); } });
  const report = JSON.parse(readFileSync(join(folder, 'hessian.quick.json'), 'utf8')) as { quick: boolean; rounds: number; rows: readonly (Cost & { readonly ratio: number; readonly most: number })[] };
  expect(report).toMatchObject({ quick: true, rounds: 1 });
  const routes = report.rows.map(({ name, route }) => `${name} ${route}`);
  for (const each of ['matrix-completion fused', 'matrix-completion composed', 'fixedRank(matrix-completion) composed', 'linear-network composed']) expect(routes).toContain(each);
  expect(new Set(routes).size).toBe(routes.length);
  for (const { gradient, product, ratio, most } of report.rows) {
    expect(gradient).toBeGreaterThan(0);
    expect(ratio).toBeCloseTo(product / gradient, 12);
    expect([2.5, 3.5]).toContain(most);
  }
  expect(printed.join('\n')).toMatch(/fixedRank\(matrix-completion\) +composed +\d+ +[\d.]+ us +[\d.]+ us +[\d.]+/);
}, 60_000);
