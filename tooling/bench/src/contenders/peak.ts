/** The limit of the machine as a contender: as many flops as the task has, on registers alone. */
import { flopsPerRound, peakKernel } from '../machine/peak.ts';
import { flopsOf, type Task } from '../tasks/task.ts';
import type { NodeContender, Prepared } from './contender.ts';

export const peak: NodeContender = {
  name: '128-bit peak',
  language: 'node',
  kinds: ['gemm', 'factorisation-gradient'],
  dtypes: ['f64', 'f32'],
  threaded: false,
  async open({ dtype }) {
    const kernel = peakKernel(dtype);
    const prepare = (task: Task): Prepared => {
      const rounds = Math.round(flopsOf(task)! / flopsPerRound(dtype));
      return {
        run(times) {
          for (let i = 0; i < times; i += 1) kernel(rounds);
        },
        values: () => [],
      };
    };
    return { version: 'multiply and add on registers, WebAssembly', preparers: { gemm: prepare, 'factorisation-gradient': prepare } };
  },
};
