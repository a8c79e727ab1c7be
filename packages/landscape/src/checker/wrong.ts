import { LowlandError } from '@lowland/core';

/** Where certificate and data do not go together at all. */
export const wrong = (what: string): LowlandError => new LowlandError('LOWLAND_E_CERTIFICATE', `This certificate cannot be checked on these data: ${what}.`);
