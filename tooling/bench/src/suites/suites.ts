/** The suites that compare contenders. */
import { completion } from './completion.ts';
import type { Comparison } from './comparison.ts';
import { eigen } from './eigen.ts';
import { factorisation } from './factorisation.ts';
import { kernels } from './kernels.ts';
import { recovery } from './recovery.ts';
import { sensing } from './sensing.ts';

export const suites: Readonly<Record<string, Comparison>> = { kernels, factorisation, completion, recovery, sensing, eigen };
