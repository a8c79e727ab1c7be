import { parseOptions, type Registry } from '@lowland/core';
import type { AllStationaryPoints, CensusStage, Connections } from '@lowland/landscape';

import type { StationaryPointView, StationaryView } from '../../model/types.ts';
import { counted } from '../../panels/words/count.ts';
import type { Questions, Stage } from '../protocol.ts';
import type { Stand } from './stand.ts';

/** The list of stationary points: sampled and connected, or of few variables all of them. */
export async function stationaryAt(registry: Registry, stand: Stand, { by, options }: Questions['stationary']['ask'], tell: (stage: Stage) => void): Promise<StationaryView> {
  const { options: schema, create } = registry.find('analyses', by);
  const progress = (name: CensusStage | 'saddles', done: number, of: number): void => { tell({ name, done, of }); };
  const analysis = create({ ...(parseOptions(schema, options, by) as object), ...(by === 'connect' && { progress }) });
  return by === 'connect' ? connected(await stand.look<Connections>(analysis)) : listed(await stand.look<AllStationaryPoints>(analysis));
}

function connected({ census, falls, leaves, tree, unfollowed, fewerStarts }: Connections): StationaryView {
  const { orbits, group, unseen, audit, starts, continuum } = census;
  const open = falls.filter(({ to }) => to === null).length;
  return {
    points: orbits.map(({ point, value, gradientNorm, index, kind, spurious, orbit, eigenvalues, seen }) => ({
      point: point.data, value, gradientNorm, index, kind, spurious,
      orbit: { dimension: orbit.dimension, components: orbit.components, rank: orbit.rank },
      smallest: eigenvalues[0] ?? null,
      largest: eigenvalues.at(-1) ?? null,
      seen: seen.given + seen.random + seen.fixed + seen.followed,
    })),
    falls: falls.map(({ from, to, curvature, sign, length }) => ({ from, to, curvature, sign, length })),
    leaves: leaves.map(({ orbit, component }) => ({ point: orbit, component })),
    tree: tree.nodes,
    group,
    complete: null,
    statement: `Unseen: ${Number((100 * unseen.estimate).toPrecision(2))} %. ${unseen.statement}`,
    audit: audit.statement,
    missing: [
      ...(continuum === null ? [] : [`Not isolated: ${continuum.statement}`]),
      ...(fewerStarts === 0 ? [] : [`Started less often than problems of few variables are: ${counted(fewerStarts, 'random start')} fewer, as each takes long here.`]),
      ...(starts.stuck + starts.lost === 0 ? [] : [`Of ${counted(starts.stationary + starts.stuck + starts.lost, 'start')} ${starts.stuck} ended where the gradient is not zero, and ${starts.lost} left the landscape: what they would have led to is not known.`]),
      ...(unfollowed === 0 ? [] : [`No ways down were followed from ${unfollowed} saddles or flat points, the highest: ways that lead through them are missing.`]),
      ...(open === 0 ? [] : [`${counted(open, 'way')} down ended at no point of the list.`]),
    ],
  };
}

function listed({ points, complete, reason, bezout, solutions, eulerSum }: AllStationaryPoints): StationaryView {
  const least = Math.min(...points.map(({ value }) => value));
  return {
    points: points.map(({ point, value, index, eigenvalues }): StationaryPointView => {
      const lowest = value <= least + 1e-9 * Math.max(1, Math.abs(least));
      return {
        point: point.data, value, gradientNorm: null, index, kind: kindOf(index, eigenvalues.length, lowest), spurious: index === 0 && !lowest, orbit: null,
        smallest: eigenvalues[0] ?? null, largest: eigenvalues.at(-1) ?? null, seen: null,
      };
    }),
    falls: [],
    leaves: [],
    tree: [],
    group: null,
    complete,
    statement: complete ? `All ${points.length} stationary points: ${solutions} complex solutions were isolated, as many as there can be (${bezout}).` : `The list may not be complete: ${reason ?? 'unknown'}.`,
    missing: [],
    audit: eulerSum === null ? null : `The sum of (-1)^index is ${eulerSum}; of a coercive function with nondegenerate points it is 1.`,
  };
}

function kindOf(index: number | null, variables: number, lowest: boolean): StationaryPointView['kind'] {
  if (index === null) return 'degenerate';
  if (index === 0) return lowest ? 'least' : 'minimum';
  return index === variables ? 'maximum' : 'saddle';
}
