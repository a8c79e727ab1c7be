/** Prints the limits of this process's engine on this machine, each the best of so many runs. */
import type { EngineLimits } from './limits.ts';
import { flopsPerRound, peakKernel } from './peak.ts';
import { readBandwidth } from './read.ts';

const runs = Number(process.argv[2]);

/** Flops a second, in runs of about 10 ms. */
function peakRate(dtype: 'f64' | 'f32'): number {
  const kernel = peakKernel(dtype);
  const rounds = 6e6;
  let best = 0;
  for (let i = 0; i < runs; i += 1) {
    const begin = performance.now();
    kernel(rounds);
    best = Math.max(best, (flopsPerRound(dtype) * rounds) / ((performance.now() - begin) / 1000));
  }
  return best;
}

const limits: EngineLimits = { node: process.versions.node, v8: process.versions.v8, peak: { f64: peakRate('f64'), f32: peakRate('f32') }, read: readBandwidth(runs) };
console.log(JSON.stringify(limits));
