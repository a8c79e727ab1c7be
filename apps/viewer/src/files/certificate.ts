import type { CertificateDocument } from '@lowland/landscape/checker';

import { FileRun } from '../model/file-run.ts';
import type { RunView } from '../model/types.ts';
import { FileFault } from './fault.ts';
import type { Opened } from './folder.ts';
import { parseFields } from './json.ts';

/** What reads certificates, which few pages need. */
export async function certificateReader() {
  const { readCertificate } = await import('@lowland/landscape/checker');
  return readCertificate;
}

/** @throws FileFault for one that is damaged */
export async function readDocument(name: string, text: string): Promise<CertificateDocument> {
  const fields = parseFields(name, text);
  const readCertificate = await certificateReader();
  try {
    return readCertificate(fields);
  } catch (error) {
    throw new FileFault(`${name} is no certificate that this version reads: ${(error as Error).message}`);
  }
}

/** A certificate: what it claims. Checking it takes its data. @throws FileFault for one that is damaged */
export async function openCertificate(name: string, text: string, id: string): Promise<Opened> {
  const document = await readDocument(name, text);
  const { claims, evidence, words } = document;
  const empty = new Float64Array();
  const view: RunView = {
    id,
    label: name,
    optimizer: '',
    status: 'file',
    message: null,
    trace: { iteration: empty, seconds: empty, value: empty, gradientNorm: empty },
    snapshots: [],
    stop: null,
    plan: null,
    work: null,
    verdict: {
      kind: claims.verdict === 'global-minimum' ? 'global-minimum' : null,
      sentence: claims.verdict === 'global-minimum' ? 'This certificate claims a global minimum.' : 'This certificate claims no global minimum.',
      reason: null,
      problem: words,
      rule: evidence.rule,
      value: claims.value,
      gap: claims.gap,
      relativeGap: claims.relativeGap,
      lowerBound: claims.lowerBound,
      tolerance: claims.tolerance,
      rank: claims.rank,
      normBound: claims.normBound === null ? null : { value: claims.normBound, rule: evidence.rule, failureProbability: claims.failureProbability },
      failureProbability: claims.failureProbability,
      gradient: null,
      curvature: null,
    },
  };
  return { run: new FileRun({ view, snapshots: [], point: null, composition: null, certificate: document }), notes: [] };
}
