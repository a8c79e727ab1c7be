import type { LoadedData } from '@lowland/data';

/** What was read of files that a person has chosen, by its SHA-256: in the page all of it, in a worker what it was given. */
export const datasets = new Map<string, LoadedData>();
