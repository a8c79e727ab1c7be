/**
 * Products, at the new point, of its steepest direction g, the last one b and the last direction d, both carried there.
 * With y = g - b they give every beta in use.
 */
export interface ConjugateProducts {
  readonly gg: number;
  readonly bg: number;
  readonly bb: number;
  readonly dg: number;
  readonly db: number;
  readonly dd: number;
}

/**
 * PR+: max(0, <g, y> / <b, b>) (Polak and Ribière 1969; at least zero: Powell 1984, Gilbert and Nocedal 1992, doi:10.1137/0802003).
 */
function polakRibiere({ gg, bg, bb }: ConjugateProducts): number {
  return Math.max(0, (gg - bg) / bb);
}

/**
 * CG_DESCENT: <y - 2 d <y,y> / <d,y>, g> / <d,y> (Hager and Zhang 2005, doi:10.1137/030601880), at least 0.4 <d,b> / <d,d>, the
 * bound of its later version (Hager and Zhang 2013, SIAM J. Optim. 23), which knows no unit.
 */
function hagerZhang({ gg, bg, bb, dg, db, dd }: ConjugateProducts): number {
  const dy = dg - db;
  const yy = gg - 2 * bg + bb;
  return Math.max((gg - bg - (2 * yy * dg) / dy) / dy, (0.4 * db) / dd);
}

export const conjugations = { 'polak-ribiere': polakRibiere, 'hager-zhang': hagerZhang } as const;
