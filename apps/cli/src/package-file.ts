import { fileURLToPath } from 'node:url';

/** The path of a file in this package, from the sources and from the built bundle alike: both lie one folder down. */
export const packageFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
