/** What the machine can do, measured before anything else. */
import { execFile } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { promisify } from 'node:util';

import type { Contender } from '../contenders/contender.ts';
import { measureTask, type Rounds } from '../processes/rounds.ts';
import { seconds } from '../results/format.ts';
import { best } from '../results/statistics.ts';
import { flopsOf, type Gemm } from '../tasks/task.ts';

/** Of one thread in WebAssembly. */
export interface EngineLimits {
  readonly node: string;
  readonly v8: string;
  /** Flops a second with 128-bit multiply and add. */
  readonly peak: { readonly f64: number; readonly f32: number };
  /** Bytes a second. */
  readonly read: number;
}

export interface Machine extends EngineLimits {
  readonly cpu: string;
  readonly cores: number;
  readonly load: readonly number[];
  /** The large product on OpenBLAS: flops a second. */
  readonly gemm: readonly { readonly contender: string; readonly threads: number; readonly n: number; readonly rate: number; readonly version: string }[];
}

export async function measureMachine(how: Rounds, contenders: readonly Contender[], quick: boolean): Promise<Machine> {
  const load = loadavg();
  await how.gate.pass();
  const { stdout } = await promisify(execFile)(how.node, ['--conditions=@lowland/source', new URL('measure-limits.ts', import.meta.url).pathname, String(quick ? 2 : 20)]);
  const task: Gemm = { kind: 'gemm', n: quick ? 64 : 2000, dtype: 'f64' };
  const blas = contenders.filter(({ name }) => ['openblas', 'numpy'].includes(name));
  const gemm: Machine['gemm'][number][] = [];
  for (const threads of [1, 2]) {
    for (const [contender, answer] of await measureTask(blas, task, threads, { ...how, rounds: 1 })) {
      if (answer.status === 'measured') gemm.push({ contender, threads, n: task.n, rate: flopsOf(task)! / best(answer.samples), version: answer.version });
    }
  }
  return { ...(JSON.parse(stdout) as EngineLimits), cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), load, gemm };
}

export function machineLines({ cpu, cores, load, node, v8, peak, read, gemm }: Machine): readonly string[] {
  const giga = (value: number) => (value / 1e9).toFixed(1);
  return [
    `${cpu}, ${cores} cores, load ${load.map((value) => value.toFixed(2)).join(' ')}; Node.js ${node}, V8 ${v8}`,
    `128-bit multiply and add, one thread: ${giga(peak.f64)} GFlop/s f64, ${giga(peak.f32)} GFlop/s f32; memory read ${giga(read)} GB/s (256 MB in ${seconds(2 ** 28 / read)})`,
    ...gemm.map(({ contender, threads, n, rate, version }) => `gemm ${n}, ${threads} thread${threads === 1 ? '' : 's'}, ${contender}: ${giga(rate)} GFlop/s (${version})`),
  ];
}
