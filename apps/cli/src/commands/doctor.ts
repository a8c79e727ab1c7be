import { arch, platform, version as node } from 'node:process';

import { errorCode } from '@lowland/core';

import { jsonFlag } from '../command-line/base-flags.ts';
import { parse } from '../command-line/parse.ts';
import { jsonText } from '../data/write.ts';
import { exit, type ExitCode, exitCodeHelp } from '../exit.ts';
import { screen } from '../terminal/style.ts';
import { version } from '../version.ts';

/** What a backend says of itself here, or why it cannot be used. */
type Finding = { readonly usable: true; readonly [fact: string]: unknown } | { readonly usable: false; readonly code: string; readonly why: string };

/**
 * `lowland doctor`: what computes here. With --json `{ lowland, node, platform, backends: { cpu, blas, webgpu } }`, each backend
 * `{ usable: true, … }` with what it says of itself, or `{ usable: false, code, why }`.
 */
export async function doctor(argv: readonly string[]): Promise<ExitCode> {
  const { values } = parse({ name: 'doctor', summary: 'Say which backends work here, on what, and what the others lack.', epilogue: exitCodeHelp }, [jsonFlag], { argv, environment: process.env });
  const backends = {
    cpu: await ask(async () => {
      const { cpu } = await import('@lowland/linalg');
      return { kernels: cpu().variant };
    }),
    blas: await ask(async () => ({ ...(await import('@lowland/blas')).blasInfo() })),
    webgpu: await ask(async () => ({ ...(await (await import('@lowland/webgpu')).webgpuInfo()) })),
  };
  if (values['json'] === true) {
    process.stdout.write(jsonText({ lowland: version(), node, platform: `${platform} ${arch}`, backends }));
    return exit.ok;
  }
  const out = screen(process.stdout);
  out.write(`lowland ${version()}, Node.js ${node}, ${platform} ${arch}\n`);
  for (const [name, finding] of Object.entries(backends)) {
    out.write(`${out.style('bold', name)}${finding.usable ? '' : ': not usable'}\n`);
    const lines = finding.usable ? factLines(finding, '  ') : [`  ${finding.why} [${finding.code}]`];
    out.write(`${lines.join('\n')}\n`);
  }
  return exit.ok;
}

async function ask(say: () => Promise<Readonly<Record<string, unknown>>>): Promise<Finding> {
  try {
    return { usable: true, ...(await say()) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const missing = 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    const code = errorCode(error) ?? (missing ? 'ERR_MODULE_NOT_FOUND' : undefined);
    if (code === undefined) throw error;
    return { usable: false, code, why: missing ? 'its package is not installed.' : error.message };
  }
}

/** One fact a line; records are indented, lists in a row. */
function factLines(facts: Readonly<Record<string, unknown>>, indent: string): string[] {
  return Object.entries(facts).flatMap(([name, fact]) => {
    if (name === 'usable' || fact === undefined || fact === '') return [];
    if (Array.isArray(fact)) return [`${indent}${name}: ${fact.join(' ')}`];
    if (typeof fact === 'object' && fact !== null) return [`${indent}${name}`, ...factLines(fact as Readonly<Record<string, unknown>>, `${indent}  `)];
    return [`${indent}${name}: ${typeof fact === 'string' ? fact : JSON.stringify(fact)}`];
  });
}
