import { createPoint, type Definition, LowlandError, options, string, type Tracker } from '@lowland/core';
import { solutionDistance } from '@lowland/landscape';

import { readBlocks } from '../output/recorded.ts';

const schema = options({ path: string({ default: '', summary: 'The --out folder of a run that holds the solution (--solution-distance.path). Of track --from, where nothing is said, the run itself: it is measured against its own end.' }) });

/** The distance to the orbit of a solution that a folder holds. @throws LOWLAND_E_OPTIONS at the start without a folder, LOWLAND_E_SHAPE for a solution of another size */
function toStored({ path }: { readonly path: string }): Tracker<'factors', number> {
  return {
    id: 'solution-distance',
    requires: ['factors'],
    start(context) {
      if (path === '') throw new LowlandError('LOWLAND_E_OPTIONS', 'The tracker solution-distance needs the solution: an --out folder, named by --solution-distance.path.');
      const { layout } = context.problem;
      const { data } = readBlocks(path, layout);
      const { length } = createPoint(layout).data;
      if (data.length !== length) throw new LowlandError('LOWLAND_E_SHAPE', `The solution in ${path} has ${data.length} numbers, the problem ${length}.`, { details: { expected: length, given: data.length } });
      return solutionDistance(createPoint(layout, data)).start(context);
    },
  };
}

export const solutionDistanceDefinition = {
  apiVersion: 1,
  id: 'solution-distance',
  summary: 'The distance of the factors to the orbit of a known solution.',
  formula: 'min over orthogonal Psi of |W - W* Psi|_F, W = [U; V]',
  whenToUse: 'To see the rate at which a run comes to its end, when that is known: lowland track solution-distance --from the run.',
  reference: 'Schönemann 1966, doi:10.1007/BF02289451',
  requires: ['factors'],
  options: schema,
  create: toStored,
} as const satisfies Definition<{ readonly path: string }, Tracker<'factors', number>>;
