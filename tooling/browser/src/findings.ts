/** What linalg, and the checker of certificates, find where this runs: in Node.js, in a page, or in a worker of one. */
import { type Device, errorCode, type Mat } from '@lowland/core';
import { checkCertificate } from '@lowland/landscape/checker';
import { cpu, type CpuBackend, type CpuVariant, matrix, symmetricEigen } from '@lowland/linalg';
import { openThreads } from '@lowland/linalg/threads';

import certificate from './certificate.json' with { type: 'json' };

export interface Findings {
  readonly isolated: boolean;
  readonly sharedMemory: boolean;
  readonly variant: CpuVariant;
  /** What insisting on WebAssembly gives: a variant, or the code of the error. */
  readonly insisted: string;
  /** The bits of what all kinds of kernels computed, and of a decomposition. */
  readonly digest: string;
  /** The same on two threads, or the code of the error. */
  readonly threads: string;
  /** The claims of a stored certificate that hold: all of them where nothing is amiss. */
  readonly held: readonly string[];
}

export async function findings(): Promise<Findings> {
  return {
    isolated: (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true,
    sharedMemory: 'SharedArrayBuffer' in globalThis,
    variant: cpu().variant,
    insisted: insist(),
    digest: digest(cpu()),
    threads: await onThreads(),
    held: checkCertificate(certificate).claims.filter(({ ok }) => ok).map(({ claim }) => claim),
  };
}

async function onThreads(): Promise<string> {
  try {
    // So fine a grain that the products are shared out.
    const threads = await openThreads({ count: 2, grain: 1000 });
    const found = digest(cpu({ threads }));
    await threads[Symbol.asyncDispose]();
    return found;
  } catch (error) {
    return errorCode(error) ?? String(error);
  }
}

function insist(): string {
  try {
    return cpu({ kernels: 'wasm' }).variant;
  } catch (error) {
    return errorCode(error) ?? String(error);
  }
}

function digest(backend: CpuBackend): string {
  const device = backend.open() as Device;
  const memory = device.memory();
  const [m, n, r] = [61, 47, 10];
  const given = (rows: number, cols: number): Mat => {
    const x = memory.vector(rows * cols);
    device.write(x, Float64Array.from({ length: x.length }, (_, i) => ((i * 7919) % 1009) / 512 - 1));
    return device.matrix(x, 0, rows, cols);
  };
  const empty = (rows: number, cols: number): Mat => device.matrix(memory.vector(rows * cols), 0, rows, cols);
  const [u, v, product, gram, factor, solved] = [given(m, r), given(n, r), empty(m, n), empty(r, r), empty(r, r), empty(m, r)];
  const indices = (size: number) => memory.integers(Int32Array.from({ length: 200 }, (_, k) => (k * 37) % size));
  const [row, col, values, sums] = [indices(m), indices(n), memory.vector(200), memory.vector(2)];
  const { kernels } = device;
  kernels.gemm('N', 'T', 0.5, u, v, 0, product);
  kernels.gemm('T', 'N', 1, u, u, 0, gram);
  kernels.potrf!(gram, 1, factor);
  kernels.posvRight(gram, 1, u, solved);
  kernels.sddmm(row, col, u, v, values);
  kernels.dot(product, product, sums);
  kernels.nrm2!(values, sums, 1);
  const symmetric = matrix(r, r, Float64Array.from(device.read(gram) as Float64Array));
  const { values: eigenvalues } = symmetricEigen(symmetric);
  let hash = 0;
  for (const numbers of [...[product, gram, factor, solved, values, sums].map((x) => device.read(x) as Float64Array), eigenvalues]) {
    for (const word of new Uint32Array(numbers.slice().buffer)) hash = Math.imul(hash ^ word, 16777619) >>> 0;
  }
  device[Symbol.dispose]();
  return hash.toString(16);
}
