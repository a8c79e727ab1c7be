import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { full } from '@lowland/vitest-config/full';

import { findPython } from '../contenders/find-python.ts';
import { suites } from './suites.ts';
import { comparison } from './comparison.ts';

const folder = mkdtempSync(join(tmpdir(), 'lowland-bench-'));
afterAll(() => { rmSync(folder, { recursive: true }); });

/** Where everything runs, NumPy and SciPy take part if they are there. */
const python = full ? await findPython(undefined) : undefined;
const contenders = ['lowland', 'lowland plain', '128-bit peak', ...(python === undefined ? [] : ['numpy', 'numpy out=', 'numpy natural', 'scipy', 'scipy natural', 'scipy l-bfgs-b'])];

test.each(Object.values(suites).map((suite) => [suite.name, suite] as const))('%s runs at quick sizes, and contenders agree', async (name, suite) => {
  const printed: string[] = [];
  const met = await comparison(suite).run({
    node: process.execPath,
    python,
    only: '',
    contenders,
    rounds: 1,
    quick: true,
    out: folder,
    cache: folder,
    print: (text) => { printed.push(text); },
  });
  expect(met).toBe(true);
  expect(printed[0]).toMatch(/GFlop\/s f64.*GB\/s/);
  const report = JSON.parse(readFileSync(join(folder, `${name}.quick.json`), 'utf8')) as { rows: { status: string; note: string }[]; machine: { peak: { f64: number } } };
  expect(report.machine.peak.f64).toBeGreaterThan(1e8);
  expect(report.rows.map(({ status, note }) => (status === 'measured' ? status : note))).toEqual(report.rows.map(() => 'measured'));
  expect(readFileSync(join(folder, `${name}.quick.svg`), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s);
}, 240_000);
