/** Opens @lowland/blas, or says what is missing. */
import { blas, blasInfo, symmetricEigen, thinQr, thinSvd } from '@lowland/blas';
import { errorCode, type Backend, type Dtype } from '@lowland/core';

import { Absent } from './contender.ts';
import { decompositions } from './decompositions.ts';

export interface SystemBlas {
  readonly backend: Backend;
  readonly version: string;
  readonly decompositions: ReturnType<typeof decompositions>;
}

/** @throws Absent when there is no library */
export function systemBlas(threads: number, dtype: Dtype): SystemBlas {
  try {
    const { vendor, core, config } = blasInfo({ threads });
    return {
      backend: blas({ threads, dtype }),
      version: `${/^OpenBLAS [\d.]*\d/.exec(config)?.[0] ?? vendor}${core === undefined ? '' : `, kernel ${core}`}, ${threads} thread${threads === 1 ? '' : 's'}`,
      decompositions: decompositions({
        symmetricEigen: (a) => symmetricEigen(a, { threads }),
        thinQr: (a) => thinQr(a, { threads }),
        thinSvd: (a) => thinSvd(a, { threads }),
      }),
    };
  } catch (error) {
    if (errorCode(error) !== 'LOWLAND_E_BLAS_MISSING') throw error;
    throw new Absent(`not installed: ${(error as Error).message}`);
  }
}
