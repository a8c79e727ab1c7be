/** Two copies of core, as two versions in one node_modules would be, compose: for the compiler and at run time. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { descent, factorization } from '../test/problems.ts';
import * as one from './index.ts';
import { referenceBackend } from './testing/index.ts';

const root = join(import.meta.dirname, '..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(root, '.copy-'));
  cpSync(import.meta.dirname, join(folder, 'src'), { recursive: true, filter: (path) => !/\.test(-d)?\.ts$/.test(path) });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The compiler's complaints about a file in the folder, under the settings of this package. */
function complaints(file: string): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram([file], options);
  const source = program.getSourceFile(file);
  return [...program.getGlobalDiagnostics(), ...program.getSemanticDiagnostics(source)].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('two copies of core', () => {
  it('compose for the compiler', () => {
    const file = join(folder, 'compose.ts');
    const here = relative(folder, import.meta.dirname);
    writeFileSync(
      file,
      `import * as one from '${here}/index.ts';
       import * as two from './src/index.ts';
       declare const objective: two.Objective<'valueAndGradient'>;
       declare const optimizer: one.Optimizer<'gradient', 'truth'>;
       declare const other: two.Optimizer<'value'>;
       declare const analysis: one.Analysis<'value', number>;
       declare const backend: two.Backend;
       declare const point: one.Point;
       declare const plugin: two.Plugin;
       void one.solve(objective, optimizer, { backend, stop: two.maxIterations(1) });
       void two.solve(objective, other, { backend, point });
       void two.analyse(objective, analysis, point, backend);
       one.createRegistry([plugin]);
       // still checked:
       declare const needs: two.Optimizer<'symmetry'>;
       // @ts-expect-error -- symmetry is not provided
       void one.solve(objective, needs, { backend });`,
    );
    expect(complaints(file)).toEqual([]);
  });

  it('compose at run time, errors included', async () => {
    const two = (await import(pathToFileURL(join(folder, 'src/index.ts')).href)) as typeof one;
    expect(two.LowlandError).not.toBe(one.LowlandError);
    const solution = await two.solve(factorization(4, 1), descent(0.05), { backend: referenceBackend(), stop: one.maxIterations(5) });
    const resumed = await one.solve(factorization(4, 1), descent(0.05), { backend: referenceBackend(), stop: two.maxIterations(7), resume: solution.checkpoint() });
    expect(resumed.iterations).toBe(7);
    const error: unknown = await two.solve(factorization(4, 1), { ...descent(0.05), requires: ['lift' as never] }, { backend: referenceBackend() }).catch((thrown: unknown) => thrown);
    expect(error).not.toBeInstanceOf(one.LowlandError);
    expect(one.errorCode(error)).toBe('LOWLAND_E_CAPABILITY');
  });
});
