import type { CertificateCheck, CertifiedData } from '@lowland/landscape/checker';

import type { Fault } from '../protocol.ts';

/** What the checker is given. */
export interface Evidence {
  /** A certificate as JSON has it: the checker reads it itself. */
  readonly document: unknown;
  readonly data: CertifiedData;
}

/** What it says; a fault where the certificate cannot be checked at all. */
export type Checked = { readonly check: CertificateCheck } | { readonly fault: Fault };
