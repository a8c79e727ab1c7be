/** Certificates of this page, and the data of those that come from files: what the checker is given. */
import { errorCode, optionsOf, parseOptions, type Registry } from '@lowland/core';
import { atMultipliers, certificateDocument, inFactors, verdictAt } from '@lowland/landscape';
import type { CertificateDocument, CertifiedData } from '@lowland/landscape/checker';

import { generateSpec } from '../model/command.ts';
import type { Stand } from './analyses/stand.ts';
import { dataOf } from './prepare.ts';
import type { DataRequest, Standpoint } from './protocol.ts';

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

/** Generated data again, from what a certificate records of them. */
export function generatedAgain(registry: Registry, { objective, generate, seed }: DataRequest): CertifiedData {
  const definition = registry.find('objectives', objective);
  if (definition.generate === undefined) return undefined;
  return definition.generate.create(parseOptions(definition.generate.options, generate, `data of ${objective}`), seed).data;
}
