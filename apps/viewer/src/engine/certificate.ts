/** Certificates of this page, and the data of those that come from files: what the checker is given. */
import { errorCode, optionsOf, type Registry } from '@lowland/core';
import { splitEntries } from '@lowland/data';
import { atMultipliers, certificateDocument, inFactors, verdictAt } from '@lowland/landscape';
import { type CertificateDocument, type CertifiedData, dataDigest } from '@lowland/landscape/checker';

import { generateSpec } from '../model/command.ts';
import type { Composition } from '../model/composition.ts';
import type { Stand } from './analyses/stand.ts';
import { dataOf } from './prepare.ts';
import type { Standpoint } from './protocol.ts';

/** A certificate of a point with the data that it is about, or why there is none. */
export type Certified = { readonly document: CertificateDocument; readonly data: CertifiedData } | { readonly why: string };

/** What is proved about the point, written down as `lowland solve --out` does: `lowland verify` makes its data again and checks it. */
export async function certificateAt(registry: Registry, { objective, point, backend, seed }: Stand, { composition }: Standpoint, tolerance: number): Promise<Certified> {
  const place = await atMultipliers(await inFactors({ objective, point }, backend), backend);
  const found = await verdictAt(objective, point, { backend, seed, tolerance }).catch((error: unknown) => {
    if (errorCode(error) === undefined) throw error;
    return (error as Error).message;
  });
  if (typeof found === 'string') return { why: found };
  const { generate } = registry.find('objectives', composition.objective.id);
  const data = dataOf(registry, composition);
  const settings = composition.data === null ? { ...(generate !== undefined && { generate: generateSpec(composition.generate, optionsOf(generate.options)) }), holdout: 0 } : { ...composition.data.reading, holdout: composition.data.holdout };
  const document = certificateDocument({ ...place, certificate: found.certificate, ...(data !== undefined && { data }), seed, settings, generator: 'lowland viewer' });
  return typeof document === 'string' ? { why: document } : { document, data };
}

/** Numbers that are fitted, and what a certificate of them calls them. */
export interface Fitted {
  readonly data: CertifiedData;
  readonly digest: string;
}

/** The numbers of a composition, a file's or generated ones, less the share of entries that was held back of them. */
export function fittedAgain(registry: Registry, composition: Composition, holdout: number): Fitted {
  const all = dataOf(registry, composition);
  const data = holdout > 0 && all !== undefined && 'row' in all ? (splitEntries(all, holdout, composition.seed)?.training ?? all) : all;
  return { data, digest: dataDigest(data) };
}
