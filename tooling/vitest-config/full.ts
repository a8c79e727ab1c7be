/** Whether everything runs (`pnpm test:full`), or a fixed tenth of each large property test. */
export const full = process.env['LOWLAND_FULL'] === '1';

/** How often a property test of `n` runs is run here: `n` under `pnpm test:full`, otherwise a tenth. */
export const runs = (n: number): number => (full ? n : Math.ceil(n / 10));
