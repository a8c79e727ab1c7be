/**
 * The machine's peak of 128-bit multiply-add, as WebAssembly can use it: twelve independent sums in registers, no memory.
 *
 * x <- a x + b has a latency of five or six cycles on processors with separate adders, and two of each start in a cycle: twelve
 * chains keep them busy. With a = 1/2, b = 1 the numbers go to 2: nothing overflows, nothing becomes denormal.
 */
import type { Dtype } from '@lowland/core';

import { Assembly, scalar, vector } from '../../../../packages/linalg/src/wasm/asm.ts';

const chains = 12;

/** Flops of one round of the kernel. */
export const flopsPerRound = (dtype: Dtype): number => 2 * chains * vector(dtype).count;

/** Runs so many rounds; returns one of the sums, so that nothing is left out. */
export function peakKernel(dtype: Dtype): (rounds: number) => number {
  const lanes = vector(dtype);
  const assembly = new Assembly();
  assembly.func('peak', { rounds: 'i32', half: dtype, one: dtype }, (f, p) => {
    const half = f.local('v128', lanes.splat(p.half));
    const one = f.local('v128', lanes.splat(p.one));
    const sums = Array.from({ length: chains }, (_, i) => f.local('v128', lanes.splat(scalar(dtype).mul(p.one, 1 + i / chains))));
    const round = f.local('i32', 0);
    f.loop(round, p.rounds, 1, () => {
      for (const sum of sums) f.set(sum, lanes.add(lanes.mul(sum, half), one));
    });
    return lanes.extract(sums.reduce((total, sum) => { f.set(total, lanes.add(total, sum)); return total; }), 0);
  });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assembly.assemble()), { env: { memory: new WebAssembly.Memory({ initial: 0 }) } });
  const peak = exports['peak'] as (rounds: number, half: number, one: number) => number;
  return (rounds) => peak(rounds, 0.5, 1);
}
