import type { Capability, Objective, Point } from '@lowland/core';
import { type Certificate, certificateDocument } from '@lowland/landscape';
import type { CertificateDocument } from '@lowland/landscape/checker';

import { dataFlags } from '../command-line/base-flags.ts';
import type { Request } from '../command-line/request.ts';
import { defaultHoldout } from '../problem.ts';
import type { Setup } from '../set-up.ts';
import { version } from '../version.ts';

/**
 * A certificate for `lowland verify`, with what gets the fitted numbers out of the file again; a string says why there is none. Objective and point are
 * those that were certified: in factors, with multipliers.
 */
export function certificateFile(request: Request, setup: Setup, objective: Objective<Capability>, point: Point, certificate: Certificate): CertificateDocument | string {
  return certificateDocument({
    objective,
    point,
    certificate,
    data: setup.data,
    seed: setup.seed,
    settings: settingsOf(request, setup),
    generator: `lowland ${version()}`,
  });
}

/** How the data were read, without the path of the file, which is the verifier's own. What is held back is said even where it is the default. */
function settingsOf({ given, values }: Request, { held }: Setup): Readonly<Record<string, unknown>> {
  const reading = dataFlags.filter(({ name }) => name !== 'data' && given[name] !== undefined).map(({ name }): [string, unknown] => [name, given[name]]);
  return { ...Object.fromEntries<unknown>(reading), holdout: held === undefined ? 0 : (values['holdout'] ?? defaultHoldout) };
}
