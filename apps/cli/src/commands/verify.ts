import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { errorCode, LowlandError } from '@lowland/core';
import { type CertificateCheck, type CertificateDocument, checkCertificate, type CheckedClaim, readCertificate } from '@lowland/landscape/checker';

import { loadCatalog } from '../catalog.ts';
import { verifyFlags } from '../command-line/base-flags.ts';
import { usageError } from '../command-line/flag.ts';
import { parse, preview, type Values } from '../command-line/parse.ts';
import { jsonText } from '../data/index.ts';
import { exit, type ExitCode, exitCodeHelp } from '../exit.ts';
import { problemData } from '../problem.ts';
import { wrap } from '../report.ts';
import { type Screen, screen } from '../terminal/style.ts';
import { version } from '../version.ts';

const help = {
  name: 'verify',
  summary: 'Recompute every claim of a certificate from the data, without the code that made it.',
  operand: '<certificate.json>',
  epilogue: `The data are read as they were for the certificate, unless a flag says otherwise; generated data are generated again.\n\n${exitCodeHelp}`,
};

/** `lowland verify certificate.json --data FILE`: 0 only if everything holds. */
export async function verify(argv: readonly string[]): Promise<ExitCode> {
  const [path] = preview(verifyFlags, { argv, environment: {} }).operands;
  if (path?.startsWith('-') !== false) {
    parse(help, verifyFlags, { argv, environment: {} });
    throw usageError('Name a certificate: the certificate.json in an --out folder of solve.');
  }
  const document = readDocument(path);
  const values = settingsOf(document, path, argv);
  const definition = (await loadCatalog([], process.cwd())).find('objectives', document.problem.objective);
  const { data } = await problemData(definition, values, values['seed'] as number);
  const check = checkCertificate(document, data);
  const out = screen(process.stdout);
  if (values['json'] === true) out.write(jsonText({ lowland: version(), certificate: path, ...check, problem: document.words }));
  else out.write(`${table(document, check, out).join('\n')}\n`);
  return check.ok ? exit.ok : exit.rejected;
}

function readDocument(path: string): CertificateDocument {
  try {
    return readCertificate(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    if (errorCode(cause)?.startsWith('LOWLAND_E_') === true) throw cause;
    throw new LowlandError('LOWLAND_E_CERTIFICATE', `${path} cannot be read as a certificate: ${(cause as Error).message}.`, { cause });
  }
}

/** What is said on the command line, then what the certificate records. Data from one place push out those from the other. */
function settingsOf({ evidence: { data, seed } }: CertificateDocument, path: string, argv: readonly string[]): Values {
  const { values: given } = preview(verifyFlags, { argv, environment: {} });
  const { generate, ...reading } = data.settings;
  const again = given['data'] === undefined && generate !== undefined ? { generate } : {};
  return parse(help, verifyFlags, { argv, environment: {}, file: { path: resolve(path), values: { holdout: 0, ...reading, ...again, seed } } }).values;
}

function table({ words, evidence, claims: { tolerance } }: CertificateDocument, { ok, claims }: CertificateCheck, out: Screen): string[] {
  const cells = claims.map((claim) => [claim.claim, shown(claim, claim.stated), shown(claim, claim.recomputed)]);
  const header = ['', 'stated', 'recomputed'];
  const widths = header.map((title, k) => Math.max(title.length, ...cells.map((row) => row[k]!.length)));
  const line = (row: readonly string[]): string => row.map((cell, k) => cell.padEnd(widths[k]!)).join('  ');
  const failed = claims.filter((claim) => !claim.ok).map(({ claim }) => claim);
  return [
    ...wrap(`${words}; by the rule ${evidence.rule}`, out.columns),
    '',
    out.style('dim', `  ${line(header)}`),
    ...claims.map((claim, k) => `  ${line(cells[k]!)}  ${claim.ok ? out.style('green', 'holds') : out.style('red', 'REJECTED')}`),
    '',
    `A global minimum here is a point whose relative gap is at most ${tolerance}.`,
    ok ? out.style('green', 'Everything holds.') : out.style('red', `Rejected: ${failed.join(', ')}.`),
  ];
}

/** Digests by their first digits, words only where they differ from what they should be. */
function shown({ claim, ok }: CheckedClaim, value: CheckedClaim['stated']): string {
  if (value === null) return 'none';
  if (typeof value === 'number') return String(Number(value.toPrecision(12)));
  if (claim === 'words') return ok ? 'as above' : `${value.slice(0, 20)}...`;
  return /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : value;
}
