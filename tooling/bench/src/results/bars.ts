/** The bars of a chart from the rows of a run. */
import type { Verdict } from './check.ts';
import type { Row } from './row.ts';
import type { Bar, BarGroup } from './svg.ts';
import { reference } from './table.ts';

/** One group for each task and number of threads: all others against us with the floors marked, then the floors of other pairs. */
export function bars(rows: readonly Row[], verdicts: readonly Verdict[]): readonly BarGroup[] {
  const titles = [...new Set(rows.map(titleOf))];
  return titles.flatMap((title) => {
    const own = rows.filter((row) => titleOf(row) === title && row.status === 'measured');
    const us = own.find(({ contender }) => contender === reference);
    const judged = verdicts.filter(({ floor, ratio }) => titleOf(floor) === title && ratio !== undefined);
    const plain = ({ floor }: Verdict) => floor.ours === reference && floor.rivalThreads === undefined;
    const against = us === undefined ? [] : own.filter((row) => row !== us).map(({ contender, best }): Bar => {
      const verdict = judged.find((each) => plain(each) && each.rival === contender);
      return { label: contender, ratio: best! / us.best!, ...(verdict && { floor: verdict.floor.least }) };
    });
    const others = judged.filter((verdict) => !plain(verdict)).map(({ floor, rival, ratio }): Bar => ({
      label: `${floor.ours} / ${rival!}${floor.rivalThreads === undefined ? '' : ` on ${floor.rivalThreads} thread`}`,
      ratio: ratio!,
      floor: floor.least,
    }));
    const both = [...against, ...others];
    return both.length === 0 ? [] : [{ title, bars: both }];
  });
}

const titleOf = ({ task, threads }: { readonly task: string; readonly threads: number }): string => `${task}, ${threads} thread${threads === 1 ? '' : 's'}`;
